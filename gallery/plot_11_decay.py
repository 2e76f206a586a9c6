"""
# Getting rid of the jitter

Smaller steps, larger batches, or a mean of what one has: four remedies for a
noise floor, and one that is none.
"""

# %% one run of each
# ## Three remedies, one run each
# Constant learning rate; a tenth of it from step 150 on; ten times the batch
# from step 150 on.

from functools import partial

from sgdlib import (
    Animation,
    LeastSquares,
    LossCurve,
    ParameterPlane,
    noisy_line,
    train,
)
from torch.optim.lr_scheduler import LambdaLR, MultiStepLR

problem = LeastSquares(noisy_line(seed=42))
tenth = partial(MultiStepLR, milestones=[150], gamma=0.1)
Animation(
    {
        "constant": train(problem, batch_size=1, steps=300),
        "smaller steps": train(
            problem, batch_size=1, steps=300, schedule=tenth
        ),
        "larger batch": train(problem, batch_size={1: 1, 151: 10}, steps=300),
    },
    views=[ParameterPlane(near=0.5), LossCurve()],
    name="remedies",
    title="Three runs, and from step 150 on two remedies",
)

# %% decay
# ## Smaller and smaller
# The learning rate a/t, but never more than 0.1: mean excess loss of two
# hundred runs, for three numbers a.


def excess(**more):
    how = {"steps": 1000, "every": 10, "replicas": 200, "record": ["loss"]}
    many = train(problem, batch_size=1, **how, **more)
    return many.steps[1:], many.loss.mean(axis=0)[1:] - problem.lowest_loss


def decay(a):
    return partial(LambdaLR, lr_lambda=lambda t: min(1, a / (0.1 * (t + 1))))


decays = {f"a = {a}": excess(schedule=decay(a)) for a in (0.3, 0.73, 1.5)}
decays |= {"constant": excess()}
for name, (steps, loss) in decays.items():
    print(f"{name:8}: {loss[24]:.4f} after 250, {loss[-1]:.4f} after 1000")

# %% decay curves
# ## The same, drawn

from sgdlib import Curves, Figure

logs = {"x_log": True, "y_log": True}
falling = Curves(
    decays, "step", "excess loss", "Mean loss of 200 runs", **logs
)
Figure([falling], name="decays", title="The learning rate a/t")

# %% condition
# ## How large must a be?

import numpy as np
from sgdlib import theory

flattest = np.linalg.eigvalsh(problem.hessian.numpy())[0]
print(f"1 / (2 λmin) = {1 / (2 * flattest):.3f}")

# %% averaging
# ## The mean of where it was
# A hundred runs, batch size 1, constant learning rate. The last place, and
# the mean of the two thousand places after the first two hundred.

many = train(problem, batch_size=1, steps=2200, replicas=100)
hessian, best = problem.hessian.numpy(), problem.minimiser.numpy()
for name, places in (
    ("last place", many.params[:, -1]),
    ("mean place", many.params[:, 201:].mean(axis=1)),
):
    error = places - best
    measured = np.einsum("ri,ij,rj->r", error, hessian, error).mean() / 2
    print(f"{name}: excess {measured:.5f}")
expected = theory.average_excess_loss(problem, 1, 2000, "fresh")
print(f"theory, for the mean: {expected:.5f}")

# %% momentum
# ## Momentum
# Rates of gradient descent, the factor that a step leaves of the error: at
# its best; with momentum 0.9; with the best momentum. Then the same where one
# direction is much flatter.

import torch
from sgdlib import Dataset

flat = Dataset(problem.data.x * torch.tensor([0.1, 1.0]), problem.data.y)
for name, each in (("lesson", problem), ("flatter", LeastSquares(flat))):
    plain = theory.gd_rate(each, theory.best_lr(each))
    lr, momentum = theory.best_heavy_ball(each)
    rates = [theory.heavy_ball_rate(each, lr, m) for m in (0.9, momentum)]
    print(
        f"{name:8} plain {plain:.3f}   momentum 0.9 {rates[0]:.3f}"
        f"   momentum {momentum:.2f} {rates[1]:.3f}"
    )
