"""Mathematics as MathML, made while the site is built: no script."""

from __future__ import annotations

from html import unescape
from xml.etree import ElementTree

from latex2mathml.converter import convert
from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

EXTENSION = "press.mathml:MathML"  # what Markdown knows it by
_SCRIPTS = ("msub", "msup", "msubsup", "munder", "mover", "munderover")
_TIGHT = {"lspace": "0", "rspace": "0"}


class MathML(Extension):
    """A Markdown extension that turns the formulas of pymdownx.arithmatex, with generic: true, into MathML."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # the name that Markdown calls
        """Run last, when tables of contents have read the headings."""
        md.treeprocessors.register(_Formulas(md), "mathml", priority=-10)


class _Formulas(Treeprocessor):
    def run(self, root: ElementTree.Element) -> None:
        assert self.md is not None
        for element in root.iterfind(".//*[@class='arithmatex']"):
            latex = unescape(element.text or "")[2:-2].strip()  # what stands between \( and \), or \[ and \]
            element.set("class", "sgd-math")
            element.text = self.md.htmlStash.store(formula(latex, block=element.tag == "div"))


def formula(latex: str, block: bool) -> str:
    """A formula as MathML.

    Args:
        latex: of the formula.
        block: whether it stands in a block of its own.
    """
    tree = ElementTree.fromstring(convert(latex, xmlns="", display="block" if block else "inline"))
    # signs are set as TeX does where browsers would not
    for sign in tree.iter("mo"):
        if sign.text == "∞":  # it is no operator, so there is no room around it
            sign.tag = "mi"
        elif sign.text == "/":
            sign.attrib.update(_TIGHT)
        elif sign.text == "∑" and block:  # its limits above and below it, in every font
            sign.attrib.update(largeop="true", movablelimits="false")
    for name in _SCRIPTS:
        for script in tree.iter(name):
            for sign in (sign for part in script[1:] for sign in part.iter("mo")):
                sign.attrib.update(_TIGHT)
                if script.get("accent"):  # \\hat, not \\widehat
                    sign.set("stretchy", "false")
    return ElementTree.tostring(tree, encoding="unicode")
