"""Mend what mkdocs-gallery and the theme leave undone on a page."""

from __future__ import annotations


def tidy(markdown: str, archive: str) -> str:
    return markdown


def sized(html, page_url, docs):
    return html


def named(html):
    return html
