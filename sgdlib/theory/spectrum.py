"""The directions in which least squares curves, and the data in their coordinates.

Shapes, in the same letters everywhere in this package: n rows, p parameters, r of them independent in the
rows (the rank of x), k = r (r + 1) / 2 numbers in a symmetric (r, r) matrix.

Where the rows leave some directions without curvature, r < p. No gradient has a part there, so no method
ever moves along them and no loss changes. Everything here is about the r others, the row space of x; the error
is the distance from the minimiser along them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard

import numpy as np

from sgdlib.base import checks
from sgdlib.base.arrays import Array
from sgdlib.experiment.least_squares import LeastSquares
from sgdlib.experiment.problem import Optimum, Problem
from sgdlib.experiment.solution import Solution
from sgdlib.theory.graded import decomposed

LARGEST = 1e50  # a curvature whose square, times that of a learning rate, is still a float
APART = 1e3  # between singular values; from there on the small ones need more care
MOST = 64  # parameters; with more, that care takes too long


@dataclass(frozen=True)
class Spectrum:
    """A problem in the coordinates of its Hessian's eigenvectors.

    Args:
        values: (r,) the eigenvalues of the Hessian that are not 0, ascending; loss per squared parameter.
        vectors: (p, r) the eigenvectors.
        rows: (n, r) the rows of x in their coordinates.
        residual: (n,) prediction minus target at the minimiser.
        minimiser: (p,).
    """

    values: Array
    vectors: Array
    rows: Array
    residual: Array
    minimiser: Array

    @property
    def lowest(self) -> float:
        """The smallest eigenvalue that is not 0."""
        return float(self.values[0])

    @property
    def highest(self) -> float:
        """The largest eigenvalue."""
        return float(self.values[-1])

    def coordinates(self, params: Array) -> Array:
        """Errors (…, r) of parameters (…, p)."""
        return (params - self.minimiser) @ self.vectors

    def covariance(self, inner: Array) -> Array:
        """An (r, r) matrix in the coordinates of the eigenvectors as (p, p) in those of the parameters."""
        outer: Array = self.vectors @ inner @ self.vectors.T
        return (outer + outer.T) / 2.0


def least_squares(problem: object) -> LeastSquares:
    """Return ``problem``, which must be a LeastSquares."""
    return checks.instance("problem", problem, LeastSquares, "a LeastSquares(data): the theory is exact for no other")


def is_exact(problem: Problem) -> TypeGuard[LeastSquares]:
    """Whether the theory is exact for a problem: for least squares, and no subclass, which may have its own loss."""
    return type(problem) is LeastSquares


def curvatures(problem: Problem, optimum: Optimum) -> Array:
    """(r,): the eigenvalues of the Hessian at the optimum that are not 0, ascending; of least squares to all digits."""
    if isinstance(problem, LeastSquares):
        return spectrum(problem).values
    values: Array = np.linalg.eigvalsh(optimum.hessian.numpy())
    return values[len(values) - optimum.rank :]


def spectrum(problem: LeastSquares) -> Spectrum:
    """Take a problem apart, by the singular values of x rather than by its Hessian, which keeps all digits.

    Raises:
        ValueError: if every row is 0, or so large or so small that its curvature is no sensible number.
    """
    x, solution = problem.data.x.numpy(), problem.solution
    n, p = x.shape
    left, singular, right = np.linalg.svd(x, full_matrices=False)
    with np.errstate(over="ignore", under="ignore"):
        largest = 2.0 / n * singular[0] ** 2
    if not 1.0 / LARGEST < largest < LARGEST:
        raise ValueError(
            f"problem must have a largest curvature between {1 / LARGEST:g} and {LARGEST:g}; got {largest:g}. "
            "Scale the columns of x."
        )
    r = solution.rank
    if singular[0] > APART * singular[r - 1] and p <= MOST:
        inner, singular, right = decomposed(solution.inner, _columns(solution))
        left = solution.left @ inner
    curvatures = 2.0 / n * singular[:r] ** 2
    order = np.flatnonzero(curvatures >= np.finfo(np.float64).tiny)[::-1]  # one that is no full float counts as none
    return Spectrum(
        values=curvatures[order],
        vectors=right[order].T,
        rows=left[:, order] * singular[order],
        residual=solution.residual,
        minimiser=solution.minimiser,
    )


def _columns(solution: Solution) -> Array:
    """(p, p): what ``left @ inner`` is multiplied by to make the columns of x, by their sizes and their offsets."""
    sizes, near = np.ldexp(1.0, solution.exponents), solution.near
    columns = np.diag(sizes)
    columns[near.constant] += sizes[near.constant] * near.share()
    return columns
