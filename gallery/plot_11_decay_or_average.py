"""
# The average of a path

A run that never comes to rest knows more than its last step tells.
"""

# %% runs
# ## Two hundred runs that jitter
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
    replicas=200,
    record=["params"],
)
print(f"{many.replicas} runs of {many.meta['steps']} steps")

# %% average
# ## Average the weights
# The mean of all weights since step 200. Nothing about the steps changes.

import numpy as np

count = np.arange(1, 2001)  # how many are averaged
last = many.params[:, 201:]  # (runs, steps, 2)
average = last.cumsum(axis=1) / count[:, None]


def excess(params):  # the mean loss above the lowest, at each step
    away = params - problem.minimiser.numpy()
    bend = problem.hessian.numpy()
    return 0.5 * ((away @ bend) * away).sum(axis=-1).mean(axis=0)


print(f"last step:     {excess(last)[-1]:.5f}")
print(f"average:       {excess(average)[-1]:.5f}")

# %% theory
# ## What theory expects
# The last step rests at the noise floor. The average of T steps falls as 1/T.

from sgdlib import theory

floor = theory.noise_floor(problem, 0.1, 1, "replacement")
limit = theory.average_excess_loss(problem, 1, 2000, "replacement")
print(f"noise floor:   {floor:.5f}")
print(f"of an average: {limit:.5f}")

# %% figure
# ## On its way
# While fewer steps are averaged than it takes to get about, the average is no
# better than a single one.

from sgdlib import Curves, Figure

at = np.unique(np.geomspace(1, 2000, 120).astype(int)) - 1
fall = [
    theory.average_excess_loss(problem, 1, int(t), "replacement")
    for t in count[at][40:]
]
view = Curves(
    {
        "last step": (count[at], excess(last)[at]),
        "average": (count[at], excess(average)[at]),
    },
    theory={"expected": (count[at][40:], fall)},
    x_label="steps since step 200",
    y_label="mean loss above the lowest",
    title="The last step and the average",
    x_log=True,
    y_log=True,
)
caption = "The mean of 200 runs, one row a step, at learning rate 0.1."
Figure([view], caption=caption, name="averaging")
