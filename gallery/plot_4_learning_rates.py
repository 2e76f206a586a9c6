"""
# Learning rates

The same batches, four learning rates. One is too small, one is right, one never settles, and one explodes.
"""

# %% runs
# ## Four runs
# All four start at (−1, 1) and see the same sixteen rows at every step, since they share their seed. Only the
# length of the step differs.

from sgdlib import Animation, AnimationTable, LeastSquares, LineFit, LossCurve, ParameterPlane, noisy_line, train

problem = LeastSquares(noisy_line(seed=42))
runs = {f"learning rate {lr}": train(problem, lr=lr, batch_size=16, steps=100, seed=0) for lr in (0.01, 0.1, 1.0, 1.1)}
for label, run in runs.items():
    print(f"{label}: final loss {run.loss[0, -1]:.4g}, {run.outcome[0]}")

# %% table
# ## Side by side
# All rows share their axes and their clock. Watch the loss curves: one still falling at the end, one flat,
# one that never comes down, one that leaves the picture.

AnimationTable(
    runs,
    views=[LineFit(), ParameterPlane(), LossCurve()],
    name="learning-rates",
    title="Learning rates at batch size 16",
    notes={
        "learning rate 0.01": "Too small: a hundred steps are not enough, and the line is still on its way.",
        "learning rate 0.1": "About right: the line is there well before the end.",
        "learning rate 1.0": "Too large: every step jumps over the valley, and the line gets nowhere near.",
        "learning rate 1.1": "Far too large: every step lands farther out than the one before, until the run explodes.",
    },
)

# %% patience
# ## Too small is slow, not wrong
# Given ten times the steps, 0.01 gets there. An arrival, here, is the first step at which slope and intercept
# have both gone 99 % of their way to the best line.

from sgdlib.facts import arrival

patient = train(problem, lr=0.01, batch_size=16, steps=1000, seed=0)
print(f"arrives at step {arrival(patient)}")
Animation(
    {"learning rate 0.01": patient},
    views=[LineFit(), ParameterPlane(), LossCurve()],
    name="small-learning-rate",
    title="Learning rate 0.01, given time",
)

# %% limit
# ## Where is the edge?
# Gradient descent converges only below 2 divided by the largest eigenvalue of the Hessian. With a column of
# ones in the data that edge is never above 1, whatever the data are.

import torch

largest = torch.linalg.eigvalsh(problem.hessian)[-1]
print(f"gradient descent converges below {2 / largest:.4f}")

# mkdocs_gallery_thumbnail_number = 8
