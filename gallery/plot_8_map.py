"""
# Learning rate × batch size

Two knobs make a map. For the mean of many runs theory draws it exactly, and
millions of real steps draw it again. A single run has another map.
"""

# %% exact line
# ## A problem without noise
# How fast a run comes down depends on the x of the points, not on their y. So
# put the lesson's points exactly on their line. Nothing jitters there, and
# what is left is the growth alone: by which factor does a step multiply the
# loss? Below 1 the run arrives, above 1 it leaves.
from sgdlib import Dataset, LeastSquares, noisy_line

lesson = noisy_line(seed=42)
line = Dataset(lesson.x, lesson.x @ lesson.truth, truth=lesson.truth)
problem = LeastSquares(line)

# %% exact
# ## What should happen
# How the *mean* of the loss grows, over all batches that could be drawn.
import numpy as np
from sgdlib import theory

lrs = [0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2]
sizes = [1, 2, 4, 8, 16, 32, 64, 100]
exact = np.array(
    [[theory.growth(problem, lr, b, "fresh") for lr in lrs] for b in sizes]
)
print("             batch size\nlearning rate      1     16    100")
for lr in (0.01, 0.1, 0.5, 0.7, 1.0, 1.1):
    row = exact[[0, 4, 7], lrs.index(lr)]
    print(f"{lr:13}  {row[0]:.3f}  {row[1]:.3f}  {row[2]:.3f}")

# %% map
# ## The map
# Arrows mark the cells that grow, rings the runs of the lesson. Colours end
# at 0.3 and 2.5.
from sgdlib import Figure, HeatMap, train

rings = sorted({(0.1, b) for b in sizes} | {(r, 16) for r in (0.01, 1, 1.1)})
look = {"x_label": "learning rate", "y_label": "batch size"}
look |= {"marks": rings, "y_log": True, "log": True}


def show(growth, name, title, of, known):
    arrows = [["↑" if cell > 1 else "" for cell in row] for row in growth]
    words = {"title": f"Growth of the {of} loss, {known}", "words": arrows}
    view = HeatMap(lrs, sizes, growth.clip(0.3, 2.5), **words, **look)
    caption = "Arrows: cells that grow. Rings: the lesson’s runs."
    return Figure([view], name=name, title=title, caption=caption)


show(exact, "map-exact", "What should happen", "mean", "exact")

# %% measured
# ## What does happen
# Train: 500 runs for each cell, forty steps each. From their second half we
# take the growth of the mean loss, and that of the median. All start with the
# right intercept: at small learning rates the slope is the slower one, and all
# that is left in the long run. (Above 0.74 it is the quicker one, soon gone.)
how = {"steps": 40, "every": 20, "replicas": 500, "record": ["loss"]}
how["start"] = (-1, 10)


def growths(lr, b, seed=0):
    size = b if b < 100 else None
    many = train(problem, lr=lr, batch_size=size, seed=seed, **how)
    _, half, end = many.loss.T
    factors = end.mean() / half.mean(), np.median(end) / np.median(half)
    return np.array(factors) ** (1 / 20)


found = np.array([[growths(lr, b) for lr in lrs] for b in sizes])
print(f"{exact.size * 500 * 40:,} steps")

# %% measured map
# ## The same map, from runs
show(found[..., 0], "map-measured", "What the mean does", "mean", "measured")

# %% arrow
# ## A border that few runs decide
# Cells that grow in one map only. The ± is how far five such maps scatter.
from sgdlib.report.estimates import uncertain


def five(b, lr):
    every = [growths(lr, b, seed) for seed in range(5)]
    return map(uncertain, every[0], np.std(every, axis=0, ddof=1))


for i, j in np.argwhere((found[..., 0] > 1) != (exact > 1)):
    print(f"batch size {sizes[i]}, learning rate {lrs[j]}:")
    print(f"exact {exact[i, j]:.3f}, runs {next(five(sizes[i], lrs[j]))}")

# %% typical map
# ## And what most runs do
show(found[..., 1], "map-typical", "What most runs do", "median", "measured")

# %% differ
# ## Where they differ
# In the long run, one run goes by the mean *logarithm* of the factor (of a
# square, hence the 2). There is no formula, so theory has to simulate it, with
# a standard error. For our runs the ± is how far five such maps scatter.
print("           mean                    median")
print("batch  lr  exact  runs             simulated        runs")
for b, lr in ((64, 0.5), (1, 0.5), (1, 0.8), (2, 0.9), (4, 1.0), (100, 1.0)):
    i, j = sizes.index(b), lrs.index(lr)
    one, error = theory.lyapunov_exponent(problem, lr, b, "fresh", steps=300)
    simulated = uncertain(np.exp(2 * one), 2 * np.exp(2 * one) * error)
    mean, typical = five(b, lr)
    line = f"{b:5} {lr:3}  {exact[i, j]:.3f}  {mean:15}"
    print(f"{line}  {simulated:15}  {typical}")

# %% luck
# ## How well does a mean know?
# One cell at the lower right, measured ten times with other draws.
print(f"exact: {exact[0, 10]:.2f}, measured:")
print(*(f"{growths(1.0, 1, seed)[0]:.2f}" for seed in range(10)))
