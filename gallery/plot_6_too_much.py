"""
# How large is too large?

Gradient descent has one limit on its learning rate. SGD has three, and the
learning rate 1.0 of the first lesson lies among them.
"""

# %% half-lives
# ## Two directions, two paces
# Along each eigenvector of the Hessian, a step leaves 1 − lr · eigenvalue of
# the error. After how many steps is half of it gone?

from sgdlib import LeastSquares, noisy_line, theory
from sgdlib.report.estimates import uncertain

problem = LeastSquares(noisy_line(seed=42))
best, edge = theory.best_lr(problem), theory.gd_limit(problem)
print("learning rate   slope   intercept")
for lr in (0.1, 0.3, best, 0.95, 1.0):
    slope, intercept = theory.half_lives(problem, lr)
    print(f"{lr:13.3f}   {slope:5.1f}   {intercept:9.1f}")

# %% limit
# ## The best one, and the edge
print(f"best {best:.4f}, edge {edge:.4f}, their ratio {edge / best:.2f}")
print(f"at 1.0 a step leaves {theory.gd_rate(problem, 1.0):.4f} of the error")

# %% gradient descent
# ## Three runs of gradient descent
# No noise yet: each step reads all hundred rows.

from sgdlib import Animation, LossCurve, ParameterPlane, train

rates = {"lr 0.1": 0.1, "best lr": best, "lr 1.0": 1.0}
how = {"batch_size": None, "steps": 40}
Animation(
    {name: train(problem, lr=lr, **how) for name, lr in rates.items()},
    views=[ParameterPlane(), LossCurve()],
    name="too-much-descent",
    title="Gradient descent below, at and beyond its best",
)

# %% three limits
# ## Three limits for SGD
# Two are exact, the third is estimated from two hundred runs.

drawn, quick = "replacement", {"steps": 500, "replicas": 200}
print("batch  mean square  mean    almost sure")
limits = {}
for size in (1, 4, 16, 64):
    square = theory.mean_square_limit(problem, size, drawn)
    sure, error = theory.almost_sure_limit(problem, size, drawn, **quick)
    values = {"in mean square": square, "in the mean": edge}
    limits[size] = values | {"almost surely": sure}
    print(f"{size:5}  {square:11.4f}  {edge:.4f}  {uncertain(sure, error)}")

# %% ruler

from sgdlib import Figure, Ruler

marks = {1: limits[1] | {"best without noise": best}}
marks[4] = limits[4] | {"the lesson’s": 1.0}
Figure(
    [Ruler(marks[b], f"learning rate, batch size {b}") for b in marks],
    name="too-much-limits",
    title="Three limits on the learning rate",
    caption="Mind the scales: the second line spans a much smaller range.",
)

# %% between
# ## Between two limits
# Dashed: the exact expected loss. The band holds eight in ten of the runs.

how = {"steps": 200, "every": 2, "replicas": 500, "record": ["loss"]}
many = train(problem, lr=0.73, batch_size=1, sampler="replacement", **how)
Animation(
    {"lr 0.73": many},
    views=[LossCurve(theory=True)],
    name="too-much-between",
    title="The expected run and the typical one",
)

# %% expected
# ## Who carries the expected loss?
# Nine times in ten the true median lies in the range.

import numpy as np
from sgdlib.base.formats import significant

how = {"steps": 200, "start": (-1.0, 1.0), "sampler": drawn}
excess = theory.expected_excess_loss(problem, 0.73, 1, **how)
print("step       exact  mean of 500      median of 500")
for step in (20, 100, 200):
    loss = many.loss[:, step // 2]
    expected = significant(problem.lowest_loss + excess[step], 3)
    mean = uncertain(loss.mean(), loss.std() / len(loss) ** 0.5)
    low, high = np.percentile(loss, (46.3, 53.7))
    print(f"{step:4}  {expected:>10}  {mean:15}  {low:.2g} to {high:.2g}")

# %% lesson
# ## And 1.0?
# Batch size 16, two hundred runs for each way to draw. They explode if the
# median ends above a hundred times the loss at the start, settle if nine in
# ten end below that loss, and wander otherwise. The range is as above.

how = {"lr": 1.0, "steps": 500, "every": 500, "replicas": 200}
print("data edge   batches     median")
for seed in (42, 1, 5, 3):
    other = LeastSquares(noisy_line(seed=seed))
    line = f"{seed:4} {theory.gd_limit(other):.4f}"
    for each in ("fresh", "replacement", "epochs"):
        loss = train(other, sampler=each, record=["loss"], **how).loss
        middle, most = np.percentile(loss[:, -1], (50, 90)) / loss[0, 0]
        fate = "explode" if middle > 100 else "wander"
        fate = "settle" if most < 1 else fate
        low, high = np.percentile(loss[:, -1], (44.2, 55.8))
        known = f"{significant(low, 1)} to {significant(high, 1)}"
        print(f"{line:11} {each:11} {known:20} {fate}")
        line = ""
