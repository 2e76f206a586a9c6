"""Addresses within the gallery, as they are written before it is known which page they will stand on."""

from __future__ import annotations

import re

from mkdocs.utils import get_relative_url

GALLERY = "gallery:"
_ADDRESS = re.compile(rf'(?<=="){GALLERY}/')  # where an attribute begins; in a text, quotes are escaped


def resolve(html: str, page_url: str, gallery: str) -> str:
    """Make them relative to a page.

    Args:
        html: with addresses that begin with ``gallery:/``.
        page_url: of the page, from the site's root.
        gallery: the gallery's folder, from the site's root.

    Examples:
        >>> resolve('<a href="gallery:/figures/a.png">', "blog/post/", "gallery")
        '<a href="../../gallery/figures/a.png">'
    """
    folder = get_relative_url(f"{gallery}/", page_url)
    return _ADDRESS.sub(lambda _: f"{folder.rstrip('/')}/", html)
