"""
# How large is too large?

Gradient descent has one limit on its learning rate. SGD has three, and the
learning rate 1.0 of the first lesson lies among them.
"""

# %% half-lives
# ## Two directions, two paces
# The loss has no factor ½. Its Hessian has two eigenvectors here, close to
# the slope and the intercept. Along each, a step of gradient descent leaves
# 1 − lr · eigenvalue of the error. After how many steps is half of it gone?

from sgdlib import LeastSquares, noisy_line, theory

problem = LeastSquares(noisy_line(seed=42))
best, edge = theory.best_lr(problem), theory.gd_limit(problem)
print("learning rate   slope halves in   intercept halves in")
for lr in (0.1, 0.3, best, 0.95, 1.0):
    slope, intercept = theory.half_lives(problem, lr)
    print(f"{lr:13.3f}   {slope:9.1f} steps   {intercept:13.1f} steps")

# %% limit
# ## The best one, and the edge
# The best learning rate makes both directions equally quick. The edge is
# where the steeper one stops shrinking.

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
# In the mean it is gradient descent's, whatever the batch. In mean square it
# is lower. The last is found by simulation: there a single run stops coming
# back. Rows are drawn with replacement here.

drawn = "replacement"
print("batch size   in mean square   in the mean   almost surely")
limits = {}
for size in (1, 4, 16, 64):
    square = theory.mean_square_limit(problem, size, drawn)
    sure, _ = theory.almost_sure_limit(
        problem, size, drawn, steps=500, replicas=200
    )
    limits[size] = {
        "in mean square": square,
        "in the mean": edge,
        "almost surely": sure,
    }
    print(f"{size:10}   {square:14.3f}   {edge:11.3f}   {sure:13.3f}")

# %% ruler
# ## On a line
# Mind the scales: the second line spans a much smaller range.

from sgdlib import Figure, Ruler

marks = {1: limits[1] | {"best without noise": best}}
marks[4] = limits[4] | {"the lesson’s": 1.0}
Figure(
    [Ruler(marks[b], f"learning rate, batch size {b}") for b in marks],
    name="too-much-limits",
    title="Three limits on the learning rate",
)

# %% between
# ## Between two limits
# Batch size 1, between the limit in mean square and the almost sure one. The
# dashed curve is the exact expected loss; the solid one is the median of the
# runs, and the band holds eight in ten.

many = train(
    problem,
    lr=0.73,
    batch_size=1,
    steps=200,
    every=2,
    sampler="replacement",
    replicas=500,
    record=["loss"],
)
Animation(
    {"lr 0.73": many},
    views=[LossCurve(theory=True)],
    name="too-much-between",
    title="The expected run and the typical one",
)

# %% expected
# ## Who carries the expected loss?
# Not the typical run, and not even the mean of five hundred of them.

excess = theory.expected_excess_loss(
    problem, 0.73, 1, 200, (-1.0, 1.0), "replacement"
)
print("step     expected   mean of 500   median of 500")
for step in (20, 100, 200):
    loss = many.loss[:, step // 2]
    expected = problem.lowest_loss + excess[step]
    print(
        f"{step:4}   {expected:10.4g}   {loss.mean():11.4g}"
        f"   {sorted(loss)[250]:13.4g}"
    )

# %% lesson
# ## And 1.0?
# Batch size 16, five hundred steps, forty runs for each way to draw, four
# draws of the data. What is printed is the median of the final loss, and
# what the runs did: they explode if it is above a hundred times the loss at
# the start, settle if nine in ten end below that loss, and wander otherwise.

import numpy as np

samplers = ("fresh", "replacement", "epochs")
how = {"lr": 1.0, "steps": 500, "every": 500, "replicas": 40}
print("data seed   edge  " + "".join(f"{each:>21}" for each in samplers))
for seed in (42, 1, 5, 3):
    other = LeastSquares(noisy_line(seed=seed))
    line = f"{seed:9}  {theory.gd_limit(other):.4f}"
    for each in samplers:
        loss = train(other, sampler=each, record=["loss"], **how).loss
        start, (median, high) = (
            loss[0, 0],
            np.percentile(loss[:, -1], (50, 90)),
        )
        fate = "settle" if high < start else "wander"
        fate = "explode" if median > 100 * start else fate
        line += f"{median:12.3g} {fate:>8}"
    print(line)
