"""The least-squares solution of rows and targets, by their singular values.

Columns may lie far from 0, as times in seconds do, and be of any size. Taken as they are, they would lose as many
digits as their offset is longer than their width. So a column far from 0 is moved near to it, which a constant column
makes up for, and all are brought to one size; what is found is brought back exactly.

Shapes: n rows, p columns, r of them independent (the rank).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgdlib.base.arrays import Array

EPS = float(np.finfo(np.float64).eps)
FAR = 16.0  # widths from 0; from there on a column is moved
REFINED = 2  # times the solution is mended by what it leaves
SPLIT = 2.0**27 + 1.0  # times a float, it has half the digits in front
ROUNDING = 4.0  # units in the last place that a constant column may vary by


@dataclass(frozen=True)
class Near:
    """Rows and targets with those columns moved near to 0 that lie far from it.

    Args:
        x: (n, p) with ``offset`` subtracted from each column.
        y: (n,) with ``lift`` subtracted.
        offset: (p,) 0 for a column that stands.
        lift: of the targets.
        constant: which column makes up for it, if anything is moved; where there is none, nothing is.
        level: the number in that column; 1 where there is none.
    """

    x: Array
    y: Array
    offset: Array
    lift: float
    constant: int
    level: float

    @property
    def is_moved(self) -> bool:
        """Whether anything is."""
        return bool(self.offset.any()) or self.lift != 0.0

    def share(self) -> Array:
        """(p,): the parameter of the constant column has to make up for so much of each other parameter."""
        return self.offset / self.level

    def params(self, params: Array) -> Array:
        """(R, p): the parameters with which the moved columns predict what (R, p) do with the columns as they are."""
        if not self.is_moved:
            return params
        near = params.copy()
        near[:, self.constant] += params @ self.share() - self.lift / self.level
        return near

    def gradient(self, gradient: Array) -> Array:
        """(R, p): by the parameters as they are, from (R, p) by those that ``params`` returns."""
        if not self.is_moved:
            return gradient
        return gradient + gradient[:, [self.constant]] * self.share()


def near(x: Array, y: Array) -> Near:
    """Move columns and targets that lie farther from 0 than 16 times their width, if a constant column allows it."""
    low, high = x.min(axis=0), x.max(axis=0)
    constants = np.flatnonzero((low == high) & (low != 0.0))
    if not constants.size:
        return Near(x, y, np.zeros(x.shape[1]), 0.0, 0, 1.0)
    constant = int(constants[-1])
    offset = _offset(low, high)
    offset[constant] = 0.0
    lift = float(_offset(y.min(keepdims=True), y.max(keepdims=True))[0])
    moved = x - offset
    moved[:, np.abs(moved).max(axis=0) <= ROUNDING * EPS * np.abs(offset)] = 0.0  # constant but for rounding
    return Near(moved, y - lift, offset, lift, constant, float(low[constant]))


def _offset(low: Array, high: Array) -> Array:
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    return np.where(np.abs(middle) / (2 * FAR) > half, middle, 0.0)  # a width may be no float, half of it is


@dataclass(frozen=True)
class Solution:
    """What least squares finds.

    Args:
        near: the rows and targets that it was found with.
        exponents: (p,) the powers of two that the columns of ``near.x`` were divided by.
        left: (n, r) orthonormal, and
        inner: (r, p) with ``left @ inner`` the columns so divided.
        minimiser: (p,) of least norm where the rows leave a choice.
        residual: (n,) prediction minus target there.

    None of them can be written to.
    """

    near: Near
    exponents: NDArray[np.int32]
    left: Array
    inner: Array
    minimiser: Array
    residual: Array

    def __post_init__(self) -> None:
        for values in (self.left, self.inner, self.minimiser, self.residual, self.near.x, self.near.y):
            values.flags.writeable = False

    @property
    def rank(self) -> int:
        """How many columns are independent."""
        return len(self.inner)


def solve(x: Array, y: Array) -> Solution:
    """Find the parameters (p,) with the least mean square of x a − y.

    Columns count as independent by numpy's rule for ``matrix_rank``, once they are moved and brought to one size.

    Args:
        x: (n, p).
        y: (n,).

    Examples:
        >>> t = 1.7e9 + 864.0 * np.arange(100)
        >>> solve(np.stack([t, np.ones(100)], axis=1), 2 * t + 3).minimiser[0].round(12)
        np.float64(2.0)
    """
    centred = near(x, y)
    _, exponents = np.frexp(np.abs(centred.x).max(axis=0))
    scaled = np.ldexp(centred.x, -exponents)
    left, singular, right = np.linalg.svd(scaled, full_matrices=False)
    r = int((singular > singular[0] * max(x.shape) * EPS).sum())
    left, inner, back = left[:, :r], singular[:r, None] * right[:r], right[:r].T / singular[:r]
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        params = back @ (left.T @ centred.y)  # (p,) of the scaled columns
        more = np.zeros_like(params)  # the digits that they have no room for
        residual = left @ (left.T @ centred.y) - centred.y
        if centred.is_moved:  # and so the constant column's may be what is left of far larger numbers
            for _ in range(REFINED):
                more = more + back @ (left.T @ _rest(scaled, centred.y, params, more))
            residual = -_rest(scaled, centred.y, params, more)
        minimiser = _brought_back(params, more, exponents, centred)
        if r < x.shape[1]:
            minimiser = _least_norm(minimiser, right, r, exponents, centred)
    return Solution(centred, exponents, left, inner, minimiser, residual)


def _rest(x: Array, y: Array, params: Array, more: Array) -> Array:
    """(n,): y − x (params + more), summed with twice the digits, for little is left of much."""
    rest, lost = y, np.zeros_like(y)
    for column, value, extra in zip(x.T, -params, more, strict=True):
        product = column * value
        total = rest + product
        part = total - rest
        lost = lost + ((rest - (total - part)) + (product - part)) + _rounding(column, value, product) - column * extra
        rest = total
    return rest + lost


def _rounding(column: Array, value: float, product: Array) -> Array:
    """By how much rounding changed each product, exactly; see Dekker (1971), 10.1007/BF01397083."""
    (a, b), (c, d) = _halves(column), _halves(np.float64(value))
    return ((a * c - product) + a * d + b * c) + b * d


def _halves(values: Any) -> tuple[Any, Any]:
    high = SPLIT * values - (SPLIT * values - values)
    return high, values - high


def _brought_back(params: Array, more: Array, exponents: NDArray[np.int32], centred: Near) -> Array:
    """The parameters for the rows as they are; summed exactly, for the offsets may make up for each other."""
    back: Array = np.ldexp(params + more, -exponents)
    if not centred.is_moved or not np.isfinite(back).all():
        return back
    exact = [
        (Fraction(value) + Fraction(extra)) / Fraction(2) ** int(exponent)
        for value, extra, exponent in zip(params.tolist(), more.tolist(), exponents, strict=True)
    ]
    offsets = sum(value * Fraction(offset) for value, offset in zip(exact, centred.offset.tolist(), strict=True))
    back[centred.constant] = float(
        exact[centred.constant] + (Fraction(centred.lift) - offsets) / Fraction(centred.level)
    )
    return back


def _least_norm(params: Array, right: Array, r: int, exponents: NDArray[np.int32], centred: Near) -> Array:
    """The part of the parameters that the rows can tell anything of.

    Args:
        params: (p,) that fit best.
        right: (min(n, p), p) the right singular vectors of the scaled columns, of which r count.
        r: the rank, less than p.
        exponents: (p,) how the columns were scaled.
        centred: how they were moved.
    """
    if len(right) == len(params):  # every direction is there, so what changes no prediction can be taken away
        idle = np.ldexp(right[r:], -exponents)
        if centred.is_moved:
            idle[:, centred.constant] -= idle @ centred.share()
        basis = _basis(idle)
        return np.asarray(params - basis @ (basis.T @ params))
    rows = np.ldexp(right[:r], exponents)
    if centred.is_moved:
        rows = rows + np.outer(rows[:, centred.constant], centred.share())
    basis = _basis(rows)
    return np.asarray(basis @ (basis.T @ params))


def _basis(rows: Array) -> Array:
    """(p, m) orthonormal, of the space of m independent rows."""
    basis, _ = np.linalg.qr((rows / np.abs(rows).max(axis=1, keepdims=True)).T)
    return basis
