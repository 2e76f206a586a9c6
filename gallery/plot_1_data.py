"""
# Data, a line and a loss

A hundred points scattered about a line, and a number that says how badly a
guess fits them. Nearly all that follows on this site happens on these points.
"""

# %% build the data
# ## The rows
# Each row of `x` is one data point: a number between −1 and 1, and a 1. The
# column of ones is what the intercept is multiplied by. `uniform_` ends in an
# underscore: it fills the column *in place*.

import torch

torch.manual_seed(42)

n = 100
x = torch.ones(n, 2)
x[:, 0].uniform_(-1.0, 1.0)

# %% first rows
# The first five rows show it: random numbers on the left, ones on the right.

print(x[:5])

# %% targets
# ## The targets
# A true slope of 3 and a true intercept of 10, and on top of them normal
# noise with a standard deviation of 0.6. From here on nobody looks at
# `a_true` again; the task is to find it from `x` and `y`.

a_true = torch.tensor([3.0, 10.0])
y = x @ a_true + torch.randn(n) * 0.6

# %% the same in one call
# `sgdlib` draws the same numbers, in the same order, without touching the
# global random state. It keeps them in double precision, so that a long run
# adds no rounding of its own.

from sgdlib import Figure, Scatter, noisy_line

data = noisy_line(n=100, slope=3.0, intercept=10.0, noise=0.6, seed=42)
print("same x:", torch.equal(data.x.float(), x))
print("same y:", torch.equal(data.y.float(), y))

# %% scatter
# Here they are. A line goes through them, plainly; the question is which.

Figure(
    views=[Scatter(data)],
    name="data",
    title="The data",
    caption=f"{data.n} points about the line y = 3x + 10, with normal noise.",
)

# %% loss
# ## How wrong is a guess?
# The mean squared error: the distance from prediction to truth at every
# point, squared, and averaged.


def mse(y, y_hat):
    return ((y_hat - y) ** 2).mean()


# %% first guess
# Take the guess slope −1 and intercept 1, predict, and ask.

a = torch.tensor([-1.0, 1.0])
y_hat = x @ a
print(f"loss of the first guess: {mse(y, y_hat):.2f}")

# %% best guess
# Linear algebra can say at once how low the loss can get on these points. It
# is not zero, for the noise stays, and the best parameters are not exactly
# the true ones, for the noise moves them too.

best = torch.linalg.lstsq(x, y).solution
print(f"best slope {best[0]:.4f}, best intercept {best[1]:.4f}")
print(f"lowest loss: {mse(y, x @ best):.4f}")
