"""
# A learning rate that falls for ever

How fast may it fall? Theory walks thirty thousand steps ahead, and runs follow
for the first three thousand.
"""

# %% powers
# ## Three powers
# After t steps the learning rate is 0.1 / (1 + t/10)^q. It always begins at
# 0.1. The larger the power q, the faster it falls.

from functools import partial

import numpy as np
from sgdlib import LeastSquares, noisy_line, theory, train
from torch.optim.lr_scheduler import LambdaLR

problem = LeastSquares(noisy_line(seed=42))
start, how = (-1.0, 1.0), "replacement"
t = np.arange(30_000)


def excess(share, steps, replicas, every):
    """The loss above the lowest in runs: (runs, steps recorded)."""
    many = train(
        problem,
        lr=0.1,
        schedule=partial(LambdaLR, lr_lambda=share),
        batch_size=1,
        steps=steps,
        start=start,
        sampler=how,
        replicas=replicas,
        record=["loss"],
        every=every,
    )
    return many.steps[1:], many.loss[:, 1:] - problem.lowest_loss


def expected(share, steps):
    """The same, exactly."""
    lrs = 0.1 * share(t[:steps])
    return theory.expected_excess_loss(problem, lrs, 1, steps, start, how)


def unsure(each):
    """The largest standard error of the mean over the runs, as a share."""
    return (each.std(axis=0) / each.mean(axis=0)).max() / len(each) ** 0.5


exact, walks, errors = {}, {}, []
for power in (0.3, 1, 2):
    share = partial(lambda t, power: (1 + t / 10) ** -power, power=power)
    exact[f"power {power}"] = (t[1:], expected(share, len(t))[1:-1])
    steps, each = excess(share, 3000, 300, 10)
    walks[f"runs, {power}"] = (steps, each.mean(axis=0))
    errors.append(unsure(each))

# %% powers figure
# Both axes are logarithmic, so that a power of t is a straight line.

from sgdlib import Curves, Figure

words = {"x_label": "step", "y_label": "mean loss above the lowest"}
words |= {"x_log": True, "y_log": True, "digits": 2}
view = Curves(walks, theory=exact, title="How fast may it fall?", **words)
caption = "Exact, and the mean of 300 runs, one row a step,"
caption += f" standard error up to {100 * max(errors):.0f} %."
Figure([view], caption=caption, name="powers")

# %% fall
# ## As a/t
# Now 0.1 · 10a / (10a + t): in the end that is close to a/t. Whether it is
# too fast depends on a.

from sgdlib.report.estimates import estimated

print("above the lowest after 1000 steps")
print("           exact    1000 runs")
decay, errors = {}, []
for a in (0.2, 0.5, 2.0):
    share = partial(lambda t, a: 10 * a / (10 * a + t), a=a)
    steps, each = excess(share, 1000, 1000, 5)
    decay[f"a = {a}"] = (steps, each.mean(axis=0))
    errors.append(unsure(each))
    last = expected(share, 1000)[-1]
    print(f"a = {a}: {last:8.3g}    {estimated(each[:, -1])}")
smallest = np.linalg.eigvalsh(problem.hessian)[0]
print(f"a must be more than {1 / (2 * smallest):.3f}")

# %% fall figure
# The dashed line is what the average of as many steps would have.

late = steps[19:]
best = [theory.average_excess_loss(problem, 1, k, how) for k in late]
view = Curves(
    decay,
    theory={"falls as 1/t": (late, best)},
    title="Learning rates that fall as a/t",
    **words,
)
caption = "The mean loss of 1000 runs each, one row a step,"
caption += f" standard error up to {100 * max(errors):.0f} %."
Figure([view], caption=caption, name="falling-rates")

# mkdocs_gallery_thumbnail_number = 1
