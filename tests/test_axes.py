import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sgdlib.scene import Axis
from sgdlib.scene.axes import REACH, drawable, inside, linear, logarithmic, near, span, straight, thinned, written
from sgdlib.scene.scene import LARGEST, SMALLEST

SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
numbers = st.floats(-1e12, 1e12)


def read(words):
    """The number that a reader reads at a tick."""
    factor, _, power = words.rpartition("10")
    if power and power[-1] in "⁰¹²³⁴⁵⁶⁷⁸⁹":
        return float(f"{factor.removesuffix(' × ') or '1'}e{power}".translate(SUPERSCRIPT))
    return float(words.translate(SUPERSCRIPT))


def assert_round_ticks(axis):
    """Ticks lie inside, grow by one round step, and say what they are."""
    values = [value for value, _ in axis.ticks]
    width = axis.high - axis.low
    assert 2 <= len(values) <= 7
    assert all(axis.low - 1e-9 * width <= value <= axis.high + 1e-9 * width for value in values)
    step = np.diff(values).mean()
    np.testing.assert_allclose(np.diff(values), step, rtol=1e-6)
    assert round(step / 10.0 ** math.floor(math.log10(step * 1.0001)), 3) in (1, 2, 2.5, 5)
    _, _, unit = axis.label.removesuffix(")").partition(" (× ")  # a power of ten that all ticks share
    said = np.array([read(words) for _, words in axis.ticks]) * read(unit or "1")
    np.testing.assert_allclose(said, values, rtol=1e-9, atol=1e-3 * step)


far_from_0 = st.builds(lambda at, width: [at, at + width * abs(at)], numbers, st.floats(1e-6, 1))


@given(st.lists(numbers, min_size=1, max_size=5) | far_from_0)
def test_a_linear_axis_holds_its_values_and_has_round_ticks(values):
    axis = linear("x", values)
    assert axis.low < axis.high
    assert axis.low <= min(values)
    assert max(values) <= axis.high
    assert_round_ticks(axis)


@pytest.mark.parametrize(
    ("values", "label", "words"),
    [
        ([-1e6, 1e6], "y (× 10⁶)", "−1 −0.5 0 0.5 1"),
        ([-2.3e7, -1.8e7], "y (× 10⁷)", "−2.2 −2 −1.8"),
        ([1e-6, 5e-6], "y (× 10⁻⁶)", "1 2 3 4 5"),
        ([2020.0, 2020.9], "y", "2020 2020.25 2020.5 2020.75"),
    ],
)
def test_long_tick_labels_have_their_power_of_ten_in_the_label(values, label, words):
    axis = linear("y", values)
    assert axis.label == label
    assert " ".join(text for _, text in axis.ticks) == words


def test_the_ticks_of_steps_are_whole():
    assert [words for _, words in linear("step", [0.0, 1.0], least=1.0).ticks] == ["0", "1"]
    assert [words for _, words in linear("step", [0.0, 3.0], least=1.0).ticks] == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([-1.0, 1.0], "−1 −0.5 0 0.5 1"),
        ([0.0, 100.0], "0 25 50 75 100"),
        ([0.0, 0.0], "−0.1 −0.05 0 0.05 0.1"),
        ([5.0], "4.6 4.8 5 5.2 5.4"),
        ([2020.0, 2020.9], "2020 2020.25 2020.5 2020.75"),
        ([1e5, 1e5 + 3], "100000 100001 100002 100003"),
    ],
)
def test_linear_ticks_read_well(values, words):
    assert " ".join(text for _, text in linear("x", values).ticks) == words


@given(st.floats(-40, 40), st.floats(0.28, 30))
def test_a_logarithmic_axis_has_ticks_that_say_what_they_are(low, decades):
    axis = logarithmic("loss", 10.0**low, 10.0 ** (low + decades))
    values = [value for value, _ in axis.ticks]
    assert 2 <= len(values) <= 8
    assert all(axis.low <= value <= axis.high for value in values)
    assert values == sorted(set(values))
    np.testing.assert_allclose([read(words) for _, words in axis.ticks], values, rtol=1e-9)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.1, 1000.0, "0.1 1 10 100 1000"),
        (1e-6, 1e6, "10⁻⁶ 0.001 1 1000 10⁶"),
        (0.2, 3.0, "0.2 0.5 1 2"),
        (1.2e5, 8e6, "2 × 10⁵ 5 × 10⁵ 10⁶ 2 × 10⁶ 5 × 10⁶"),
        (0.22, 0.41, "0.25 0.3 0.35 0.4"),
    ],
)
def test_logarithmic_ticks_read_well(low, high, words):
    assert " ".join(text for _, text in logarithmic("loss", low, high).ticks) == words


AXES = {
    "linear": Axis("x", -3.0, 7.0, ()),
    "narrow": Axis("x", 1e6, 1e6 + 1, ()),
    "log": Axis("x", 1e-3, 1e5, (), log=True),
}


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
@given(fraction=st.floats(-5, 5))
def test_value_and_fraction_invert_each_other(axis, fraction):
    assert axis.fraction(axis.value(fraction)) == pytest.approx(fraction, abs=1e-9)  # 1e-16 of a million
    assert (axis.fraction(axis.low), axis.fraction(axis.high)) == (0.0, 1.0)
    assert axis.value(0.0) == pytest.approx(axis.low, rel=1e-12)
    assert axis.value(1.0) == pytest.approx(axis.high, rel=1e-12)


def test_equal_lengths_of_a_log_axis_are_equal_factors():
    assert [AXES["log"].value(k / 8) for k in range(9)] == pytest.approx([10.0**k for k in range(-3, 6)])
    assert AXES["log"].fraction(0.0) == AXES["log"].fraction(-1.0) == -math.inf
    assert math.isnan(AXES["log"].fraction(math.nan))


PLACES = [0.0, 3.0, -7.25, 1e-9, 1e4, -1e300, 1.7e308, math.nan, math.inf, -math.inf]


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
def test_the_places_of_many_values_are_those_of_each_to_the_last_bit(axis):
    given = np.array(PLACES).reshape(2, 5)
    places = axis.fractions(given)
    assert places.shape == (2, 5)
    np.testing.assert_array_equal(places.ravel(), [axis.fraction(value) for value in PLACES])


@pytest.mark.parametrize("x", AXES.values(), ids=AXES)
@pytest.mark.parametrize("y", AXES.values(), ids=AXES)
@pytest.mark.parametrize("order", "CF")
def test_many_points_are_drawn_where_each_is_alone(x, y, order):
    points = np.array(list(itertools.product(PLACES, PLACES))).reshape(10, 10, 2)
    given = np.asarray(points, order=order)
    alone = [drawable(x, y, [point])[0] for point in points.reshape(-1, 2)]
    np.testing.assert_array_equal(drawable(x, y, given), np.reshape(alone, points.shape))
    np.testing.assert_array_equal(given, points)  # and are left as they were


@pytest.mark.parametrize("x", AXES.values(), ids=AXES)
@pytest.mark.parametrize("y", AXES.values(), ids=AXES)
@given(place=st.tuples(st.floats(), st.floats()))
def test_a_drawable_point_is_near_the_panel_or_nan(x, y, place):
    ((px, py),) = drawable(x, y, np.array([place])).tolist()
    if not np.isfinite(place).all():
        assert math.isnan(px)
        assert math.isnan(py)
        return
    fractions = (x.fraction(px) - 0.5, y.fraction(py) - 0.5)
    assert max(map(abs, fractions)) <= REACH * (1 + 1e-4)
    given_fractions = (x.fraction(place[0]) - 0.5, y.fraction(place[1]) - 0.5)
    if max(map(abs, given_fractions)) <= REACH:
        # a drawn point is where it was, to a thousandth of a CSS pixel and more
        assert fractions == pytest.approx(given_fractions, abs=5e-6 * (1 + max(map(abs, given_fractions))))
    elif np.isfinite(given_fractions).all():
        # one brought nearer keeps its direction from the middle
        far = max(map(abs, given_fractions))
        assert fractions == pytest.approx([part / far * REACH for part in given_fractions], rel=1e-4, abs=1e-3)
    assert inside(x, y, (px, py)) <= inside(x, y, place) or max(map(abs, given_fractions)) < 0.50001


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
@given(value=st.floats())
def test_a_value_brought_near_is_left_where_it_is_by_what_makes_points_drawable(axis, value):
    across = Axis("x", 0.0, 10.0, ())
    brought = near(axis, value)
    ((px, py),) = drawable(across, axis, [(3.0, brought)]).tolist()
    if not math.isfinite(value):
        assert math.isnan(py)
        return
    assert px == 3.0
    assert abs(axis.fraction(brought) - 0.5) <= REACH
    assert py == pytest.approx(written(axis, brought))
    if abs(axis.fraction(value) - 0.5) < REACH:
        assert brought == value
    else:
        assert abs(axis.fraction(brought) - 0.5) > 9


def found(ends):
    """The ends of a line as tuples; none where it misses the panel."""
    return tuple(map(tuple, ends.tolist())) if np.isfinite(ends).all() else ()


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_straight_lines_ends_lie_on_it_and_on_the_border(slope, intercept):
    x, y = Axis("x", -1.0, 1.0, ()), Axis("y", -3.0, 7.0, ())
    ends = found(straight(x, y, [slope, intercept]))
    touches = any(-3 < intercept + slope * at < 7 for at in np.linspace(-1, 1, 4001))
    assert len(ends) == 2 or not touches
    for px, py in ends:
        assert py == pytest.approx(
            intercept + slope * px, abs=5e-5 + 1e-5 * abs(slope)
        )  # both as they are written down
        assert min(abs(px + 1), abs(px - 1), abs(py + 3), abs(py - 7)) < 1e-5
        assert -1 - 1e-5 <= px <= 1 + 1e-5
        assert -3 - 1e-5 <= py <= 7 + 1e-5


@pytest.mark.parametrize(
    ("slope", "intercept", "ends"),
    [
        (0.0, 2.0, ((-1.0, 2.0), (1.0, 2.0))),
        (0.0, 8.0, ()),
        (10.0, 2.0, ((-0.5, -3.0), (0.5, 7.0))),
        (1.0, 100.0, ()),
        (math.nan, 0.0, ()),
        (math.inf, 0.0, ()),
        (1e308, -1e308, ()),
    ],
)
def test_straight_lines(slope, intercept, ends):
    assert found(straight(Axis("x", -1.0, 1.0, ()), Axis("y", -3.0, 7.0, ()), [slope, intercept])) == ends


@given(st.integers(1, 5000), st.integers(2, 200))
def test_thinned_numbers_are_even_and_have_the_first_and_the_last(count, most):
    kept = thinned(count, most)
    assert kept[0] == 0
    assert kept[-1] == count - 1
    assert len(kept) == min(count, most)
    gaps = np.diff(kept)
    assume(len(gaps))
    assert gaps.max() - gaps.min() <= 1


def test_span_is_over_all_arrays():
    assert span([[1.0, 2.0], np.array([[5.0], [-7.0]])]) == (-7.0, 5.0)


def test_a_log_axis_leaves_out_long_labels_where_short_ones_tell_enough():
    assert [words for _, words in logarithmic("loss", 2e-4, 0.06).ticks] == [
        "0.001",
        "0.002",
        "0.005",
        "0.01",
        "0.02",
        "0.05",
    ]
    assert [words for _, words in logarithmic("loss", 1e-9, 1e-8).ticks] == ["10⁻⁹", "2 × 10⁻⁹", "5 × 10⁻⁹", "10⁻⁸"]


finite = st.floats(allow_nan=False, allow_infinity=False)
one_ulp = st.builds(lambda low: [low, math.nextafter(low, math.inf)], finite).filter(lambda ends: ends[1] < math.inf)
extreme = st.lists(finite, min_size=1, max_size=4) | one_ulp
EXAMPLES = ([-1e308, 1e308], [1.0, 1.0 + 1e-15], [LARGEST], [-LARGEST, LARGEST], [0.0, SMALLEST], [SMALLEST])


def assert_holds(axis, values):
    """All values lie on the axis, all ticks within it and in order, and each in its place."""
    assert math.isfinite(axis.low)
    assert axis.low < axis.high < math.inf
    fractions = [axis.fraction(value) for value in values]
    assert all(-1e-5 <= part <= 1 + 1e-5 for part in fractions)  # an end is written to so much of the axis
    assert all(a <= b for a, b in itertools.pairwise(axis.fraction(value) for value in sorted(values)))
    ticks = [value for value, _ in axis.ticks]
    assert all(-1e-9 <= axis.fraction(value) <= 1 + 1e-9 for value in ticks)
    assert ticks == sorted(set(ticks))
    assert len(ticks) >= 2
    assert len({words for _, words in axis.ticks}) == len(ticks)
    points = drawable(axis, Axis("y", 0.0, 1.0, ()), np.array([(value, 0.5) for value in values])).tolist()
    # five digits of a factor of four, the shortest that one number is widened to, are 4e-5 of its axis
    assert [axis.fraction(x) for x, _ in points] == pytest.approx(fractions, abs=5e-5)


@given(extreme)
def test_a_linear_axis_holds_any_floats(values):
    assert_holds(linear("x", values), values)


@pytest.mark.parametrize("values", EXAMPLES)
def test_a_linear_axis_holds_extreme_floats(values):
    assert_holds(linear("x", values), values)


positive = st.floats(min_value=SMALLEST, allow_infinity=False)


@given(st.tuples(positive, positive).map(sorted) | one_ulp.filter(lambda ends: ends[0] > 0))
def test_a_logarithmic_axis_holds_any_positive_floats(ends):
    assert_holds(logarithmic("x", *ends), ends)


@pytest.mark.parametrize("ends", [(1e-10, 1e300), (1.0, 1.0 + 1e-15), (SMALLEST, LARGEST), (LARGEST, LARGEST)])
def test_a_logarithmic_axis_holds_extreme_floats(ends):
    axis = logarithmic("x", *ends)
    assert_holds(axis, ends)
    # equal lengths are equal factors, counted by the logarithms of its ends
    middle = (math.log(axis.low) + math.log(axis.high)) / 2
    assert math.log(axis.value(0.5)) == pytest.approx(middle, abs=1e-9)


@given(st.sampled_from(EXAMPLES), st.tuples(st.floats(), st.floats()))
def test_a_drawable_point_is_near_an_extreme_panel_or_nan(values, place):
    x = linear("x", values)
    ((px, py),) = drawable(x, AXES["log"], np.array([place])).tolist()
    assert math.isnan(px) == math.isnan(py) == (not np.isfinite(place).all())
    if np.isfinite(place).all():
        assert abs(x.fraction(px) - 0.5) <= REACH * (1 + 1e-4)


def test_a_coordinate_is_as_fine_as_its_axis_wherever_it_starts():
    for axis in (Axis("x", 1e6, 1e6 + 1, ()), Axis("x", 1e6, 1e6 + 1, (), log=True)):
        ((x, _),) = drawable(axis, Axis("y", 0.0, 1.0, ()), np.array([(1e6 + 0.4, 0.5)])).tolist()
        assert axis.fraction(x) == pytest.approx(0.4, abs=2e-5)
