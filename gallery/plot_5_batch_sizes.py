"""
# Batch sizes

From one point a step to all hundred of them: the same road, travelled more
and more steadily.
"""

# %% runs
# ## Eight runs
# The learning rate is 0.1 throughout. A batch of all hundred rows is gradient
# descent: drawn without replacement, there is nothing left to chance. With
# seed 47 every run is an ordinary one, no calmer and no wilder at the end
# than the middle half of many runs.

from sgdlib import LeastSquares, noisy_line, train

problem = LeastSquares(noisy_line(seed=42))
runs = {
    f"batch size {size}": train(problem, lr=0.1, batch_size=size, seed=47)
    for size in (1, 2, 4, 8, 16, 32, 64, 100)
}

# %% distances
# ## How much do they shake?
# One run can’t tell. So take five hundred of each size, and from each the
# distance from the best parameters over its last fifth (the root of its mean
# square). For a batch of 100 this is not jitter: there it is the little of
# the way that is left.

import numpy as np

how = {"lr": 0.1, "replicas": 500, "record": ["params"], "every": 2}
print("batch size  median  half of the runs")
errors = []
for size in (1, 2, 4, 8, 16, 32, 64):
    many = train(problem, batch_size=size, **how)
    away = many.params[:, -10:] - problem.minimiser.numpy()
    late = np.sqrt((away**2).sum(axis=2).mean(axis=1))
    low, median, high = np.percentile(late, (25, 50, 75))
    errors.append(1.25 * late.std() / len(late) ** 0.5 / median)
    print(f"{size:10}  {median:<#6.2g}  {low:#.2g} to {high:#.2g}")
print(f"of 500 runs each; a median is known to {100 * max(errors):.0f} %")

# %% table
# ## Side by side
# Look at the third panel, close to the minimiser. A batch of one never comes
# to rest: each step sees one point, and that point wants a line of its own.
# From row to row the scribble shrinks.

from sgdlib import AnimationTable, LineFit, LossCurve, ParameterPlane

AnimationTable(
    runs,
    views=[
        LineFit(),
        ParameterPlane(),
        ParameterPlane(near=0.5),
        LossCurve(),
    ],
    name="batch-sizes",
    title="Batch sizes at learning rate 0.1",
    notes={
        "batch size 1": "It gets there and keeps jumping: a step believes one point.",
        "batch size 2": "Two points cancel some noise; the path is still a scribble.",
        "batch size 4": "It staggers at the start and stays restless at the end.",
        "batch size 8": "A step averages eight points: the scribble is a knot.",
        "batch size 16": "From afar it is at rest; only close up does it tremble.",
        "batch size 32": "Its first steps err; then it is close to gradient descent.",
        "batch size 64": "Nearly gradient descent: a tremor close up gives it away.",
        "batch size 100": "All rows in every step is gradient descent: nothing shakes.",
    },
)

# %% forever
# ## Does it ever stop?
# No. Train batch size 1 for two thousand steps, two thousand times, and see
# how far apart the slopes are (their standard deviation) after one thousand
# steps and after two. Theory knows it exactly. (A single row can't come
# twice, so "replacement" is the same here, and quicker.)

from sgdlib import theory

how = {"steps": 2000, "every": 1000, "replicas": 2000, "record": ["params"]}
long = train(problem, batch_size=1, sampler="replacement", **how)
for at in (1, 2):
    slope = long.params[:, at, 0]
    spread, square = slope.std(), (slope - slope.mean()) ** 2
    error = square.std() / (2 * spread * long.replicas**0.5)
    print(
        f"step {long.steps[at]}: slopes spread by {spread:.3f} ± {error:.3f}"
    )
exact = theory.noise_covariance(problem, 0.1, 1, "fresh")[0, 0] ** 0.5
print(f"in the long run, exactly: {exact:.3f}")

# mkdocs_gallery_thumbnail_number = 2
