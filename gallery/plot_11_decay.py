"""
# Less and less jitter

Two ways to come to rest: a learning rate that falls, and a batch that grows.
"""

# %% runs
# ## Two cures and none
# One row a step at learning rate 0.1, from close to the minimiser, so that
# jitter is all there is to see. At steps 200 and 400 the first run changes
# nothing, the second divides its learning rate by four, and the third
# multiplies its batch by four.

from functools import partial

from sgdlib import LeastSquares, noisy_line, train
from torch.optim.lr_scheduler import LambdaLR, MultiStepLR

problem = LeastSquares(noisy_line(seed=42))
one = partial(
    train,
    problem,
    lr=0.1,
    batch_size=1,
    start=(2.5, 9.7),
    sampler="replacement",
)
falls = partial(MultiStepLR, milestones=[199, 399], gamma=0.25)
kinds = {
    "as before": {},
    "smaller steps": {"schedule": falls},
    "larger batch": {"batch_size": {1: 1, 200: 4, 400: 16}},
}
runs = {label: one(**how, steps=600, every=6) for label, how in kinds.items()}
for label, run in runs.items():
    print(f"{label:>13}: loss {run.loss[0, -1]:.4f} at the end")

# %% animation
# ## Side by side
# Until step 200 the three are one.

from sgdlib import Animation, LossCurve, ParameterPlane

Animation(
    runs,
    views=[ParameterPlane(near=0.6), LossCurve()],
    name="jitter-cures",
    title="Smaller steps or a larger batch",
)

# %% stairs
# ## On average
# Three hundred runs of each kind come down in stairs.

from sgdlib import Curves, Figure

mean = {}
for label, how in kinds.items():
    many = one(**how, steps=600, replicas=300, record=["loss"])
    excess = many.loss.mean(axis=0) - problem.lowest_loss
    mean[label] = (many.steps, excess)
words = {"x_label": "step", "y_label": "mean loss above the lowest"}
view = Curves(mean, title="Down in stairs", y_log=True, **words)
caption = "The mean loss of 300 runs each."
Figure([view], caption=caption, name="stairs")

# %% floors
# ## Where each comes to rest
# Theory's noise floor on each of the stairs.

from sgdlib import theory

how = "replacement"
print("from step  smaller steps  larger batch")
for k, first in enumerate((1, 200, 400)):
    small = theory.noise_floor(problem, 0.1 / 4**k, 1, how)
    large = theory.noise_floor(problem, 0.1, 4**k, how)
    print(f"{first:9} {small:14.5f} {large:13.5f}")

# %% fall
# ## A learning rate that falls at every step
# After t steps it is a / (10 a + t): it begins at 0.1, and in the end it is
# close to a / t. Whether that is too fast depends on a.

import numpy as np

settings = {"replicas": 100, "steps": 1000, "start": (-1.0, 1.0)}
decay = {}
for a in (0.2, 0.5, 2.0):
    shrink = partial(LambdaLR, lr_lambda=lambda t, a=a: 10 * a / (10 * a + t))
    many = one(**settings, schedule=shrink, record=["loss"], every=5)
    excess = many.loss.mean(axis=0) - problem.lowest_loss
    decay[f"a = {a}"] = (many.steps[1:], excess[1:])
    print(f"a = {a}: {excess[-1]:.4f} above the lowest")
smallest = np.linalg.eigvalsh(problem.hessian)[0]
print(f"a must be more than {1 / (2 * smallest):.3f}")

# %% fall figure
# On these axes a fall as 1/t is a straight line, and so are slower ones.

late = many.steps[20:]
best = [theory.average_excess_loss(problem, 1, t, how) for t in late]
view = Curves(
    decay,
    theory={"falls as 1/t": (late, best)},
    title="Learning rates that fall as a/t",
    x_log=True,
    y_log=True,
    **words,
)
caption = "The mean loss of 100 runs each, one row a step."
Figure([view], caption=caption, name="falling-rates")

# mkdocs_gallery_thumbnail_number = 3
