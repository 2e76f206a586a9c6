"""
# Is SGD slower?

It depends on what is asked. A typical run is there a little earlier than
gradient descent. The mean loss of many runs lags behind.
"""

# %% slower
# ## Who is there first?
# Ask a thousand runs when slope and intercept have for the first time both
# gone 99 % of their way.

from sgdlib import LeastSquares, noisy_line, train

problem = LeastSquares(noisy_line(seed=42))
gd = train(problem, lr=0.1, batch_size=None)
how = {"steps": 200, "replicas": 1000, "record": ["params", "loss"]}
many = train(problem, lr=0.1, batch_size=16, **how)


def first_there(run):
    away = abs(run.params - problem.minimiser.numpy())
    return (away <= 0.01 * away[:, :1]).all(axis=2).argmax(axis=1)


there = first_there(many)
share = 100 * (there < first_there(gd)).mean()
error = (share * (100 - share) / many.replicas) ** 0.5
print(
    f"{share:.0f} ± {error:.0f} % of {many.replicas} runs are there earlier"
)
print(f"half of them are there by step {sorted(there)[499]}")

# %% lag
# ## What lags is the mean loss
# The mean of their parameters follows gradient descent exactly: a miss to one
# side cancels a miss to the other. Their losses don't cancel, for either miss
# raises the loss. Here is its mean, and what theory expects.

from sgdlib import Curves, Figure, theory

steps, lowest = range(101), problem.lowest_loss
start = (-1.0, 1.0)
expected = theory.expected_excess_loss(problem, 0.1, 16, 100, start, "fresh")
some = range(0, 101, 10)
each = many.loss[:, some] - lowest  # (1000, 11)
view = Curves(
    {
        "gradient descent": (steps, gd.loss[0] - lowest),
        "mean of 1000 runs": (some, each.mean(axis=0)),
    },
    theory={"expected at batch size 16": (steps, expected)},
    x_label="step",
    y_label="loss above the lowest",
    title="Learning rate 0.1",
    y_log=True,
    digits=2,
)
error = (each.std(axis=0) / each.mean(axis=0)).max() / 1000**0.5
caption = (
    "Gradient descent, and batch size 16: exact, and the mean of 1000 runs,"
)
caption += f" standard error up to {100 * error:.0f} %."
title = "What lags is the mean loss"
Figure([view], name="mean-loss", title=title, caption=caption)
