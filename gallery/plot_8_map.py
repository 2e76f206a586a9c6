"""
# Learning rate × batch size

Two knobs make a map. Theory draws it exactly, millions of real steps draw it
again, and where the two differ there is something to learn.
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
# `theory.growth` says how the *mean* of the loss grows, over all the batches
# that could be drawn.

import numpy as np
from sgdlib import theory

lrs = [0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2]
sizes = [1, 2, 4, 8, 16, 32, 64, 100]
exact = np.array(
    [[theory.growth(problem, lr, b, "fresh") for lr in lrs] for b in sizes]
)
print("learning rate     batch size 1   batch size 16   batch size 100")
for lr in (0.01, 0.1, 0.5, 0.7, 1.0, 1.1):
    row = exact[[0, 4, 7], lrs.index(lr)]
    print(f"{lr:13}   {row[0]:14.3f}  {row[1]:14.3f}  {row[2]:15.3f}")

# %% map
# ## The map
# Arrows mark the cells that grow. The rings are the runs of the lesson: four
# learning rates at batch size 16, eight batch sizes at learning rate 0.1. The
# colours end at 0.4 and 2.5.

from sgdlib import Figure, HeatMap

lesson_runs = {(0.1, b) for b in sizes}
lesson_runs |= {(lr, 16) for lr in (0.01, 0.1, 1.0, 1.1)}
rings = "Arrows: cells that grow. Rings: the lesson’s runs."


def heat_map(growth, title):
    return HeatMap(
        lrs,
        sizes,
        growth.clip(0.4, 2.5),
        x_label="learning rate",
        y_label="batch size",
        title=title,
        marks=sorted(lesson_runs),
        words=[["↑" if cell > 1 else "" for cell in row] for row in growth],
        y_log=True,
        log=True,
    )


exact_map = heat_map(exact, "Growth of the mean loss, exact")
Figure(
    [exact_map], name="map-exact", title="What should happen", caption=rings
)

# %% measured
# ## What does happen
# Train: five hundred runs for each cell, forty steps each. From their second
# half we take the growth of the mean loss, and that of the median.

from sgdlib import train

how = {"steps": 40, "every": 20, "replicas": 500, "record": ["loss"]}
mean, typical = np.empty((2, len(sizes), len(lrs)))
for i, b in enumerate(sizes):
    for j, lr in enumerate(lrs):
        _, half, end = train(problem, lr=lr, batch_size=b, **how).loss.T
        mean[i, j] = (end.mean() / half.mean()) ** (1 / 20)
        typical[i, j] = (np.median(end) / np.median(half)) ** (1 / 20)
print(f"{exact.size * 500 * 40:,} steps")

# %% measured map
# ## The same map, from runs

mean_map = heat_map(mean, "Growth of the mean loss, measured")
Figure(
    [mean_map], name="map-measured", title="What the mean does", caption=rings
)

# %% typical map
# ## And what most runs do

typical_map = heat_map(typical, "Growth of the median loss, measured")
Figure(
    [typical_map],
    name="map-typical",
    title="What most runs do",
    caption=rings,
)

# %% differ
# ## Where they differ

print("batch size, learning rate   exact mean   mean of 500   median")
for b, lr in ((64, 0.5), (16, 1.0), (2, 0.9), (1, 0.5), (1, 0.8)):
    i, j = sizes.index(b), lrs.index(lr)
    print(
        f"{b:10}, {lr:13}   {exact[i, j]:10.3f}"
        f"   {mean[i, j]:11.3f}   {typical[i, j]:6.3f}"
    )
