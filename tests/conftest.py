import pickle
import random

import numpy as np
import pytest
import torch
from hypothesis import settings

from sgdlib import LeastSquares, noisy_line

# the same examples in every run, and none kept in a folder; no test is timed
settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def problem():
    """The lesson's: 100 points about a line, from seed 42."""
    return LeastSquares(noisy_line(seed=42))


@pytest.fixture
def global_random_state():
    """Fails a test that changes the random state of torch, numpy or random."""

    def state():
        return pickle.dumps((torch.get_rng_state().tolist(), np.random.get_state(), random.getstate()))  # noqa: NPY002

    before = state()
    yield
    assert state() == before
