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

problem = LeastSquares(noisy_line(seed=42))
best, edge = theory.best_lr(problem), theory.gd_limit(problem)
print("learning rate   slope   intercept")
for lr in (0.1, 0.3, best, 0.95, 1.0):
    slope, intercept = theory.half_lives(problem, lr)
    print(f"{lr:13.3f}   {slope:5.1f}   {intercept:9.1f}")

# %% limit
# ## The best one, and the edge

print(f"best {best:.4f}, edge {edge:.4f}, their ratio {edge / best:.2f}")

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
# The third is found by simulation. Rows are drawn with replacement here.

drawn, quick = "replacement", {"steps": 500, "replicas": 200}
print("batch  mean square   mean  almost sure")
limits = {}
for size in (1, 4, 16, 64):
    square = theory.mean_square_limit(problem, size, drawn)
    sure, _ = theory.almost_sure_limit(problem, size, drawn, **quick)
    limits[size] = {
        "in mean square": square,
        "in the mean": edge,
        "almost surely": sure,
    }
    print(f"{size:5}  {square:11.3f}  {edge:5.3f}  {sure:11.3f}")

# %% ruler
# ## On a line

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
# Dashed: the exact expected loss. Solid: the median of the runs. The band
# holds eight in ten of them.

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

import numpy as np

excess = theory.expected_excess_loss(
    problem, 0.73, 1, 200, (-1.0, 1.0), "replacement"
)
print("step   expected       mean   median")
for step in (20, 100, 200):
    loss = many.loss[:, step // 2]
    expected = problem.lowest_loss + excess[step]
    found = f"{loss.mean():9.4g}  {np.median(loss):7.4g}"
    print(f"{step:4}  {expected:9.4g}  {found}")

# %% lesson
# ## And 1.0?
# Batch size 16, forty runs for each way to draw, four draws of the data. They
# explode if the median ends above a hundred times the loss at the start,
# settle if nine in ten end below that loss, and wander otherwise.

how = {"lr": 1.0, "steps": 500, "every": 500, "replicas": 40}
print("data edge   batches       median")
for seed in (42, 1, 5, 3):
    other = LeastSquares(noisy_line(seed=seed))
    line = f"{seed:4} {theory.gd_limit(other):.4f}"
    for each in ("fresh", "replacement", "epochs"):
        loss = train(other, sampler=each, record=["loss"], **how).loss
        median, high = np.percentile(loss[:, -1], (50, 90)) / loss[0, 0]
        fate = "explode" if median > 100 else "wander"
        fate = "settle" if high < 1 else fate
        print(f"{line:11} {each:11} {median * loss[0, 0]:8.3g} {fate}")
        line = ""
