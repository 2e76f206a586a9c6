"""A problem of an author's own: a network of 65 parameters, in twenty lines."""

import csv
import io

import numpy as np
import pytest
import torch

from sgdlib import Animation, AnimationTable, Dataset, LineFit, LossCurve, ParameterPlane, Problem, Run, train


class Network(Problem, kind="a network of two inputs"):
    def __init__(self, data, seed=0):
        super().__init__(data)
        self.seed = seed
        self.start = torch.randn(65, generator=torch.Generator().manual_seed(seed))
        with torch.device("meta"):  # shapes alone
            self.net = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))

    def loss(self, params, rows=None):
        x, y = self.batch(rows)
        outputs = torch.vmap(self.output)(params, x.expand(len(params), -1, -1))
        return (outputs - y).square().mean(-1)

    def output(self, flat, x):
        shapes = {name: each.shape for name, each in self.net.named_parameters()}
        parts = flat.split([shape.numel() for shape in shapes.values()])
        weights = {name: part.view(shapes[name]) for name, part in zip(shapes, parts, strict=True)}
        return torch.func.functional_call(self.net, weights, x)[:, 0]


DRAWN = np.random.default_rng(0).normal(size=(40, 2))
DATA = Dataset(DRAWN, np.sin(DRAWN[:, 0]) * DRAWN[:, 1])
HOW = {"lr": 0.05, "batch_size": 8, "steps": 30}
ONE, MANY = train(Network(DATA), **HOW), train(Network(DATA), replicas=20, **HOW)


def torchs_path(run, replica):
    """The same training, by torch's own module, loss and optimiser."""
    net = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1)).double()
    torch.nn.utils.vector_to_parameters(run.problem.start, net.parameters())
    optimiser, path = torch.optim.SGD(net.parameters(), lr=0.05), [run.problem.start]
    for rows in torch.tensor(run.batches[replica]):
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(net(DATA.x[rows])[:, 0], DATA.y[rows]).backward()
        optimiser.step()
        path.append(torch.nn.utils.parameters_to_vector(net.parameters()).detach())
    return torch.stack(path).numpy()


@pytest.mark.parametrize("replica", [0, 19])
def test_it_trains_as_torch_trains_its_module(replica):
    assert MANY.params.shape == (20, 31, 65)
    assert MANY.problem.names[0] == "a[0]"
    np.testing.assert_allclose(MANY.params[replica], torchs_path(MANY, replica), rtol=0, atol=1e-12)
    assert (MANY.loss[:, -1] < MANY.loss[:, 0] / 2).all()


def test_it_is_saved_and_loaded(tmp_path):
    MANY.save(tmp_path / "network.json")
    again = Run.load(tmp_path / "network.json")
    assert again == MANY
    assert again.problem.seed == 0
    assert again.problem.loss(torch.tensor(MANY.params[:, 0])).tolist() == MANY.loss[:, 0].tolist()
    assert train(Network(DATA, seed=1), replicas=20, **HOW) != MANY


@pytest.mark.parametrize("run", [ONE, MANY], ids=["one", "many"])
def test_it_is_drawn_by_its_loss(run, tmp_path):
    animation = Animation({"network": run}, [LossCurve()], name="network")
    scene = animation.scene()
    assert scene.caption.startswith("Learning rate 0.05, batch size 8, each batch drawn without replacement")
    assert "Animation over 30 steps of the loss. Network" in scene.alt
    assert scene.rows[0].readings[0].readouts[0].label == "step"
    header, *rows = csv.reader(io.StringIO(animation.csv()))
    assert header[-65:] == [f"a[{k}]" for k in range(65)]
    np.testing.assert_array_equal(np.array([row[-65:] for row in rows], dtype=float), run.params.reshape(-1, 65))
    animation.save(tmp_path / "network.gif")
    assert AnimationTable({"one": run, "two": run}, [LossCurve()]).scene().rows


@pytest.mark.parametrize("view", [LineFit(), ParameterPlane(), LossCurve(theory=True)], ids=["line", "plane", "theory"])
def test_what_it_has_not_is_not_drawn(view):
    with pytest.raises(ValueError, match=r"^runs must be of .* got .*Network"):
        Animation({"network": ONE}, [view])
