"""
# Stochastic gradient descent

Sixteen points instead of a hundred for every step. The gradient is now a guess, and the path shakes. It still
arrives.
"""

# %% data
# ## The loop, by hand
# The same points as before.

import torch

from sgdlib import noisy_line

data = noisy_line(seed=42)
x, y = data.x, data.y

# %% loop
# One line is new: before each step, sixteen different rows are drawn at random. Everything else works on them
# alone. `torch.randperm` shuffles the row numbers; the first sixteen of them are a batch drawn without
# replacement.

generator = torch.Generator().manual_seed(1)
a = torch.nn.Parameter(torch.tensor([-1.0, 1.0], dtype=torch.float64))
lr, batch_size = 0.1, 16

for step in range(100):
    rows = torch.randperm(len(y), generator=generator)[:batch_size]
    y_hat = x[rows] @ a
    loss = ((y[rows] - y_hat) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        a.sub_(lr * a.grad)
        a.grad.zero_()

# %% recovered
# A sixth of the data for each step, and nearly the same place.

print(f"slope {a[0]:.4f}, intercept {a[1]:.4f}")

# %% watch
# ## Watch it
# Look at the path near the minimiser. Gradient descent stops there; this run keeps moving.

from sgdlib import Animation, LeastSquares, LineFit, LossCurve, ParameterPlane, train

problem = LeastSquares(data)
sgd = train(problem, lr=0.1, batch_size=16, steps=100, start=(-1.0, 1.0), sampler="fresh", seed=0)
views = [LineFit(), ParameterPlane(), LossCurve()]
Animation({"batch size 16": sgd}, views, name="sgd")

# %% together
# ## Both at once
# The same start and the same learning rate, with and without the noise. The two paths part in the first few
# steps and end in the same place; SGD's goes on shaking around it.

gd = train(problem, lr=0.1, batch_size=None, steps=100, start=(-1.0, 1.0))
Animation({"gradient descent": gd, "batch size 16": sgd}, views, name="sgd-and-gradient-descent")

# mkdocs_gallery_thumbnail_number = 2
