"""
# What a batch buys

The same runs on three clocks: steps, rows read, and time on a machine that
reads eight rows at once. Each clock has a winner of its own.
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
# One run of each of three sizes, with its own best learning rate.

from sgdlib import Animation, LossCurve, ParameterPlane, train

runs = {
    f"batch size {size}": train(
        problem, lr=best[size][0], batch_size=size, steps=60, sampler=how
    )
    for size in (1, 8, 64)
}
Animation(
    runs,
    views=[ParameterPlane(), LossCurve()],
    name="batch-race",
    title="Three batch sizes, each at its best learning rate",
)

# %% many
# ## On average
# Single runs have luck. So take five hundred of each, up to the goal, and
# the mean of their losses.

excess = {}
for size in (1, 4, 16, 64):
    lr, steps = best[size]
    settings = {"lr": lr, "batch_size": size, "steps": steps, "sampler": how}
    many = train(problem, **settings, replicas=500, record=["loss"])
    excess[size] = many.loss.mean(axis=0) - problem.lowest_loss
    print(f"batch size {size:2}: {excess[size][-1]:.4f} after {steps} steps")

# %% clocks
# ## Three clocks
# A clock says what one step costs. The third is a machine that needs 1 for
# every step, and 1 more for every eight rows.

from sgdlib import Curves, Figure


def against(clock, cost):
    curves = {
        f"batch {size}": ([cost(size) * t for t in range(len(y))], y)
        for size, y in excess.items()
    }
    title = f"The same runs against {clock}"
    words = {"x_label": clock, "y_label": "mean loss above the lowest"}
    goal = {"goal": 0.01}
    view = Curves(curves, title=title, levels=goal, y_log=True, **words)
    caption = "The mean loss of 500 runs of each batch size, up to the goal."
    return Figure([view], caption=caption, name=f"against-{clock}")


print("batch size  steps  rows read  time")
for size, (_, steps) in best.items():
    rows, time = steps * size, steps * (1 + size / 8)
    print(f"{size:10} {steps:6} {rows:10} {time:5.0f}")

# %% steps
against("steps", lambda size: 1)

# %% rows
against("rows", lambda size: size)

# %% time
against("time", lambda size: 1 + size / 8)

# %% trade
# ## What is paid for fewer steps
# If twice the batch meant half the steps, the rows read would stay the same.

steps = [steps for _, steps in best.values()]
for size in best:
    paid = size * best[size][1] / best[1][1]
    print(f"batch size {size:2}: {paid:.2f} times the rows")
trade = Curves(
    {"fewest steps": (list(best), steps)},
    theory={"perfect trade": (list(best), [steps[0] / b for b in best])},
    x_label="batch size",
    y_label="steps to the goal",
    title="Fewest steps to the goal",
    x_log=True,
    y_log=True,
)
Figure(
    [trade],
    caption="Twice the batch, half the steps: nearly so at first.",
    name="batch-trade",
)

# mkdocs_gallery_thumbnail_number = 4
