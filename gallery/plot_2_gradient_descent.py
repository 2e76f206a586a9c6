"""
# Gradient descent

Stand somewhere on the loss, look which way is down, take a step, repeat. The
line jumps up to its intercept first and tilts into its slope later.
"""

# %% data
# ## The loop, by hand
# The data are the hundred points of the first example, in single precision,
# as PyTorch draws them, and so is the loss.

import torch
from sgdlib import noisy_line

data = noisy_line(seed=42)
x, y = data.x.float(), data.y.float()


def mse(y, y_hat):
    return ((y_hat - y) ** 2).mean()


# %% loop
# Predict, measure, differentiate, step. `backward()` leaves the derivative of
# the loss in `a.grad`; the step goes *against* it, since the gradient points
# uphill. The step itself is not part of the model, so it is taken under
# `no_grad`. Gradients add up in `a.grad` until someone zeroes them.

a = torch.nn.Parameter(torch.tensor([-1.0, 1.0]))
lr = 0.1

for step in range(100):
    y_hat = x @ a
    loss = mse(y, y_hat)
    loss.backward()
    with torch.no_grad():
        a.sub_(lr * a.grad)
        a.grad.zero_()

# %% recovered
# Slope and intercept after a hundred steps. The truth behind the data was 3
# and 10.

print(f"slope {a[0]:.4f}, intercept {a[1]:.4f}")

# %% first gradient
# ## Two reasons for "intercept first"
# At the start the loss falls faster along the intercept. Here is its gradient
# there:

start = torch.tensor([-1.0, 1.0], requires_grad=True)
mse(y, x @ start).backward()
print(f"along the slope {start.grad[0]:.2f}")
print(f"along the intercept {start.grad[1]:.2f}")

# %% curvature
# That explains the first steps. What decides all the others is how sharply
# the loss bends: the eigenvalues of its Hessian, which for the mean squared
# error is 2/n XᵀX. A step leaves `1 - lr * eigenvalue` of the error in that
# direction, whatever the error is.

hessian = 2 / len(y) * x.T @ x
flat, sharp = torch.linalg.eigvalsh(hessian)
for name, eigenvalue in {"slope": flat, "intercept": sharp}.items():
    left = 1 - lr * eigenvalue
    half_life = -torch.log(torch.tensor(2.0)) / torch.log(left)
    print(f"mostly {name}: a step leaves {left:.3f} of the error,")
    print(f"  so half of it is gone after {half_life:.1f} steps")

# %% watch
# ## Watch it
# The same run, recorded by `sgdlib` and drawn. Look at the line: it rises,
# then it turns. In the plane of the two parameters the path climbs steeply
# first and then creeps along the valley.

from sgdlib import (
    Animation,
    LeastSquares,
    LineFit,
    LossCurve,
    ParameterPlane,
    train,
)

run = train(
    LeastSquares(data), lr=0.1, batch_size=None, steps=100, start=(-1.0, 1.0)
)
Animation(
    {"gradient descent": run},
    views=[LineFit(), ParameterPlane(), LossCurve()],
    name="gradient-descent",
)

# %% same
# The recorded run is the loop above, in double precision.

difference = abs(run.params[0, -1] - a.detach().numpy()).max()
print(f"largest difference after 100 steps: {difference:.0e}")

# mkdocs_gallery_thumbnail_number = 2
