"""Singular values that differ by many powers of ten, each to almost all of its digits.

A usual decomposition finds each singular value to 10⁻¹⁶ of the largest, and so a small one badly. Where a matrix is
well-behaved rows, times columns of any size that are moved by any offset, no digit need be lost. See Demmel, Gu,
Eisenstat, Slapničar, Veselić and Drmač (1999), 10.1016/S0024-3795(99)00134-2.
"""

from __future__ import annotations

import itertools

import numpy as np

from sgdlib.base.arrays import Array

EPS = float(np.finfo(np.float64).eps)
SWEEPS = 60  # rotations of every pair; a handful is enough, for they converge quadratically


def decomposed(inner: Array, columns: Array) -> tuple[Array, Array, Array]:
    """The singular value decomposition of ``inner @ columns``, left @ diag(values) @ right.

    Args:
        inner: (r, p) of rank r, well-behaved: its largest singular value is not many times its smallest.
        columns: (p, p), any sizes: a diagonal, and in one row anything.

    Returns:
        left: (r, r) orthogonal.
        values: (r,) descending.
        right: (r, p) orthonormal rows.

    Examples:
        >>> _, values, _ = decomposed(np.array([[1.0, 0.5], [0.0, 1.0]]), np.diag([1e9, 1e-9]))
        >>> float(values[0] * values[1])  # the determinant
        1.0
    """
    lower, sizes, upper = _eliminated(columns)
    q, graded = _pivoted(inner @ lower * sizes)
    turned, left = _rotated(graded @ upper)
    values = _lengths(turned.T)
    order = np.argsort(-values)
    return q @ left[:, order], values[order], turned[order] / values[order, None]


def _lengths(columns: Array) -> Array:
    """The length of each column, none of them 0, also where the squares of its numbers would be no floats."""
    largest = np.abs(columns).max(axis=0)
    return largest * np.linalg.norm(columns / largest, axis=0)


def _eliminated(matrix: Array) -> tuple[Array, Array, Array]:
    """L (p, p), d (p,) descending and U (p, p) with L diag(d) U the matrix, by elimination with complete pivoting."""
    rest = matrix.copy()
    lower, sizes, upper = np.zeros_like(rest), np.zeros(len(rest)), np.zeros_like(rest)
    for k in range(len(rest)):
        row, column = np.unravel_index(np.abs(rest).argmax(), rest.shape)
        pivot = rest[row, column]
        if pivot == 0.0:
            break
        lower[:, k], sizes[k], upper[k] = rest[:, column] / pivot, pivot, rest[row] / pivot
        rest = rest - np.outer(lower[:, k], rest[row])
        rest[row], rest[:, column] = 0.0, 0.0
    return lower, sizes, upper


def _pivoted(matrix: Array) -> tuple[Array, Array]:
    """Q (r, r) orthogonal and R (r, p), row by row smaller, with QR the matrix; the longest column left comes first."""
    rest, q, r = matrix.copy(), np.zeros((len(matrix),) * 2), np.zeros_like(matrix)
    for k in range(len(matrix)):
        longest = int(np.square(rest / np.abs(rest).max()).sum(axis=0).argmax())
        q[:, k] = rest[:, longest] / _lengths(rest[:, longest, None])
        r[k] = q[:, k] @ rest
        rest = rest - np.outer(q[:, k], r[k])
        rest[:, longest] = 0.0  # not what rounding leaves of it, which may be longer than all the others
    return q, r


def _rotated(rows: Array) -> tuple[Array, Array]:
    """Orthogonal rows (r, p), and J (r, r) orthogonal with J times them the ones given; Jacobi's method on one side."""
    rows, turn = rows.copy(), np.eye(len(rows))
    for _ in range(SWEEPS):
        converged = True
        for i, j in itertools.combinations(range(len(rows)), 2):
            a, b, c = rows[i] @ rows[i], rows[j] @ rows[j], rows[i] @ rows[j]
            if abs(c) <= EPS * np.sqrt(a) * np.sqrt(b):
                continue
            converged = False
            zeta = (b - a) / (2.0 * c)
            tangent = np.copysign(1.0, zeta) / (abs(zeta) + np.hypot(1.0, zeta))
            cosine = 1.0 / np.hypot(1.0, tangent)
            rotation = cosine * np.array([[1.0, -tangent], [tangent, 1.0]])
            rows[[i, j]] = rotation @ rows[[i, j]]
            turn[:, [i, j]] = turn[:, [i, j]] @ rotation.T
        if converged:
            break
    return rows, turn
