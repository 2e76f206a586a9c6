"""Estimates: numbers that come from many runs, written with their errors."""

from __future__ import annotations

import math

import numpy as np

from sgdlib.base.arrays import Array
from sgdlib.base.formats import Number, localised, significant
from sgdlib.base.words import phrase
from sgdlib.experiment.replicas import percentile, unclipped


def uncertain(value: float, error: float) -> str:
    """A number and its standard error, to no digit beyond the error's first; alone where the error is rounding.

    Examples:
        >>> uncertain(0.23874, 0.0041), uncertain(2716.7, 96.1), uncertain(1.00611, 1e-16)
        ('0.239 ± 0.004', '2700 ± 100', '1.006')
    """
    if not error > 1e-9 * abs(value) or not math.isfinite(value) or not math.isfinite(error):
        return significant(value)
    first = float(f"{error:.0e}")
    decimals = -math.floor(math.log10(first) + 1e-9)
    short = (localised(f"{round(each, decimals) + 0.0:.{max(0, decimals)}f}") for each in (value, first))
    return phrase("number.error", value=next(short), error=next(short))


def estimated(values: Array) -> str:
    """The mean of independent values and its standard error.

    Examples:
        >>> estimated(np.array([0.1, 0.2, 0.3, 0.4]))
        '0.25 ± 0.06'
    """
    return uncertain(float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(len(values)))


def measured_percentile(values: Array, q: float) -> Number:
    """A percentile over independent runs, to the digits that so many runs know.

    Its standard error is taken from the percentiles one standard error of the share beside it, whatever the
    distribution; the last digit is that of twice the error.

    Args:
        values: (R,), not necessarily finite.
        q: from 0 to 100.

    Examples:
        >>> values = np.random.default_rng(0).normal(10.0, 3.0, 400)
        >>> str(measured_percentile(values[:10], 50.0)), str(measured_percentile(values, 50.0))
        ('10', '9.8')
    """
    reach = 100.0 * math.sqrt(q / 100.0 * (1.0 - q / 100.0) / len(values))
    below, value, above = (
        float(unclipped(percentile(values[:, None], at))[0]) for at in (max(0.0, q - reach), q, min(100.0, q + reach))
    )
    if not (math.isfinite(above - below) and value and above > below):
        return Number(value, "measured")
    first, last = (math.floor(math.log10(number)) for number in (abs(value), above - below))  # twice the error
    return Number(value, "measured", min(4, max(1, first - last + 1)))
