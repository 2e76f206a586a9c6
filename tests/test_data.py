import pytest
import torch

from sgdlib import Dataset, LeastSquares, Run, noisy_line, train


def lesson(seed, n):
    """The lesson's own lines, as a reader types them."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        x = torch.ones(n, 2)
        x[:, 0].uniform_(-1.0, 1.0)
        y = x @ torch.tensor([3.0, 10.0]) + torch.randn(n) * 0.6
    return x, y


@pytest.mark.parametrize("n", [1, 15, 16, 100, 1000])
@pytest.mark.parametrize("seed", [0, 1, 2, 42, 1234567, 2**63 - 1])
def test_noisy_line_is_what_the_lessons_lines_draw(seed, n):
    data, (x, y) = noisy_line(n=n, seed=seed), lesson(seed, n)
    assert torch.equal(data.x, x.double())
    assert torch.equal(data.y, y.double())


def test_noisy_line_keeps_its_truth_and_its_origin():
    data = noisy_line(n=7, slope=-2.0, intercept=0.5, noise=0.0, seed=3)
    assert data.truth.tolist() == [-2.0, 0.5]
    assert dict(data.origin) == {
        "made by": "noisy_line",
        "n": 7,
        "slope": -2.0,
        "intercept": 0.5,
        "noise": 0.0,
        "seed": 3,
    }
    assert torch.equal(data.y.float(), data.x.float() @ torch.tensor([-2.0, 0.5]))  # no noise at all


def test_noise_is_in_units_of_y():
    quiet, loud = (noisy_line(n=100, noise=noise, seed=5) for noise in (0.0, 3.0))
    residual = loud.y - quiet.y
    assert 2.4 < residual.std() < 3.6  # 3 within the 99.9 % range of 100 draws
    assert torch.equal(quiet.x, loud.x)


def test_noisy_line_leaves_global_random_state_alone(global_random_state):
    noisy_line(seed=42)


def test_noisy_line_does_not_read_global_random_state():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        first = noisy_line(seed=42)
        torch.manual_seed(1)
        assert noisy_line(seed=42) == first


def test_a_dataset_keeps_float64_exactly():
    x, y = [[0.1, 1.0], [1 / 3, 1.0]], [1e-17, 1e300]
    data = Dataset(x, y, truth=[0.1, 0.2])
    assert {data.x.dtype, data.y.dtype, data.truth.dtype} == {torch.float64}
    assert (data.x.tolist(), data.y.tolist(), data.truth.tolist()) == (x, y, [0.1, 0.2])


@pytest.mark.parametrize("kind", [torch.tensor, torch.Tensor.numpy], ids=["tensor", "array"])
def test_a_dataset_is_a_copy_of_what_it_was_made_from(kind):
    x, y = torch.ones(3, 2), torch.zeros(3)
    data = Dataset(x, y) if kind is torch.tensor else Dataset(kind(x), kind(y))
    x[0, 0], y[0] = 7.0, 7.0
    assert data.x[0, 0] == 1.0
    assert data.y[0] == 0.0


@pytest.mark.parametrize("name", ["x", "y", "truth", "origin", "names", "anything"])
def test_a_dataset_is_never_changed(name):
    data = noisy_line(n=3)
    with pytest.raises(AttributeError, match=name):
        setattr(data, name, None)
    with pytest.raises(AttributeError, match=name):
        delattr(data, name)
    with pytest.raises(TypeError):
        data.origin["seed"] = 1
    assert data == noisy_line(n=3)


IN_PLACE = {
    "-=": lambda tensor: tensor.__isub__(1),
    "add_": lambda tensor: tensor.add_(1),
    "an item": lambda tensor: tensor.__setitem__(0, 5.0),
    "a row": lambda tensor: tensor[0].fill_(5.0),
    "zero_": lambda tensor: tensor.zero_(),
    "out=": lambda tensor: torch.add(tensor, 1, out=tensor),
    ".data": lambda tensor: tensor.data.mul_(2),
    "its transpose": lambda tensor: tensor.reshape(1, -1).T.fill_(3.0),
    "numpy": lambda tensor: tensor.numpy().fill(7.0),
    "another's memory": lambda tensor: torch.from_dlpack(tensor).add_(1),
    "set_": lambda tensor: tensor.set_(torch.zeros(1, dtype=torch.float64)),
    "resize_": lambda tensor: tensor.resize_(1),
    "a gradient": lambda tensor: tensor.requires_grad_(),
}


@pytest.mark.parametrize("change", IN_PLACE.values(), ids=IN_PLACE)
def test_what_is_done_to_its_tensors_changes_no_data_set_no_problem_and_no_run(change, tmp_path):
    problem = LeastSquares(noisy_line(n=3))
    run = train(problem, batch_size=2, steps=3)
    run.save(tmp_path / "run.json")
    before = problem.loss(torch.zeros(1, 2, dtype=torch.float64))
    for tensor in (problem.data.x, problem.data.y, problem.data.truth, problem.minimiser, problem.hessian):
        change(tensor)
    assert problem.data == noisy_line(n=3)
    assert Run.load(tmp_path / "run.json") == run
    fresh = LeastSquares(noisy_line(n=3))
    for ours, theirs in ((problem.minimiser, fresh.minimiser), (problem.hessian, fresh.hessian)):
        assert torch.equal(ours, theirs)
        assert not ours.requires_grad
    assert torch.equal(problem.loss(torch.zeros(1, 2, dtype=torch.float64)), before)


def test_an_assignment_that_is_refused_has_changed_nothing():
    data = noisy_line(n=3)
    for name in ("x", "y", "truth"):
        with pytest.raises(AttributeError, match=f"a Dataset is never changed; .*{name}"):
            setattr(data, name, getattr(data, name).sub_(1))
    with pytest.raises(AttributeError, match="never changed"):
        data.x -= 1
    assert data == noisy_line(n=3)


def test_its_tensors_are_lent_without_copying_a_million_rows():
    data = Dataset(torch.ones(10**6, 2), torch.ones(10**6))
    lent = [data.x for _ in range(10_000)]  # 160 GB, were each a copy
    assert all(type(tensor) is torch.Tensor for tensor in (lent[0], data.y))
    assert lent[-1].sum() == 2 * 10**6


def test_its_tensors_are_where_gradients_start_and_go_through(problem):
    a = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    (problem.data.x @ a - problem.data.y).square().mean().backward()
    torch.testing.assert_close(a.grad, problem.gradient(torch.zeros(1, 2, dtype=torch.float64))[0])


def test_a_million_rows_are_compared_as_tensors_and_a_data_set_with_itself_not_at_all(monkeypatch):
    x, y = torch.rand(10**6, 2), torch.rand(10**6)
    one, same = Dataset(x, y), Dataset(x, y)
    x[-1, 0] += 1.0
    other = Dataset(x, y)
    monkeypatch.setattr(Dataset, "to_json", None)
    monkeypatch.setattr(torch.Tensor, "tolist", None)
    assert one == same
    assert one != other
    monkeypatch.setattr(torch, "equal", None)
    assert LeastSquares(one) == LeastSquares(one)


def test_a_dataset_without_an_origin_was_made_by_hand():
    assert dict(Dataset([[1.0]], [1.0]).origin) == {"made by": "hand"}
    assert dict(Dataset([[1.0]], [1.0], origin={"file": "a.csv"}).origin) == {"file": "a.csv"}


ROWS = {"x": [[0.0, 1.0], [2.0, 1.0]], "y": [1.0, 5.0], "truth": [2.0, 1.0], "origin": {"seed": 1}}


@pytest.mark.parametrize(
    "change",
    [
        {"x": [[0.0, 1.0], [2.0, 1.0 + 2**-52]]},
        {"y": [1.0, 5.0 - 2**-50]},
        {"truth": [2.0, 1.5]},
        {"truth": None},
        {"origin": {"seed": 2}},
        {"names": ("a", "b")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_datasets_are_equal_by_content(change):
    assert Dataset(**ROWS) == Dataset(**ROWS)
    assert Dataset(**ROWS) != Dataset(**ROWS | change)
    assert Dataset(**ROWS) != "a dataset"


@pytest.mark.parametrize(
    ("x", "names"),
    [
        ([[3.0, 1.0], [4.0, 1.0]], ("slope", "intercept")),
        ([[1.0, 3.0], [1.0, 4.0]], ("a[0]", "a[1]")),
        ([[1.0]] * 2, ("a[0]",)),
        ([[3.0, 1.0, 1.0]] * 2, ("a[0]", "a[1]", "a[2]")),
    ],
)
def test_parameters_are_called_slope_and_intercept_only_for_a_line(x, names):
    assert Dataset(x, [0.0, 0.0]).names == names


def test_parameters_are_called_what_they_are_given():
    rows = ([[3.0, 1.0], [4.0, 1.0]], [0.0, 0.0])
    assert Dataset(*rows, names=["weight", "bias"]).names == ("weight", "bias")
    assert Dataset(*rows, names=("slope", "intercept")) == Dataset(*rows)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a"], "names must be a list or tuple of 2 different names"),
        (["a", "a"], "2 different names"),
        (["a", "loss"], "none of them 'step' or 'loss'"),
        (["step", "a"], "none of them 'step' or 'loss'"),
    ],
)
def test_names_that_would_be_taken_for_others_are_refused(names, message):
    with pytest.raises(ValueError, match=message):
        Dataset(**ROWS | {"names": names})


@pytest.mark.parametrize(
    ("x", "line"),
    [([[3.0, 1.0], [4.0, 1.0]], True), ([[3.0, 1.0], [4.0, 2.0]], False), ([[3.0], [1.0]], False)],
)
def test_a_line_has_two_columns_and_ones_in_the_second(x, line):
    names = ("slope", "intercept")[: len(x[0])]
    assert Dataset(x, [0.0, 0.0]).is_line == Dataset(x, [0.0, 0.0], names=names).is_line == line
