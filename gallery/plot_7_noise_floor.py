"""
# The noise floor

SGD with a constant learning rate never rests. How widely it spreads on average
is known exactly, and so is where the usual rule of thumb ends.
"""

# %% cloud
# ## A cloud that does not shrink
# Batch size 1, a hundred and fifty runs from one start. The dashed path is
# where their mean should be, and the ellipses hold one and two standard
# deviations. Both are known before any run is made.
from sgdlib import (
    Animation,
    LeastSquares,
    LossCurve,
    ParameterPlane,
    noisy_line,
    train,
)

problem = LeastSquares(noisy_line(seed=42))
many = train(problem, lr=0.1, batch_size=1, replicas=150)
Animation(
    {"batch size 1": many},
    views=[ParameterPlane(near=0.6, theory=True), LossCurve(theory=True)],
    name="noise-cloud",
    title="A hundred and fifty runs, and what theory expects",
)

# %% one run
# ## One run, for a long time
# How much of five thousand steps does a single run spend in each ellipse?
import numpy as np
from sgdlib import theory

long = train(problem, lr=0.1, batch_size=1, steps=5000)
covariance = theory.noise_covariance(problem, 0.1, 1, "fresh")
error = long.params[0, 200:] - problem.minimiser.numpy()
sigmas = np.sqrt((error @ np.linalg.inv(covariance) * error).sum(axis=1))
one, two = np.mean(sigmas < 1), np.mean(sigmas < 2)
print(f"inside 1σ {one:.0%}, inside 2σ {two:.0%}")

# %% never rests
# ## Why it never rests
# The gradients of the rows at the minimiser.
gradients = 2 * (problem.data.x @ problem.minimiser - problem.data.y)
gradients = (gradients[:, None] * problem.data.x).numpy()
mean, typical = abs(gradients.mean(0)), np.sqrt((gradients**2).mean(0))
print("                    slope   intercept")
print(f"mean of all rows    {mean[0]:5.3f}   {mean[1]:9.3f}")
print(f"typical single row  {typical[0]:5.3f}   {typical[1]:9.3f}")

# %% map
# ## Half the learning rate, or twice the batch
# One cell to the left or one up, and it is about halved, but for the last two
# columns.
from sgdlib import Figure, HeatMap
from sgdlib.base.formats import significant
from sgdlib.report.estimates import estimated

rates, sizes = (0.0125, 0.025, 0.05, 0.1, 0.2, 0.4), (1, 2, 4, 8, 16, 32, 64)
floors = [
    [1e3 * theory.noise_floor(problem, lr, b, "replacement") for lr in rates]
    for b in sizes
]
floor_map = HeatMap(
    rates,
    sizes,
    floors,
    x_label="learning rate",
    y_label="batch size",
    title="Excess loss at the floor, in thousandths",
    words=[[significant(floor, 2) for floor in row] for row in floors],
    x_log=True,
    y_log=True,
    log=True,
)
words = {"caption": "Exact, for rows drawn with replacement."}
Figure([floor_map], name="noise-map", title="The noise floor", **words)

# %% rule
# ## Where the rule ends
# A thousand runs, the exact floor and the rule, in thousandths. All runs
# start at the minimiser, so there is nothing to wait for but noise.

best = problem.minimiser.tolist()
how = {"steps": 600, "every": 10, "replicas": 1000, "record": ["loss"]}
print("  lr  batch      measured  exact   rule  ratio")
for lr, size in ((0.05, 16), (0.5, 16), (0.5, 1)):
    loss = train(problem, lr=lr, batch_size=size, start=best, **how).loss
    excess = 1e3 * (loss[:, 10:].mean(axis=1) - problem.lowest_loss)
    exact = 1e3 * theory.noise_floor(problem, lr, size, "fresh")
    rule = 1e3 * theory.first_order_floor(problem, lr, size, "fresh")
    found = f"{exact:5.3g}  {rule:5.3g}  {exact / rule:5.2f}"
    print(f"{lr:4}  {size:5}  {estimated(excess):>12}  {found}")

# %% sixty-four
# ## Why 64 of 100 looks like gradient descent
# How much of one row's variance a batch of 64 leaves, and the floor. Both runs
# start at the minimiser.

ways = {"with replacement": "replacement", "without": "fresh"}
print("                  variance    floor")
for label, sampler in ways.items():
    factor = theory.batch_factor(100, 64, sampler)
    floor = theory.noise_floor(problem, 0.1, 64, sampler)
    print(f"{label:16}    {factor:.4f}  {floor:.5f}")

settings = {"batch_size": 64, "start": best, "seed": 7}
Animation(
    {
        label: train(problem, sampler=sampler, **settings)
        for label, sampler in ways.items()
    },
    views=[ParameterPlane(near=0.07)],
    name="noise-sixty-four",
    title="Batch size 64, from the minimiser",
)
