"""
# Batch sizes

From one point a step to all hundred of them: the same road, travelled more and more steadily.
"""

# %% runs
# ## Eight runs
# The learning rate is 0.1 throughout. A batch of all hundred rows is gradient descent: drawn without
# replacement, there is nothing left to chance.

from sgdlib import AnimationTable, LeastSquares, LineFit, LossCurve, ParameterPlane, noisy_line, train

problem = LeastSquares(noisy_line(seed=42))
sizes = (1, 2, 4, 8, 16, 32, 64, 100)
runs = {f"batch size {size}": train(problem, lr=0.1, batch_size=size, steps=100, seed=0) for size in sizes}

# %% distances
# ## How much does it shake?
# Take the last fifth of each run, when the travelling is done, and measure the typical distance from the
# best parameters.

from sgdlib.facts import late_distance

for label, run in runs.items():
    print(f"{label:>14}: {late_distance(run):.3f}")

# %% table
# ## Side by side
# Look at the paths near the minimiser. A batch of one never comes to rest: each step sees one point, and that
# point wants a line of its own. From row to row the scribble shrinks.

AnimationTable(
    runs,
    views=[LineFit(), ParameterPlane(), LossCurve()],
    name="batch-sizes",
    title="Batch sizes at learning rate 0.1",
    notes={
        "batch size 1": "It arrives, and keeps jumping: each step believes one point.",
        "batch size 2": "Two points cancel some of each other's noise; the path is still a scribble.",
        "batch size 4": "The way is clear from the first steps now, the end still restless.",
        "batch size 8": "Each step averages eight points, and the scribble has become a wiggle.",
        "batch size 16": "A sixth of the data a step, and the line hardly trembles once it is there.",
        "batch size 32": "The path bends like gradient descent's, with a slight wobble.",
        "batch size 64": "Hard to tell from gradient descent by eye.",
        "batch size 100": "All rows in every step: this is gradient descent, and nothing shakes.",
    },
)

# %% forever
# ## Does it ever stop?
# No. Train batch size 1 for two thousand steps and look at where the slope has been in the first and in the
# second thousand after it arrived.

long = train(problem, lr=0.1, batch_size=1, steps=2100, seed=0)
for first in (100, 1100):
    slope = long.params[0, first : first + 1000, 0]
    print(f"steps {first} to {first + 1000}: slope {slope.mean():.2f} ± {slope.std():.2f}")

# mkdocs_gallery_thumbnail_number = 2
