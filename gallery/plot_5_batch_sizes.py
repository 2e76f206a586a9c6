"""
# Batch sizes

From one point a step to all hundred of them: the same road, travelled more
and more steadily.
"""

# %% runs
# ## Eight runs
# The learning rate is 0.1 throughout. A batch of all hundred rows is gradient
# descent: drawn without replacement, there is nothing left to chance.

from sgdlib import LeastSquares, noisy_line, train

problem = LeastSquares(noisy_line(seed=42))
runs = {
    f"batch size {size}": train(problem, lr=0.1, batch_size=size, seed=0)
    for size in (1, 2, 4, 8, 16, 32, 64, 100)
}

# %% distances
# ## How much does it shake?
# Take the last fifth of each run, when the travelling is nearly done, and
# measure the typical distance from the best parameters. For a batch of 100
# this is not jitter: there it is the little of the way that is left.

from sgdlib.facts import late_distance

for label, run in runs.items():
    print(f"{label:>14}: {late_distance(run):.3f}")

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
# No. Train batch size 1 for two thousand steps and look at where the slope
# has been in the first and in the second thousand after it arrived.

long = train(problem, lr=0.1, batch_size=1, steps=2100, seed=0)
for first in (100, 1100):
    slope = long.params[0, first : first + 1000, 0]
    print(f"from step {first}: slope {slope.mean():.2f} ± {slope.std():.2f}")

# mkdocs_gallery_thumbnail_number = 2
