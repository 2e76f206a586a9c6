"""Arguments: what an object was made with, as JSON holds it and gives it back."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import torch

DTYPES = ("float64", "int64", "bool")  # of arrays and tensors: those that a list of numbers comes back as


def arguments(made: object) -> dict[str, Any]:
    """What an object was made with, by name, as ``written``; but for its ``data``, which stay a Dataset.

    Raises:
        TypeError: if it does not keep each argument of its class as an attribute of the same name, or as ``written``.
    """
    names = inspect.signature(type(made)).parameters
    for name in names:
        if name not in vars(made):
            raise TypeError(f"whose __init__ takes {name} and keeps no self.{name}")
    values = {name: vars(made)[name] for name in names}
    return {name: value if name == "data" else written(name, value) for name, value in values.items()}


def written(name: str, value: object) -> Any:
    """An argument as JSON holds it: ``read`` gives it back, of the same type and with the same digits.

    Raises:
        TypeError: if it is no finite number, text, truth value, None, tensor or array, nor a tuple of these.

    Examples:
        >>> written("sizes", (2, 16)), written("weights", np.array([0.5]))
        ([2, 16], {'array': [0.5]})
        >>> read(written("sizes", (2, (16, 1))))
        (2, (16, 1))
    """
    if isinstance(value, tuple):
        return [written(name, each) for each in value]
    if isinstance(value, (np.ndarray, torch.Tensor)):
        numbers = value.detach().numpy() if isinstance(value, torch.Tensor) else value
        if numbers.dtype.name in DTYPES and np.isfinite(numbers).all():
            return {"tensor" if isinstance(value, torch.Tensor) else "array": numbers.tolist()}
        raise TypeError(f"whose {name} is of {numbers.dtype}, not of finite {', '.join(DTYPES)}")
    if value is None or type(value) in (bool, int, str) or (type(value) is float and math.isfinite(value)):
        return value
    raise TypeError(f"whose {name} is a {type(value).__name__}, no finite number, text, array, tensor or tuple of them")


def read(value: Any) -> Any:
    """The argument that ``written`` wrote."""
    if isinstance(value, list):
        return tuple(map(read, value))
    if isinstance(value, dict):
        ((kind, numbers),) = value.items()
        return torch.from_numpy(np.array(numbers)) if kind == "tensor" else np.array(numbers)
    return value
