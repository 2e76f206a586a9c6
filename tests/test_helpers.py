"""What tests lean on, where a fault in it would hide others."""

import pytest
from helpers.cases import audited
from helpers.colours import contrast, luminance, over
from helpers.sites import once


def test_contrast_is_that_of_wcags_own_examples():
    assert contrast("#000000", "rgb(255, 255, 255)") == pytest.approx(21)
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48  # the grey that is just too light for text
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54
    assert luminance("color(srgb 1 0 0)") == luminance("#ff0000") == pytest.approx(0.2126)
    assert over("#000000", "#ffffff", 0.6) == "#666666"


def test_a_folder_is_made_once_and_again_only_where_that_failed(tmp_path):
    tries = []

    def fail():
        tries.append("failed")
        raise OSError

    with pytest.raises(OSError):
        once(tmp_path / "folder", fail)
    for _ in range(3):
        once(tmp_path / "folder", lambda: tries.append("made"))
    assert tries == ["failed", "made"]


def test_the_audit_has_all_cases_that_are_not_kept():
    cases = audited([(1, "a"), (2, "b"), (3, "c")], (2, "b"))
    assert [(case.values, [mark.name for mark in case.marks]) for case in cases] == [
        ((1, "a"), ["audit"]),
        ((2, "b"), []),
        ((3, "c"), ["audit"]),
    ]
