"""The oracle is exact arithmetic: fractions, and mpmath with 200 digits."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import torch

from sgdlib import Animation, Dataset, LeastSquares, LossCurve, ParameterPlane, theory, train
from sgdlib.experiment.solution import solve
from sgdlib.theory.spectrum import spectrum

K = np.arange(40.0)
NOISE = np.random.default_rng(0).normal(size=(3, 40))
FAR = {
    "near 0": K / 10,
    "seconds": 1.7e9 + 864 * K,
    "milliseconds": 1.7e12 + 864e3 * K,
    "nanoseconds": 1.7e18 + 864e9 * K,
    "years": 2000 + K / 10,
    "by ones from a million millions": 1e12 + K,
    "below 0": -3e8 + K,
    "tiny": 1e-9 * (1e6 + K),
    "huge": 1e150 * (1e6 + K),
}
ONES = np.ones(40)
WIDE = {
    "two columns far away": ([1.7e9 + 864 * K, 101325 + 300 * NOISE[0], ONES], 5 + NOISE[1]),
    "sizes apart": ([1e20 * NOISE[0], 1e-20 * NOISE[2], ONES], NOISE[1]),
    "the constant first, and 2": ([2 * ONES, 1.7e9 + 864 * K], 5 + NOISE[1]),
    "no constant": ([1e-9 * NOISE[0], 1e9 * NOISE[2]], NOISE[1]),
    "targets far away": ([K / 40, ONES], 1e9 + 1e-3 * NOISE[1]),
}
SHAPES = {
    **{name: ([t, ONES], 10 + 3 * K / 40 + NOISE[1]) for name, t in FAR.items()},
    **WIDE,
}
every_shape = pytest.mark.parametrize(("columns", "y"), SHAPES.values(), ids=SHAPES)


def exactly(columns, y):
    """The minimiser and the lowest loss, by the normal equations in fractions."""
    x = [[Fraction(value) for value in row] for row in zip(*(column.tolist() for column in columns), strict=True)]
    y, p = [Fraction(value) for value in y.tolist()], len(columns)
    rows = [[sum(r[i] * r[j] for r in x) for j in range(p)] for i in range(p)]
    rows = [[*row, sum(r[i] * t for r, t in zip(x, y, strict=True))] for i, row in enumerate(rows)]
    for i in range(p):  # positive definite, so no pivot is 0
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for j in set(range(p)) - {i}:
            rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i], strict=True)]
    best = [row[-1] for row in rows]
    lowest = sum((sum(a * b for a, b in zip(r, best, strict=True)) - t) ** 2 for r, t in zip(x, y, strict=True)) / len(
        y
    )
    return [float(value) for value in best], float(lowest)


@every_shape
def test_the_minimiser_is_that_of_exact_arithmetic(columns, y):
    problem = LeastSquares(Dataset(np.stack(columns, axis=1), y))
    best, lowest = exactly(columns, y)
    # a few units in the last place: nothing is lost to offsets and sizes
    assert problem.minimiser.tolist() == pytest.approx(best, rel=4e-15)
    assert problem.lowest_loss == pytest.approx(lowest, rel=1e-13)
    assert problem.rank == len(columns)


@pytest.mark.parametrize("t", [t for name, t in FAR.items() if name not in ("tiny", "huge")], ids=lambda t: f"{t[0]:g}")
def test_a_line_is_found_exactly_wherever_it_lies(t):
    problem = LeastSquares(Dataset(np.stack([t, ONES], axis=1), 2 * t + 3))
    rounded = np.abs(2 * t + 3).max() * 2.0**-52  # of the targets, which may not hold the line exactly
    assert problem.minimiser[0].item() == pytest.approx(2.0, rel=4e-16 + rounded / np.ptp(t))
    assert problem.lowest_loss <= rounded**2
    centred = np.polyfit(t - t[0], 2 * t + 3 - (2 * t[0] + 3), 1)
    assert problem.minimiser[0].item() == pytest.approx(centred[0], rel=1e-14)


def test_a_line_from_a_start_of_seconds_or_milliseconds_has_its_intercept():
    for t in (1.7e9 + 864 * K, 1.7e12 + 864e3 * K):
        assert LeastSquares(Dataset(np.stack([t, ONES], axis=1), 2 * t + 3)).minimiser.tolist() == [2.0, 3.0]


@every_shape
def test_the_loss_at_the_minimiser_is_the_lowest(columns, y):
    problem = LeastSquares(Dataset(np.stack(columns, axis=1), y))
    best = problem.minimiser
    rounding = float((problem.data.x.abs() * best.abs()).sum(1).max() + problem.data.y.abs().max()) * 2.0**-50
    # rounding as large as the parts that a prediction is the sum of
    assert problem.loss(best[None]).item() == pytest.approx(problem.lowest_loss, rel=1e-12, abs=rounding**2 + rounding)


@pytest.mark.parametrize(
    "columns",
    [
        [np.full(40, 1.7e9), ONES],
        [np.where(K > 3, 0.1 + 0.2, 0.3), ONES],
        [1.7e9 + 864 * K, 2 * (1.7e9 + 864 * K), ONES],
        [1e9 + K, 1e9 + K + 1, ONES],
    ],
    ids=["one time", "constant but for rounding", "twice the same", "one later"],
)
def test_what_is_singular_stays_so(columns):
    x = np.stack(columns, axis=1)
    problem = LeastSquares(Dataset(x, NOISE[1]))
    assert problem.rank == len(columns) - 1
    assert len(spectrum(problem).values) == len(columns) - 1
    if len(columns) == 2:
        with pytest.raises(ValueError, match="one minimiser for ParameterPlane; got a Hessian of rank 1"):
            Animation({"a": train(problem, lr=1e-30, batch_size=None, steps=2)}, [ParameterPlane()])


def test_of_many_minimisers_it_is_one_of_the_shortest():
    t = 1.7e9 + 864 * K  # this column and its double: one slope is shared out between them
    one, two, intercept = LeastSquares(Dataset(np.stack([t, 2 * t, ONES], axis=1), NOISE[1])).minimiser.tolist()
    (slope, level), _ = exactly([t, ONES], NOISE[1])
    assert one + 2 * two == pytest.approx(slope, rel=1e-9)  # of which six digits are lost to the sum
    assert np.linalg.norm([one, two, intercept]) == pytest.approx(np.linalg.norm([slope / 5**0.5, level]), rel=1e-12)


def test_the_least_norm_is_lapacks_where_there_is_a_choice():
    x, y = NOISE[:, :5], NOISE[0, 5:8]
    theirs = torch.linalg.lstsq(torch.tensor(x), torch.tensor(y), driver="gelsd").solution
    np.testing.assert_allclose(solve(x, y).minimiser, theirs, rtol=1e-12)
    offset = np.array([1e3, 0.0, 1e3, 0.0, 0.0])  # moved, with a constant column, in three rows of five columns
    x = x + offset
    x[:, 4] = 1.0
    theirs = torch.linalg.lstsq(torch.tensor(x), torch.tensor(y), driver="gelsd").solution
    np.testing.assert_allclose(solve(x, y).minimiser, theirs, rtol=1e-9)  # theirs loses three digits and more


def curvatures(x):
    """The eigenvalues of the Hessian, ascending, as numbers of 200 digits."""
    matrix = mpmath.matrix(x.tolist())
    return sorted(mpmath.eigsy(matrix.T * matrix * 2 / len(x), eigvals_only=True))


@pytest.fixture
def digits():
    with mpmath.workdps(200):
        yield


NEAT = {name: columns for name, (columns, _) in SHAPES.items() if name not in ("sizes apart", "nanoseconds", "huge")}


@pytest.mark.parametrize("columns", NEAT.values(), ids=NEAT)
def test_curvatures_are_those_of_exact_arithmetic(columns, digits):
    x = np.stack(columns, axis=1)
    known = spectrum(LeastSquares(Dataset(x, NOISE[1])))
    theirs = curvatures(x)
    assert known.values.tolist() == pytest.approx([float(value) for value in theirs], rel=1e-13)
    np.testing.assert_allclose(known.vectors.T @ known.vectors, np.eye(len(columns)), atol=1e-14)
    problem = LeastSquares(Dataset(x, NOISE[1]))
    assert theory.gd_limit(problem) == pytest.approx(float(2 / theirs[-1]), rel=1e-13)
    condition = theirs[-1] / theirs[0]
    if condition < 1e15:  # else both are 1, to all digits
        assert theory.best_heavy_ball(problem)[1] == pytest.approx(
            float(((mpmath.sqrt(condition) - 1) / (mpmath.sqrt(condition) + 1)) ** 2), rel=1e-13
        )


def test_curvatures_that_nanoseconds_leave_are_those_of_fractions():
    t = FAR["nanoseconds"]
    squares, mean = sum(Fraction(v) ** 2 for v in t.tolist()) / 40, sum(map(Fraction, t.tolist())) / 40
    whole, spread = (
        2 * (squares + 1),
        4 * (squares - mean**2),
    )  # trace and determinant; the smaller is all but their ratio
    values = spectrum(LeastSquares(Dataset(np.stack([t, ONES], axis=1), NOISE[1]))).values
    assert values.tolist() == pytest.approx([float(spread / whole), float(whole)], rel=1e-14)


@pytest.mark.parametrize("name", ["near 0", "seconds", "milliseconds", "by ones from a million millions"])
def test_the_noise_floor_is_that_of_exact_arithmetic(name, digits):
    x, y = np.stack([FAR[name], ONES], axis=1)[:12], NOISE[1, :12]
    problem = LeastSquares(Dataset(x, y))
    lr = theory.mean_square_limit(problem, 4, "fresh") / 3
    covariance, excess = noise(x, y, lr, theory.batch_factor(12, 4, "fresh"))
    assert theory.noise_floor(problem, lr, 4, "fresh") == pytest.approx(float(excess), rel=1e-12)
    for i, j in np.ndindex(2, 2):
        assert theory.noise_covariance(problem, lr, 4, "fresh")[i, j] == pytest.approx(
            float(covariance[2 * i + j]), rel=1e-12
        )


def noise(x, y, lr, factor):
    """vec Σ = (A − lr D)⁻¹ lr f vec C and ½ tr(HΣ), written out for two parameters."""

    def kron(one, other):
        return mpmath.matrix([[one[i // 2, j // 2] * other[i % 2, j % 2] for j in range(4)] for i in range(4)])

    rows, targets, n = mpmath.matrix(x.tolist()), mpmath.matrix(y.tolist()), len(x)
    hessian, identity = rows.T * rows * 2 / n, mpmath.eye(2)
    residual = rows * mpmath.lu_solve(rows.T * rows, rows.T * targets) - targets
    each = [2 * rows[i, :].T * rows[i, :] for i in range(n)]
    pushed, kicked = mpmath.zeros(2), (1 - factor) * kron(hessian, hessian)
    for one, left in zip(each, residual, strict=True):
        pushed, kicked = pushed + 2 * left**2 * one / n, kicked + factor * kron(one, one) / n
    damped = kron(hessian, identity) + kron(identity, hessian) - lr * kicked
    covariance = mpmath.lu_solve(damped, lr * factor * mpmath.matrix([pushed[i // 2, i % 2] for i in range(4)]))
    return covariance, sum(hessian[i // 2, i % 2] * covariance[i] for i in range(4)) / 2


def test_times_in_seconds_are_drawn_with_their_minimiser():
    t = FAR["seconds"]
    problem = LeastSquares(Dataset(np.stack([t, ONES], axis=1), 2 * t + 3 + NOISE[1]))
    run = train(problem, lr=0.1 * theory.gd_limit(problem), batch_size=4, steps=20)
    scene = Animation({"a": run}, [ParameterPlane(theory=True), LossCurve(theory=True)]).scene()
    assert len(scene.rows[0].panels) == 2


def test_what_was_found_cannot_be_written_to():
    found = solve(np.stack([K, ONES], axis=1), K)
    for values in (found.minimiser, found.residual, found.left, found.inner, found.near.x, found.near.y):
        with pytest.raises(ValueError, match="read-only"):
            values[...] = 0.0


def test_a_width_that_is_no_float_is_no_warning():
    """A warning would fail a build. The halves of such widths are floats."""
    wide = LeastSquares(Dataset([[1e308, 1.0], [-1e308, 1.0]], [1.0, 2.0]))
    assert wide.minimiser.tolist() == pytest.approx([-5e-309, 1.5], rel=1e-14)
    assert wide.lowest_loss == pytest.approx(0.0, abs=1e-30)
    assert LeastSquares(Dataset([[1.0, 1.0], [2.0, 1.0]], [1.7e308, -1.7e308])).rank == 2
