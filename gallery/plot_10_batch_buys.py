"""
# What a larger batch buys

The same runs against three clocks: steps, rows read, and time. Each says
something else about the batch size, and none of them is wrong.
"""

# %% fastest
# ## The best that each batch size can do
# For every batch size, the constant learning rate that brings the expected
# excess loss down to 0.01 in the fewest steps.

from sgdlib import LeastSquares, noisy_line, theory

problem = LeastSquares(noisy_line(seed=42))
start, drawn = (-1.0, 1.0), "replacement"
sizes = (1, 2, 4, 8, 16, 32, 64)
best = {b: theory.fastest(problem, b, 0.01, start, drawn) for b in sizes}
print("batch size   learning rate   steps   rows read")
for b, (lr, steps) in best.items():
    print(f"{b:10}   {lr:13.3f}   {steps:5}   {b * steps:9}")

# %% runs
# ## Real runs of the four that we compare
# A thousand runs each at its best learning rate, and their mean excess loss.

import numpy as np
from sgdlib import train

excess = {}
for b in (1, 4, 16, 64):
    lr, steps = best[b]
    how = {"sampler": drawn, "replicas": 1000, "record": ["loss"]}
    many = train(problem, lr=lr, batch_size=b, steps=steps, **how)
    excess[b] = many.loss.mean(axis=0) - problem.lowest_loss
    print(f"batch size {b:2}: {excess[b][-1]:.4f} after {steps} steps")

# %% steps
# ## Against steps

from sgdlib import Curves, Figure


def against(label, cost, log=False):
    curves = {
        f"size {b}": (cost(np.arange(len(loss)), b), loss)
        for b, loss in excess.items()
    }
    return Curves(
        curves, label, "excess loss", "Mean loss of 1000 runs", y_log=True
    )


by_steps = against("steps", lambda step, b: step)
Figure([by_steps], name="batch-steps", title="Against steps")

# %% rows
# ## Against rows read

by_rows = against("rows read", lambda step, b: step * b)
Figure([by_rows], name="batch-rows", title="Against rows read")

# %% time
# ## Against time
# A model of a machine: a step costs 1 in any case, and every 8 rows, which it
# reads side by side, cost 1 more.

by_time = against("time", lambda step, b: step * (1 + np.ceil(b / 8)))
Figure([by_time], name="batch-time", title="Against time")

# %% fastest in time
# ## Which one is the fastest, then?

for parallel in (1, 8, 64):
    times = {
        b: steps * (1 + np.ceil(b / parallel))
        for b, (_, steps) in best.items()
    }
    print(
        f"{parallel:2} rows side by side: batch size {min(times, key=times.get)}"
    )

# %% linear scaling
# ## Twice the batch, twice the learning rate
# The floor, with the learning rate in proportion to the batch.

print("batch size   learning rate   floor")
for b in sizes:
    floor = theory.noise_floor(problem, 0.0125 * b, b, drawn)
    print(f"{b:10}   {0.0125 * b:13.4f}   {floor:.4f}")

# %% noise scale
# ## How noisy is the gradient?
# The noise scale along a run of gradient descent: the variance of one row's
# gradient over the square of the mean gradient.

descent = train(problem, batch_size=None, steps=60)
scale = theory.gradient_noise_scale(problem, descent.params[0])
for step in (0, 20, 50):
    print(f"step {step:2}: {scale[step]:.3g}")
curve = {"noise scale": (descent.steps, scale)}
noise = Curves(curve, "step", "rows", "Gradient noise scale", y_log=True)
Figure([noise], name="noise-scale", title="A useful batch grows")
