"""
# Gradient descent

Stand somewhere on the loss, look which way is down, take a step, repeat. The line jumps up to its intercept
first and tilts into its slope later.
"""

# %% data
# ## The loop, by hand
# The data are the hundred points of the first example.

import torch

from sgdlib import noisy_line

data = noisy_line(seed=42)
x, y = data.x, data.y

# %% loop
# Predict, measure, differentiate, step. `backward()` leaves the derivative of the loss in `a.grad`; the step
# goes *against* it, since the gradient points uphill. The step itself is not part of the model, so it is
# taken under `no_grad`. Gradients add up in `a.grad` until someone zeroes them.

a = torch.nn.Parameter(torch.tensor([-1.0, 1.0], dtype=torch.float64))
lr = 0.1

for step in range(100):
    y_hat = x @ a
    loss = ((y - y_hat) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        a.sub_(lr * a.grad)
        a.grad.zero_()

# %% recovered
# Slope and intercept after a hundred steps. The truth behind the data was 3 and 10.

print(f"slope {a[0]:.4f}, intercept {a[1]:.4f}")

# %% first gradient
# ## Two reasons for "intercept first"
# At the start the loss falls faster along the intercept. Here is its gradient there:

start = torch.tensor([-1.0, 1.0], dtype=torch.float64, requires_grad=True)
((y - x @ start) ** 2).mean().backward()
print(f"along the slope {start.grad[0]:.2f}, along the intercept {start.grad[1]:.2f}")

# %% curvature
# That explains the first steps. What decides all the others is how sharply the loss bends: the eigenvalues
# of its Hessian. A step of size `lr` leaves `1 - lr * eigenvalue` of the error, whatever the error is.

hessian = 2 / len(y) * x.T @ x
flat, sharp = torch.linalg.eigvalsh(hessian)
for name, eigenvalue in {"slope": flat, "intercept": sharp}.items():
    left = 1 - lr * eigenvalue
    half_life = torch.log(torch.tensor(0.5)) / torch.log(left)
    print(f"mostly {name}: {left:.3f} of the error is left a step, half of it after {half_life:.1f} steps")

# %% watch
# ## Watch it
# The same run, recorded by `sgdlib` and drawn. Look at the line: it rises, then it turns. In the plane of the
# two parameters the path climbs steeply first and then creeps along the valley.

from sgdlib import Animation, LeastSquares, LineFit, LossCurve, ParameterPlane, train

run = train(LeastSquares(data), lr=0.1, batch_size=None, steps=100, start=(-1.0, 1.0))
Animation(
    {"gradient descent": run},
    views=[LineFit(), ParameterPlane(), LossCurve()],
    name="gradient-descent",
)

# %% same
# The recorded run is the loop above, to the last digits of double precision.

print(f"largest difference: {abs(run.params[0, -1] - a.detach().numpy()).max():.0e}")

# mkdocs_gallery_thumbnail_number = 2
