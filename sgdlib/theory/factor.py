"""How much noise a batch brings, beside that of a single row."""

from __future__ import annotations

from sgdlib.base import checks
from sgdlib.experiment.samplers import SAMPLERS

KNOWN = ("replacement", "fresh")  # their batches are independent of each other, so exact results exist


def batch_factor(n: int, batch_size: int | None, sampler: str | None) -> float:
    r"""The covariance of a batch's mean, as a multiple of that of one row.

    .. math:: \frac1B \text{ with replacement}, \qquad \frac{n - B}{B (n - 1)} \text{ for a fresh batch without}

    The second is 0 at B = n: a fresh batch of all rows is gradient descent, n rows drawn with replacement
    are not. It is the finite population correction of survey sampling (Cochran 1977, Sampling Techniques, ch. 2).

    Args:
        n: how many rows there are, at least 1.
        batch_size: how many rows make a batch, 1 to n; None for gradient descent.
        sampler: "replacement" or "fresh"; None or any sampler for gradient descent.

    Returns:
        0 to 1.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if ``batch_size`` is out of range, or ``sampler`` is one without closed forms.

    Examples:
        >>> batch_factor(100, 16, "replacement"), round(batch_factor(100, 16, "fresh"), 4)
        (0.0625, 0.053)
    """
    n = checks.integer("n", n, low=1)
    if batch_size is not None:
        batch_size = checks.integer("batch_size (None for gradient descent)", batch_size, low=1, high=n)
    if batch_size is None and sampler is None:
        return 0.0
    sampler = checks.choice("sampler", sampler, SAMPLERS)
    if batch_size is None:
        return 0.0
    if sampler not in KNOWN:
        raise ValueError(
            f"sampler must be {' or '.join(map(repr, KNOWN))}; got {sampler!r}, whose batches depend on each other: "
            "no closed form exists. See Ying et al. (2019), arXiv:1803.07964, and Mishchenko et al. (2020), "
            "arXiv:2006.05988, or train an ensemble with replicas=1000."
        )
    if sampler == "replacement":
        return 1.0 / batch_size
    return 0.0 if n == 1 else (n - batch_size) / (batch_size * (n - 1))
