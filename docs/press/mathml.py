"""Mathematics as MathML, made while the site is built: no script."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from xml.etree import ElementTree

from latex2mathml.converter import convert
from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor

# as pymdownx.arithmatex leaves it with generic: true
_FORMULA = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)
_SCRIPTS = ("msub", "msup", "msubsup", "munder", "mover", "munderover")
_TIGHT = {"lspace": "0", "rspace": "0"}


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
    tree = ElementTree.fromstring(convert(latex, xmlns="", display=display))
    _as_tex(tree)
    return f'<{element} class="sgd-math">{ElementTree.tostring(tree, encoding="unicode")}</{element}>'


def _as_tex(formula: ElementTree.Element) -> None:
    """Set signs as TeX does where browsers would not."""
    block = formula.get("display") == "block"
    for sign in formula.iter("mo"):
        if sign.text == "∞":  # it is no operator, so there is no room around it
            sign.tag = "mi"
        elif sign.text == "/":
            sign.attrib.update(_TIGHT)
        elif sign.text == "∑" and block:  # its limits above and below it, in every font
            sign.attrib.update(largeop="true", movablelimits="false")
    for name in _SCRIPTS:
        for script in formula.iter(name):
            for sign in (sign for part in script[1:] for sign in part.iter("mo")):
                sign.attrib.update(_TIGHT)
                if script.get("accent"):  # \\hat, not \\widehat
                    sign.set("stretchy", "false")


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
