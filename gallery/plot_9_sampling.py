"""
# Four ways to draw a batch

With and without replacement, in reshuffled epochs, and always in the same
order: the same steps, the same data, and four different noises.
"""

# %% four ways
# ## Side by side
# Batch size 10, learning rate 0.1, ten passes over the data, from the
# minimiser. All that differs is which rows make a batch.

from sgdlib import (
    AnimationTable,
    LeastSquares,
    ParameterPlane,
    noisy_line,
    train,
)

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
    "fresh": "Ten different rows, whatever came before. Hardly calmer.",
    "reshuffled epochs": "Every row once in ten steps. Much calmer.",
    "cyclic": "Ten batches for ever: the path becomes a closed loop.",
}
AnimationTable(
    {
        way: train(problem, batch_size=10, sampler=sampler, start=start)
        for way, sampler in ways.items()
    },
    views=[ParameterPlane(near=0.2)],
    name="sampling",
    title="Four ways to draw a batch of ten",
    notes=notes,
)

# %% floors
# ## In numbers
# Two thousand runs each, from the minimiser, until they have forgotten it.
# Then the mean excess loss, in thousandths, after each step of a pass.

how = {"start": start, "record": ["loss"]}


def excess(sampler, lr=0.1, size=10, passes=14, **more):
    steps = -(-100 // size) if not more.get("drop_last") else 100 // size
    runs = train(
        problem,
        lr=lr,
        batch_size=size,
        sampler=sampler,
        steps=steps * passes,
        replicas=2000,
        **how,
        **more,
    )
    return 1000 * (runs.loss.mean(axis=0) - problem.lowest_loss)[-steps:]


for way, sampler in ways.items():
    print(f"{way:18}" + "".join(f"{e:5.1f}" for e in excess(sampler)))

# %% learning rate
# ## Half the learning rate
# How many times lower is it with half the learning rate?

print("                      mean of a pass   middle   end of a pass")
for way in ("with replacement", "reshuffled epochs"):
    high, low = (
        excess(ways[way], lr, passes=round(2 / lr)) for lr in (0.1, 0.05)
    )
    times = high.mean() / low.mean(), high[4] / low[4], high[9] / low[9]
    print(f"{way:20}" + "".join(f"{ratio:13.1f}" for ratio in times))

# %% last batch
# ## The last batch
# A hundred rows don't divide into batches of 32. The last one has four.

for drop_last in (False, True):
    found = excess("epochs", size=32, drop_last=drop_last)
    name = "dropped" if drop_last else "kept"
    print(f"last batch {name:8}" + "".join(f"{e:6.2f}" for e in found))

# %% breath
# ## A breath in every pass
# A hundred runs that start at the minimiser. Every fourth step is the small
# batch's.

from sgdlib import Animation

Animation(
    {
        "last batch kept": train(
            problem,
            batch_size=32,
            sampler="epochs",
            start=start,
            steps=40,
            replicas=100,
        )
    },
    views=[ParameterPlane(near=0.15)],
    name="last-batch",
    title="Batches of 32, 32, 32 and 4 rows",
)
