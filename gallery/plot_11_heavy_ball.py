"""
# Momentum, where it helps

The heavy ball keeps a part of its last step. In a long, narrow valley that is
a great help, and on a round problem a nuisance.
"""

# %% valley
# ## A narrow valley
# Fifty points whose x runs from 0 to 10, not around 0. Slope and intercept
# can now make up for each other, and the loss is far steeper across their
# valley than along it.

import torch
from sgdlib import Dataset, LeastSquares, noisy_line

x = torch.linspace(0, 10, 50)
noise = torch.randn(50, generator=torch.Generator().manual_seed(42))
rows = torch.stack([x, torch.ones(50)], dim=1)
narrow = LeastSquares(Dataset(rows, 0.5 * x + 2 + 0.6 * noise))
kind = LeastSquares(noisy_line(seed=42))  # of the lessons

for name, problem in (("narrow", narrow), ("kind", kind)):
    low, high = torch.linalg.eigvalsh(problem.hessian).tolist()
    print(
        f"{name}: curvatures {low:.2f} and {high:.2f}, {high / low:.0f} : 1"
    )

# %% best
# ## The best of each
# The factor by which a step shrinks the error in the long run, with the best
# learning rate of gradient descent, and with the best pair of learning rate
# and momentum.

from sgdlib import theory

for name, problem in (("narrow", narrow), ("kind", kind)):
    lr, momentum = theory.best_heavy_ball(problem)
    gd = theory.gd_rate(problem, theory.best_lr(problem))
    ball = theory.heavy_ball_rate(problem, lr, momentum)
    print(f"{name}: {gd:.2f} without, {ball:.2f} with {momentum:.2f}")

# %% ball
# ## Side by side
# The same learning rate, half of gradient descent's limit. Gradient descent
# is in the valley at once, and then it creeps. The ball adds up what its
# steps agree on.

from functools import partial

from sgdlib import Animation, LossCurve, ParameterPlane, train

lr = round(theory.gd_limit(narrow) / 2, 4)
ball = partial(torch.optim.SGD, momentum=0.8)
settings = {"lr": lr, "batch_size": None, "start": (-0.4, 4.0)}
runs = {
    "plain": train(narrow, **settings),
    "heavy ball": train(narrow, **settings, optimizer=ball),
}
Animation(
    runs,
    views=[ParameterPlane(), LossCurve()],
    name="heavy-ball",
    title="Gradient descent and the heavy ball in a narrow valley",
)

# %% mistake
# ## Where it does not
# On the lessons' problem, with the usual momentum of 0.9 and its best
# learning rate out of a thousand, gradient descent without any is faster.

import numpy as np

limit = theory.heavy_ball_limit(kind, 0.9)
lrs = np.linspace(0, limit, 1001)[1:-1].tolist()
rate = min(theory.heavy_ball_rate(kind, lr, 0.9) for lr in lrs)
print(f"momentum 0.9: {rate:.2f} a step")
print(
    f"none:         {theory.gd_rate(kind, theory.best_lr(kind)):.2f} a step"
)

# %% noise
# ## And jitter?
# Three hundred runs from the minimiser, one row a step. Momentum adds up the
# noise of many steps: it jitters nearly as ten times the learning rate does.

from sgdlib.report.estimates import estimated

settings = {"batch_size": 1, "start": kind.minimiser, "steps": 1500}
settings |= {"replicas": 300, "record": ["loss"]}
settings["sampler"] = "replacement"
ball = partial(torch.optim.SGD, momentum=0.9)
for label, lr, optimizer in (
    ("0.01", 0.01, None),
    ("0.01, momentum 0.9", 0.01, ball),
    ("0.1", 0.1, None),
):
    many = train(kind, lr=lr, **settings, optimizer=optimizer)
    excess = many.loss[:, 300:].mean(axis=1) - kind.lowest_loss
    print(f"{label:>18}: {estimated(excess)}")
