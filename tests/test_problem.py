from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers.scenes import panels

from sgdlib import Animation, Dataset, LeastSquares, LineFit, LossCurve, ParameterPlane, noisy_line, train
from sgdlib.experiment.problem import Optimum, Problem
from sgdlib.report.facts import facts


class Absolute(Problem):
    """A line by the mean absolute error."""

    is_line = True

    def loss(self, params, rows=None):
        x, y = self.batch(rows)
        return ((x * params[:, None, :]).sum(-1) - y).abs().mean(-1)


class Logistic(Problem):
    """No line, of as many parameters as one has."""

    def loss(self, params, rows=None):
        x, y = self.batch(rows)
        return torch.nn.functional.softplus((1 - 2 * y) * (x * params[:, None, :]).sum(-1)).mean(-1)


class Bowl(Problem):
    """A quadratic loss of another kind than least squares."""

    at, curved = torch.tensor([[1.0, 2.0], [2.0, 8.0]], dtype=torch.float64)

    @property
    def optimum(self):
        return Optimum(self.at, 0.5, lambda: torch.diag(self.curved), rank=2, quadratic=True)

    def loss(self, params, rows=None):
        return 0.5 + ((params - self.at).square() @ self.curved) / 2


LINE = noisy_line(n=20)
LABELS = Dataset(LINE.x, (LINE.x[:, 0] > 0).double())
SHORT = {"steps": 5, "batch_size": 4}


def of(kind, data=LINE):
    return {"a": train(kind(data), **SHORT)}


def test_least_squares_has_its_optimum_whole(problem):
    optimum = problem.optimum
    assert optimum.minimiser.tolist() == problem.minimiser.tolist()
    assert optimum.lowest_loss == problem.lowest_loss
    assert optimum.hessian.tolist() == problem.hessian.tolist()
    assert (optimum.rank, optimum.quadratic) == (2, True)


def test_a_loss_of_its_own_has_not_the_optimum_of_what_it_inherits_from(problem):
    class Doubled(LeastSquares):
        def loss(self, params, rows=None):
            return 2 * super().loss(params, rows)

    assert Doubled(problem.data).optimum is None
    assert "lowest loss" not in facts(train(Doubled(problem.data), **SHORT))


def test_a_line_is_drawn_of_a_problem_that_says_it_has_one():
    assert Animation(of(Absolute), [LineFit(), LossCurve()]).scene().rows
    with pytest.raises(ValueError, match=r"^runs must be of a problem that predicts a line.*got Logistic with 2 param"):
        Animation(of(Logistic, LABELS), [LineFit()])
    assert Animation(of(Logistic, LABELS), [LossCurve()]).scene().rows


def test_a_plane_is_drawn_of_any_quadratic_loss_of_two_parameters():
    plane, _ = panels(Animation(of(Bowl), [ParameterPlane(near=0.5), LossCurve()]).scene())
    (cross,) = (mark for mark in plane.marks if mark.kind == "points" and mark.shape == "cross")
    assert cross.frames[0] == [(1.0, 2.0)]
    # from 0.5 up, where the ellipse of loss 0.5 + e is √e wide and √e/2 high
    outlines = [mark.frames[0] for mark in plane.marks if mark.kind == "line" and mark.role == "level"]
    ellipse = np.array(outlines[0])
    wide, high = np.nanmax(ellipse, axis=0) - np.nanmin(ellipse, axis=0)
    assert wide / high == pytest.approx(2.0, rel=1e-2)


class Bent(Bowl):
    """With a minimiser, and contours that are no ellipses."""

    @property
    def optimum(self):
        return replace(super().optimum, quadratic=False)


@pytest.mark.parametrize("kind", [Absolute, Bent])
def test_a_plane_of_ellipses_is_drawn_of_no_other_loss(kind):
    assert Animation(of(kind), [LossCurve()]).scene().rows
    with pytest.raises(ValueError, match=rf"^runs must be of .* two parameters and a quadratic loss.*{kind.__name__}"):
        Animation(of(kind), [ParameterPlane()])


def test_the_theory_of_least_squares_is_drawn_of_no_other_problem():
    for view in (ParameterPlane(theory=True), LossCurve(theory=True)):
        with pytest.raises(ValueError, match=r"must be of least squares .* got a .*\.Bowl"):
            Animation(of(Bowl), [view])


def test_a_start_of_ones_own_says_how_many_parameters_there_are():
    class Three(Problem):
        def __init__(self, data):
            super().__init__(data)
            self.start = np.float32([0.5, 1.0, 2.0])

        def loss(self, params, rows=None):
            return params.square().sum(-1)

    problem = Three(LINE)
    assert (problem.p, problem.n, problem.names) == (3, 20, ("a[0]", "a[1]", "a[2]"))
    assert problem.start.dtype == torch.float64
    problem.start.zero_()  # a copy
    assert train(problem, **SHORT).meta["start"] == [0.5, 1.0, 2.0]
    with pytest.raises(TypeError, match="start must be"):
        problem.start = "here"


def test_names_that_do_not_fit_are_refused_before_training():
    class Named(Absolute):
        names = ("a", "loss")

    with pytest.raises(ValueError, match=r"^names of the problem must be a list or tuple of 2 different names"):
        train(Named(LINE), **SHORT)
