"""
# The average of a path

A run that never comes to rest knows more than its last step tells.
"""

# %% runs
# ## Five hundred runs that jitter
# One row a step, drawn with replacement, at a learning rate of 0.1. After 200
# steps the start is forgotten, and 2000 more are kept.

from sgdlib import LeastSquares, noisy_line, train

problem = LeastSquares(noisy_line(seed=42))
many = train(
    problem,
    lr=0.1,
    batch_size=1,
    steps=2200,
    sampler="replacement",
    replicas=500,
    record=["params"],
)
print(f"{many.replicas} runs of {many.meta['steps']} steps")

# %% average
# ## Average the weights
# The mean of all weights since step 200. Nothing about the steps changes.

import numpy as np
from sgdlib.report.estimates import estimated

count = np.arange(1, 2001)  # how many are averaged
last = many.params[:, 201:]  # (runs, steps, 2)
average = last.cumsum(axis=1) / count[:, None]


def excess(params):  # the loss above the lowest, of each run at each step
    away = params - problem.minimiser.numpy()
    bend = problem.hessian.numpy()
    return 0.5 * ((away @ bend) * away).sum(axis=-1)


print("500 runs     loss above the lowest")
for name, params in (("last step", last), ("average", average)):
    print(f"{name:9}    {estimated(excess(params[:, -1]))}")

# %% theory
# ## What theory expects
# The last step rests at the noise floor. For the average of T steps there is a
# formula without the learning rate, for many and small steps, and the exact
# number.

from sgdlib import theory

floor = theory.noise_floor(problem, 0.1, 1, "replacement")
formula = theory.average_excess_loss(problem, 1, 2000, "replacement")
print(f"noise floor         {floor:.5f}")
print(f"average, formula    {formula:.6f}")
print("average, exact")
for lr in (0.05, 0.1, 0.2):
    exact = theory.average_excess_loss(problem, 1, 2000, "replacement", lr=lr)
    print(f"  learning rate {lr:<4}  {exact:.6f}")

# %% figure
# ## On its way
# While fewer steps are averaged than it takes to get about, the average is no
# better than a single one.

from sgdlib import Curves, Figure

at = np.unique(np.geomspace(1, 2000, 120).astype(int)) - 1
fall = [
    theory.average_excess_loss(problem, 1, int(t), "replacement", lr=0.1)
    for t in count[at]
]
each = {"last step": excess(last[:, at]), "average": excess(average[:, at])}
error = max(
    (one.std(axis=0) / one.mean(axis=0)).max() for one in each.values()
)
view = Curves(
    {label: (count[at], one.mean(axis=0)) for label, one in each.items()},
    theory={"expected": (count[at], fall)},
    x_label="steps since step 200",
    y_label="mean loss above the lowest",
    title="The last step and the average",
    x_log=True,
    y_log=True,
    digits=2,
)
caption = "The mean of 500 runs, one row a step, at learning rate 0.1,"
caption += f" standard error up to {100 * error / 500**0.5:.0f} %."
Figure([view], caption=caption, name="averaging")
