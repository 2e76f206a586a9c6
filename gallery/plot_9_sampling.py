"""
# Four ways to draw a batch

With and without replacement, in reshuffled epochs, and always in the same
order: the same steps, the same data, and four different noises.
"""

# %% four ways
# ## Side by side
# Batch size 10, learning rate 0.1, ten passes over the data, from the
# minimiser. Only the rows of a batch differ. With seed 641 the runs stray as
# the middle half of many do, and the last pass is an ordinary one.

from sgdlib import LeastSquares, noisy_line, theory, train

problem = LeastSquares(noisy_line(seed=42))
start = problem.minimiser.tolist()
ways = {
    "with replacement": "replacement",
    "fresh": "fresh",
    "reshuffled epochs": "epochs",
    "cyclic": "cyclic",
}
notes = {
    "with replacement": "A row may come twice in one batch.",
    "fresh": "Ten different rows, drawn anew each time. Hardly calmer.",
    "reshuffled epochs": "Every row once in ten steps. Much calmer.",
    "cyclic": "Ten batches for ever: the path becomes a closed loop.",
}

from sgdlib import Animation, AnimationTable, ParameterPlane

how = {"batch_size": 10, "start": start, "seed": 641}
runs = {way: train(problem, sampler=ways[way], **how) for way in ways}
AnimationTable(
    runs,
    views=[ParameterPlane(near=0.2)],
    name="sampling",
    title="Four ways to draw a batch of ten",
    notes=notes,
)

# %% floors
# ## In numbers
# Three hundred runs each. They start at the minimiser and take ten passes to
# forget it. From forty passes more: the mean excess loss after each step of a
# pass, in thousandths, the largest error of a mean, and what is exact.

import numpy as np


def excess(sampler, size=10, drop_last=False, **how):
    steps = 100 // size if drop_last else -(-100 // size)
    how |= {"steps": 50 * steps, "replicas": 300, "record": ["loss"]}
    how |= {"batch_size": size, "drop_last": drop_last, "start": start}
    runs = train(problem, sampler=sampler, **how)
    late = runs.loss[:, -40 * steps :].reshape(300, 40, steps).mean(axis=1)
    floor = 1000 * (late.mean(axis=0) - problem.lowest_loss)
    return floor, 1000 * late.std(axis=0) / 300**0.5


floors = {way: excess(sampler) for way, sampler in ways.items()}
print("step  replacement  fresh  epochs  cyclic")
for step in range(10):
    row = [floor[step] for floor, _ in floors.values()]
    print("{:4}{:13.1f}{:7.1f}{:8.1f}{:8.1f}".format(step + 1, *row))
errors = [error.max() for _, error in floors.values()]
print("   ±{:13.2f}{:7.2f}{:8.2f}{:8.2f}".format(*errors))
for way in ("replacement", "fresh"):
    exact = 1000 * theory.noise_floor(problem, 0.1, 10, way)
    print(f"{way}, exactly: {exact:.2f} at every step")

# %% learning rate
# ## Half the learning rate
# How many times lower is it then, and as which power of the learning rate?

print("               whole pass  step 5  step 10")
for way in ("with replacement", "reshuffled epochs"):
    (high, some), (low, more) = floors[way], excess(ways[way], lr=0.05)
    times = np.array([high.mean() / low.mean(), *(high / low)[[4, 9]]])
    print(way)
    print("  times lower  {:10.1f}{:8.1f}{:9.1f}".format(*times))
    print("  power        {:10.1f}{:8.1f}{:9.1f}".format(*np.log2(times)))
error = np.hypot(some / high, more / low).max()
print(f"a number of times is known to {100 * error:.0f} %")

# %% last batch
# ## The last batch
# A hundred rows don't divide into batches of 32: the last one has four. Keep
# it, drop it, or tone it down: give it as much of the learning rate as it has
# rows. The last three steps of a pass, and its end as a multiple, known to 2 %.

from functools import partial

from torch.optim.lr_scheduler import LambdaLR

for size in (32, 16):
    steps, rest = -(-100 // size), 100 % size
    rates = [1.0] * (steps - 1) + [rest / size]
    toned = partial(LambdaLR, lr_lambda=lambda t, r=rates: r[t % len(r)])
    found = {"dropped": excess("epochs", size, drop_last=True)[0]}
    found["kept"], _ = excess("epochs", size)
    found["toned down"], _ = excess("epochs", size, schedule=toned)
    print(f"batches of {size}, {rest} rows left")
    for name, each in found.items():
        row = " ".join(f"{value:<#6.2g}" for value in each[-3:])
        print(f"  {name:10}  {row} {each[-1] / found['dropped'][-1]:.2g} ×")

# %% breath
# ## A breath in every pass
# A hundred runs that start at the minimiser. Every fourth step is the small
# batch's.

how = {"batch_size": 32, "steps": 40, "replicas": 100, "start": start}
Animation(
    {"last batch kept": train(problem, sampler="epochs", **how)},
    views=[ParameterPlane(near=0.15)],
    name="last-batch",
    title="Batches of 32, 32, 32 and 4 rows",
)
