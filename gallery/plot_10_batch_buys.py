"""
# What a batch buys

The same runs on three clocks: steps, rows read, and time on a machine that
reads up to eight rows at once. Each clock has a winner of its own.
"""

# %% goal
# ## One goal, seven batch sizes
# The goal is a loss that is 0.01 above the lowest there is, on average over
# all draws. For each batch size theory finds the learning rate that needs the
# fewest steps, by trying many. Rows are drawn with replacement.

from sgdlib import LeastSquares, noisy_line, theory

problem = LeastSquares(noisy_line(seed=42))
start, how = (-1.0, 1.0), "replacement"
best = {
    size: theory.fastest(problem, size, 0.01, start, how)
    for size in (1, 2, 4, 8, 16, 32, 64)
}
print("batch size  learning rate  steps")
for size, (lr, steps) in best.items():
    print(f"{size:10} {lr:14.3f} {steps:6}")

# %% race
# ## A race in steps
# One run of each of three sizes, with its own best learning rate, and neither
# luckier nor unluckier than most.

from sgdlib import Animation, LossCurve, ParameterPlane, train

settings = {"steps": 60, "sampler": how, "seed": 3}
runs = {}
for size in (1, 8, 64):
    how_fast = {"lr": best[size][0], "batch_size": size}
    runs[f"batch size {size}"] = train(problem, **how_fast, **settings)
Animation(
    runs,
    views=[ParameterPlane(), LossCurve()],
    name="batch-race",
    title="Three batch sizes, each at its best learning rate",
)

# %% many
# ## On average
# Single runs have luck. So take the mean of five hundred, up to the goal.
import numpy as np
from sgdlib.report.estimates import estimated

above = {}  # (500, steps + 1): the loss above the lowest
for size in (1, 4, 16, 64):
    lr, steps = best[size]
    settings = {"lr": lr, "batch_size": size, "steps": steps, "sampler": how}
    many = train(problem, **settings, replicas=500, record=["loss"])
    above[size] = many.loss - problem.lowest_loss
    print(f"batch size {size:2}: {estimated(above[size][:, -1])} at the end")
excess = {size: each.mean(axis=0) for size, each in above.items()}
error = max((each.std(0) / each.mean(0)).max() for each in above.values())

# %% clocks
# ## Three clocks
# A clock says what one step costs. The third is a machine that reads up to
# eight rows at once. Before it reads, each step costs it 1, whatever is in it.

clocks = {
    "steps": lambda size: 1,
    "rows read": lambda size: size,
    "time": lambda size: 1 + int(np.ceil(size / 8)),
}
print("batch size", *clocks, sep="  ")
for size, (_, steps) in best.items():
    paid = [steps * cost(size) for cost in clocks.values()]
    print(f"{size:10}{paid[0]:7}{paid[1]:11}{paid[2]:6}")

# %% figures
from sgdlib import Curves, Figure


def against(clock):
    curves = {
        f"batch {size}": (clocks[clock](size) * np.arange(len(y)), y)
        for size, y in excess.items()
    }
    words = {"x_label": clock, "y_label": "mean loss above the lowest"}
    words["title"] = f"The same runs against {clock}"
    words |= {"levels": {"goal": 0.01}, "y_log": True, "digits": 2}
    view = Curves(curves, **words)
    name, title = f"against-{clock.split()[0]}", f"Counted in {clock}"
    caption = "The mean loss of 500 runs of each batch size, up to the goal,"
    caption += f" standard error up to {100 * error / 500**0.5:.0f} %."
    return Figure([view], title=title, caption=caption, name=name)


# %% steps
against("steps")
# %% rows
against("rows read")
# %% time
against("time")

# %% trade
# ## What is paid for fewer steps
# If twice the batch meant half the steps, the rows read would stay the same.

steps = [steps for _, steps in best.values()]
for size, many in zip(best, steps, strict=True):
    print(f"batch size {size:2}: {size * many / steps[0]:.2f} times the rows")
words = {"x_label": "batch size", "y_label": "steps to the goal"}
words |= {"title": "Fewest steps to the goal", "x_log": True, "y_log": True}
trade = Curves(
    {"fewest steps": (list(best), steps)},
    theory={"perfect trade": (list(best), [steps[0] / b for b in best])},
    **words,
)
words = {"title": "A trade that gets worse", "name": "batch-trade"}
words["caption"] = "Twice the batch, half the steps: nearly so at first."
Figure([trade], **words)

# mkdocs_gallery_thumbnail_number = 4
