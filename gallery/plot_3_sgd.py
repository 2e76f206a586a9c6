"""
# Stochastic gradient descent

Sixteen points instead of a hundred for every step. The gradient is now a
guess, and the path shakes. It still arrives, and often a little earlier.
"""

# %% data
# ## The loop, by hand
# The same points and the same loss as before.

import torch
from sgdlib import noisy_line

data = noisy_line(seed=42)
x, y = data.x.float(), data.y.float()


def mse(y, y_hat):
    return ((y_hat - y) ** 2).mean()


# %% loop
# One line is new: before each step, sixteen different rows are drawn at
# random. Everything else works on them alone. `torch.randperm` shuffles the
# row numbers; the first sixteen of them are a batch drawn without
# replacement.

generator = torch.Generator().manual_seed(1)
a = torch.nn.Parameter(torch.tensor([-1.0, 1.0]))
lr, batch_size = 0.1, 16

for step in range(100):
    rows = torch.randperm(len(y), generator=generator)[:batch_size]
    y_hat = x[rows] @ a
    loss = mse(y[rows], y_hat)
    loss.backward()
    with torch.no_grad():
        a.sub_(lr * a.grad)
        a.grad.zero_()

# %% recovered
# About a sixth of the data for each step, and nearly the same place.

print(f"slope {a[0]:.4f}, intercept {a[1]:.4f}")

# %% watch
# ## Watch it
# The panel close to the minimiser shows what the others are too coarse for:
# gradient descent would settle ever closer to the cross, this run keeps
# moving around it. Its batches are other draws than those of the loop above,
# so its path is another one, too. With seed 12 the run is an ordinary one:
# when it arrives and how far it trembles both lie in the middle half of many
# runs.

from sgdlib import (
    Animation,
    LeastSquares,
    LineFit,
    LossCurve,
    ParameterPlane,
    train,
)

problem = LeastSquares(data)
sgd = train(problem, lr=0.1, batch_size=16, sampler="fresh", seed=12)
views = [LineFit(), ParameterPlane(), ParameterPlane(near=0.5), LossCurve()]
Animation({"batch size 16": sgd}, views, name="sgd")

# %% together
# ## Both at once
# The same start and the same learning rate, with and without the noise. The
# two paths part in the first few steps and end in the same place; SGD's goes
# on shaking around it.

gd = train(problem, lr=0.1, batch_size=None)
Animation(
    {"batch size 16": sgd, "gradient descent": gd},
    views,
    name="sgd-and-gradient-descent",
)

# %% same
# ## Is it the same algorithm?
# A run keeps the rows of every batch. Put them through the loop above, and it
# takes the same path.

b = torch.nn.Parameter(torch.tensor([-1.0, 1.0]))
for rows in torch.tensor(sgd.batches[0]):
    mse(y[rows], x[rows] @ b).backward()
    with torch.no_grad():
        b.sub_(lr * b.grad)
        b.grad.zero_()

difference = abs(sgd.params[0, -1] - b.detach().numpy()).max()
print(f"largest difference after 100 steps: {difference:.0e}")

# mkdocs_gallery_thumbnail_number = 2
