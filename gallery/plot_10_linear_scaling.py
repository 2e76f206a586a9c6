"""
# Larger batches, larger steps

Twice the batch, twice the learning rate: a rule that saves the search for a
learning rate, until it fails.
"""

# %% rule
# ## The rule at work
# The learning rate is 0.0125 for every row of the batch. Each size reads 1600
# rows in all, with replacement, in three hundred runs.

from sgdlib import LeastSquares, noisy_line, train

problem = LeastSquares(noisy_line(seed=42))
excess, errors = {}, []
for size in (1, 4, 16, 64):
    settings = {"lr": 0.0125 * size, "batch_size": size}
    settings |= {"steps": 1600 // size, "sampler": "replacement"}
    many = train(problem, **settings, replicas=300, record=["loss"])
    excess[size] = many.loss.mean(axis=0) - problem.lowest_loss
    errors.append((many.loss.std(axis=0) / excess[size]).max() / 300**0.5)

# %% same curve
# ## One curve
# Where the rule holds, a batch size is only another way to read the same
# rows: the curves lie on top of each other.

from sgdlib import Curves, Figure

curves = Curves(
    {
        f"batch {size}": ([size * t for t in range(len(y))], y)
        for size, y in excess.items()
    },
    x_label="rows read",
    y_label="mean loss above the lowest",
    title="Learning rate 0.0125 for every row",
    y_log=True,
    digits=2,
)
caption = "The mean loss of 300 runs of each batch size,"
caption += f" standard error up to {100 * max(errors):.0f} %."
title = "The linear scaling rule"
Figure([curves], title=title, caption=caption, name="linear-scaling")

# %% floors
# ## Where it ends
# Each comes to rest at a loss of its own, the noise floor. The rule says that
# they are all the same. What theory says exactly:

from sgdlib import theory

sizes = (1, 2, 4, 8, 16, 32, 64)
floors = []
print("batch size  learning rate  noise floor")
for size in sizes:
    how = (problem, 0.0125 * size, size, "replacement")
    floors.append(theory.noise_floor(*how))
    print(f"{size:10} {0.0125 * size:14.4f} {floors[-1]:12.4f}")
print(f"limit of learning rates: {theory.gd_limit(problem):.4f}")

# %% floor figure
# ## And what runs say
# The mean over every run and its second half. The rule's own line is what
# theory gives to first order in the learning rate.

measured, errors = [], []
for size in sizes:
    settings = {"lr": 0.0125 * size, "batch_size": size}
    settings |= {"steps": 3200 // size, "sampler": "replacement"}
    loss = train(problem, **settings, replicas=200, record=["loss"]).loss
    late = loss[:, loss.shape[1] // 2 :].mean(axis=1) - problem.lowest_loss
    measured.append(late.mean())
    errors.append(late.std() / late.mean() / 200**0.5)

rule = theory.first_order_floor(problem, 0.0125, 1, "replacement")
view = Curves(
    {"runs": (sizes, measured)},
    theory={"exact": (sizes, floors), "the rule": (sizes, [rule] * 7)},
    x_label="batch size",
    y_label="noise floor",
    title="Where the loss comes to rest",
    x_log=True,
    y_log=True,
    digits=2,
)
caption = "The loss above the lowest, at rest: 200 runs of each batch size,"
caption += f" standard error up to {100 * max(errors):.0f} %."
title = "Where the rule ends"
Figure([view], title=title, caption=caption, name="scaled-floors")

# %% noise scale
# ## How many rows are worth reading?
# The gradient noise scale is the batch whose noise is as large as its signal.
# Along gradient descent it grows, for the signal fades and the noise stays.
# The goal is that of the race: a loss of 0.01 above the lowest. Soon after it
# the walk ends: beyond all 100 rows the noise scale means little, since a
# batch of each row once has no noise at all.

run = train(problem, lr=0.1, batch_size=None, steps=50)
scale = theory.gradient_noise_scale(problem, run.params[0])
goal = int((run.loss[0] - problem.lowest_loss <= 0.01).argmax())
for step in (0, 20, goal, 50):
    met = "  the goal" if step == goal else ""
    print(f"step {step:2}: {scale[step]:5.1f} rows{met}")
print(f"mean up to the goal: {scale[: goal + 1].mean():.1f} rows")
view = Curves(
    {"noise scale": (range(len(scale)), scale)},
    x_label="step of gradient descent",
    y_label="rows",
    title="The gradient noise scale",
    levels={"all 100 rows": 100},
    y_log=True,
)
caption = "The batch, drawn with replacement, whose noise is as large as its signal."
title = "Rows worth reading"
Figure([view], title=title, caption=caption, name="noise-scale")

# mkdocs_gallery_thumbnail_number = 1
