"""
# Learning rates

The same batches, four learning rates. One is too small, one is right, one
never settles, and one explodes.
"""

# %% runs
# ## Four runs
# All four start at (−1, 1). At each step they see the same sixteen rows,
# since they share their seed; the next step draws others. Only the learning
# rate differs. With seed 12 each of them does as most runs at its learning
# rate do: it lies in the middle half of them.

from sgdlib import LeastSquares, noisy_line, train

problem = LeastSquares(noisy_line(seed=42))
runs = {
    f"learning rate {lr}": train(problem, lr=lr, batch_size=16, seed=12)
    for lr in (0.01, 0.1, 1.0, 1.1)
}
for label, run in runs.items():
    print(f"{label}: final loss {run.loss[0, -1]:.4g}, {run.outcome[0]}")

# %% table
# ## Side by side
# All rows share their axes and their pace. Watch the loss curves: one still
# falling at the end, one flat, one that never comes down, one that leaves the
# picture.

from sgdlib import AnimationTable, LineFit, LossCurve, ParameterPlane

views = [LineFit(), ParameterPlane(), LossCurve()]
AnimationTable(
    runs,
    views,
    name="learning-rates",
    title="Learning rates at batch size 16",
    notes={
        "learning rate 0.01": "Too small: the line is still on its way.",
        "learning rate 0.1": "About right: it is there before the end.",
        "learning rate 1.0": "Too large: it jumps over the valley and gets nowhere near.",
        "learning rate 1.1": "Far too large: it lands farther and farther out, and explodes.",
    },
)

# %% patience
# ## Too small is slow, not wrong
# Given ten times the steps, 0.01 gets there. An arrival, here, is the first
# step at which slope and intercept have both gone 99 % of their way to the
# best line.

from sgdlib import Animation
from sgdlib.report.facts import arrival

patient = train(problem, lr=0.01, batch_size=16, steps=1000, seed=12)
print(f"arrives at step {arrival(patient)}")
Animation(
    {"learning rate 0.01": patient},
    views,
    name="small-learning-rate",
    title="Learning rate 0.01, given time",
)

# %% limit
# ## Where is the edge?
# Gradient descent converges only below 2 divided by the largest eigenvalue of
# the Hessian. With a column of ones in the data that edge is never above 1,
# whatever the data are.

import torch

largest = torch.linalg.eigvalsh(problem.hessian)[-1]
print(f"gradient descent converges below {2 / largest:.4f}")

# %% small batches
# ## And with small batches?
# The noise of a batch blurs the edge. With sixteen rows hardly; with a
# single row, a rate far below it is already too large. Two hundred runs at
# once, each with draws of its own:

many = train(
    problem,
    lr=0.8,
    batch_size=1,
    steps=1000,
    replicas=200,
    record=["loss"],
    every=1000,
)
exploded = sum(str(outcome) != "finished" for outcome in many.outcome)
print(
    f"batch size 1, learning rate 0.8: {exploded} of {many.replicas} explode"
)

# mkdocs_gallery_thumbnail_number = 8
