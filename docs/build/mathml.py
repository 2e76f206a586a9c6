"""Mathematics as MathML, made while the site is built: no script, no fonts."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from latex2mathml.converter import convert
from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor

# as pymdownx.arithmatex leaves it with generic: true
_FORMULA = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)


class MathML(Extension):
    """A Markdown extension that turns arithmatex's formulas into MathML."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # the name that Markdown calls
        """Run last, when the formulas stand in the text."""
        md.postprocessors.register(_Convert(md), "mathml", priority=-10)


class _Convert(Postprocessor):
    def run(self, text: str) -> str:
        return _FORMULA.sub(_mathml, text)


def _mathml(formula: re.Match[str]) -> str:
    element, latex = formula[1], unescape(formula[2]).strip()
    display = "inline" if element == "span" else "block"
    markup = convert(latex, display=display)
    if display == "block":  # the limits of a sum above and below it, in every font
        markup = markup.replace("<mo>&#x02211;</mo>", '<mo largeop="true" movablelimits="false">&#x02211;</mo>')
    return f'<{element} class="sgd-math">{markup}</{element}>'


def letters(latex: str) -> str:
    """A formula as plain text.

    Examples:
        >>> letters(r"\\eta")
        'η'
    """
    return unescape(re.sub(r"<[^>]*>", "", convert(latex)))


def makeExtension(**settings: Any) -> MathML:  # noqa: N802  # the name that Markdown calls
    """Make the extension."""
    return MathML(**settings)  # type: ignore[no-untyped-call]
