"""Labels: where the names of curves stand, clear of all that is not their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sgdlib.scene import style
from sgdlib.scene.marks import Align

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, lower, right and upper side, in CSS pixels

HEIGHT = 14.0  # of a label, in CSS pixels
LIFT = 10.0  # from a curve to the middle of its label
BESIDE = 5.0  # from a curve to the end of a label at its side
ALONE = 8.0  # and between the point of a curve that is named and other curves
AWAY = ((16.0, 20.0), (32.0, 34.0), (48.0, 48.0))  # across and up, to a label with a thin line to its curve
COST = 0.1  # of a CSS pixel of that line, in CSS pixels of clearance
PLACES = 40  # along a curve that are tried for its label
CLEAR = 14.0  # CSS pixels between a label and what is not its own: more is not better
OWN = 3.0  # and between a label and its own curve
STRUCK = 5.0  # how many times as much each of these counts: a curve through its own label strikes it out
CROSSED = 40.0  # CSS pixels of clearance that a thin line across a curve or a label costs: more than there are
COVERED = 60.0  # and a label on another: within a bundle of curves, anything else is better
MEETS = 2.0  # CSS pixels between a thin line and what it meets
SIDES: tuple[tuple[Align, float], ...] = (("left", 1.0), ("right", -1.0))  # an end of a label, and where it goes on
FAVOURED = 0.6  # of the way along a curve, a label stands if nothing else is better


class Spot(NamedTuple):
    """Where a label stands, in CSS pixels.

    Args:
        place: where an end of the label is.
        align: which end.
        lift: the way up to the middle of the label.
        tip: the point of the curve that a thin line leads to; None for a label right beside it.
    """

    place: tuple[float, float]
    align: Align
    lift: float
    tip: tuple[float, float] | None = None

    @property
    def at(self) -> tuple[float, float]:
        """The point of the curve that is named here, or nearly."""
        return self.tip or self.place

    @property
    def led(self) -> float:
        """The length of the thin line."""
        return float(np.hypot(self.place[0] - self.at[0], self.place[1] - self.at[1]))

    def box(self, label: str) -> Box:
        """The room that a label takes here."""
        wide = style.wide(label)
        left = self.place[0] - (0.0 if self.align == "left" else wide)
        middle = self.place[1] + self.lift
        return left, middle - HEIGHT / 2, left + wide, middle + HEIGHT / 2


def placed(paths: Mapping[str, Array], across: float, up: float) -> dict[str, Spot]:
    """A spot for each label, beside its own curve and clear of the others and of the labels there.

    Args:
        paths: by label, the points of its curve about a CSS pixel apart, (m, 2), from the plot's lower left corner.
        across, up: the plot's width and height.

    Examples:
        >>> level = np.stack([np.arange(300.0), np.full(300, 50.0)], axis=1)
        >>> placed({"low": level, "high": level + [0, 20]}, 300, 100)["high"].lift > 0
        True
    """
    found: dict[str, Spot] = {}
    taken: list[Box] = []
    leaders = np.empty((0, 2))  # points of the thin lines that are there
    for label in sorted(paths, key=len, reverse=True):  # a long one has the fewest places to go
        others = np.concatenate([leaders, *(path for other, path in paths.items() if other != label)])
        best = -np.inf
        for spot in _spots(paths[label]):
            box = spot.box(label)
            beyond = min(0.0, box[0] - 2, box[1] - 2, across - box[2] - 2, up - box[3] - 2)  # the plot, or nearly
            clear = min([CLEAR, *(_apart(box, other) for other in taken), _distance(box, others)])
            alone = min(ALONE, _distance((*spot.at, *spot.at), others))
            score = clear + alone + STRUCK * min(OWN, _distance(box, paths[label])) + 10 * beyond - COST * spot.led
            score -= COVERED if any(_apart(box, other) < 1.0 for other in taken) else 0.0
            if spot.tip is not None and score > best and _crosses(spot, paths[label], others, taken):
                score -= CROSSED
            if score > best + 0.5:
                best, found[label] = score, spot
        taken.append(found[label].box(label))
        if found[label].tip is not None:
            leaders = np.concatenate([leaders, _leader(found[label])])
    return found


def _crosses(spot: Spot, own: Array, others: Array, taken: list[Box]) -> bool:
    """Whether the thin line to a label meets another curve, its own once more, or another label."""
    line = _leader(spot)
    past = own[np.hypot(*(own - np.array(spot.at)).T) > 2 * MEETS]
    if any(_to_line(points, line) < MEETS for points in (past, others)):
        return True
    return any(_distance(box, line) < MEETS for box in taken)


def _leader(spot: Spot) -> Array:
    """(m, 2): the thin line from a curve to the label, as points half a CSS pixel apart."""
    return np.linspace(spot.at, spot.place, max(2, round(2 * spot.led)))


def _to_line(points: Array, line: Array) -> float:
    """From the nearest of several points to a straight line from the first to the last of its points."""
    if not len(points):
        return np.inf
    start, along = line[0], line[-1] - line[0]
    share = ((points - start) @ along / (along @ along)).clip(0.0, 1.0)
    return float(np.hypot(*(points - start - share[:, None] * along).T).min())


def _spots(path: Array) -> Iterator[Spot]:
    for share in sorted(np.linspace(0.02, 0.98, PLACES).tolist(), key=lambda share: abs(share - FAVOURED)):
        x, y = path[round(share * (len(path) - 1))].tolist()
        for align, side in SIDES:
            for lift in (LIFT, -LIFT, 0.0):
                yield Spot((x + (0.0 if lift else side * BESIDE), y), align, lift)
            for over, up in AWAY:
                for rise in (up, -up):
                    yield Spot((x + side * over, y + rise), align, 0.0, (x, y))


def _distance(box: Box, points: Array) -> float:
    """From a box to the nearest of several points; 0 within it."""
    if not len(points):
        return np.inf
    over = np.maximum(np.maximum(np.array(box[:2]) - points, points - np.array(box[2:])), 0.0)
    return float(np.hypot(*over.T).min())


def _apart(one: Box, two: Box) -> float:
    """Between two boxes; 0 where they meet."""
    across, up = (max(one[k] - two[k + 2], two[k] - one[k + 2], 0.0) for k in (0, 1))
    return float(np.hypot(across, up))
