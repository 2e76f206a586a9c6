"""Cases of a test that all say nearly the same: a few are tests, the rest is for the audit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def audited(cases: Iterable[tuple[Any, ...]], *kept: tuple[Any, ...]) -> list[Any]:
    """All cases, with the mark of the audit on those that are not kept."""
    return [pytest.param(*case, marks=[] if case in kept else pytest.mark.audit) for case in cases]
