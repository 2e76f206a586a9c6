"""Mappings and lists that are never changed, and that JSON, copy and pickle take like any others."""

from __future__ import annotations

from typing import Any, NoReturn


def _refuse(*_: object, **__: object) -> NoReturn:
    raise TypeError("this record is never changed; make a dict or a list of it to change a copy")


class Frozen(dict[str, Any]):
    """A dict that refuses every change, as do the dicts and lists in it.

    Examples:
        >>> import json
        >>> settings = Frozen(lr=0.1, start=[-1.0, 1.0])
        >>> json.dumps(settings)
        '{"lr": 0.1, "start": [-1.0, 1.0]}'
        >>> settings["start"].append(0.0)
        Traceback (most recent call last):
        TypeError: this record is never changed; make a dict or a list of it to change a copy
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__({name: _frozen(value) for name, value in dict(*args, **kwargs).items()})

    __setitem__ = __delitem__ = __ior__ = update = pop = popitem = setdefault = clear = _refuse

    def __reduce__(self) -> tuple[type[Frozen], tuple[dict[str, Any]]]:
        return Frozen, (dict(self),)


class FrozenList(list[Any]):
    """A list that refuses every change, as do the dicts and lists in it."""

    def __init__(self, items: list[Any]):
        super().__init__(map(_frozen, items))

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = extend = insert = remove = pop = clear = sort = reverse = _refuse

    def __reduce__(self) -> tuple[type[FrozenList], tuple[list[Any]]]:
        return FrozenList, (list(self),)


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return Frozen(value)
    return FrozenList(value) if isinstance(value, list) else value
