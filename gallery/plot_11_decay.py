"""
# Less and less jitter

Two ways to jitter less: smaller steps, and a batch that grows.
"""

# %% runs
# ## Two cures and none
# One row a step at learning rate 0.1, from close to the minimiser, so that
# jitter is all there is to see. At steps 200 and 400 the first run changes
# nothing, the second divides its learning rate by four, and the third
# multiplies its batch by four.

from functools import partial

from sgdlib import LeastSquares, noisy_line, train
from torch.optim.lr_scheduler import MultiStepLR

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

mean, errors = {}, []
for label, how in kinds.items():
    many = one(**how, steps=600, replicas=300, record=["loss"])
    excess = many.loss.mean(axis=0) - problem.lowest_loss
    mean[label] = (many.steps, excess)
    errors.append((many.loss.std(axis=0) / excess).max() / 300**0.5)
words = {"x_label": "step", "y_label": "mean loss above the lowest"}
view = Curves(mean, title="Down in stairs", y_log=True, digits=2, **words)
caption = "The mean loss of 300 runs each,"
caption += f" standard error up to {100 * max(errors):.0f} %."
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

# mkdocs_gallery_thumbnail_number = 2
