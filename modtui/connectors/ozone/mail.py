"""E-mail to an author, as Ozone hands it on: HTML, in which nothing is filled in any more.

Source: Ozone's own page, which fills in the handle and makes HTML of the Markdown before it sends,
and the mailer of the PDS, which takes the content for HTML.
"""

from __future__ import annotations

import re
from html import escape

from modtui.connectors import Rejected
from modtui.domain.text import clean_line

_HANDLE = re.compile(r"\{\{handle\}\}", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9.-]{1,253}")
_PLACE = re.compile(r"\{\{[^{}]*\}\}")
_GAP = re.compile(r"\n\s*\n")


def of_words(text: str) -> str:
    """Return words as HTML, their paragraphs and lines as they were written."""
    paragraphs = (part.strip() for part in _GAP.split(text.replace("\r\n", "\n")))
    lines = (escape(part, quote=False).replace("\n", "<br>\n") for part in paragraphs if part)
    return "\n".join(f"<p>{line}</p>" for line in lines)


def of_markdown(text: str) -> str:
    """Return Markdown as HTML. What is HTML in it already is shown as it was written."""
    from markdown_it import MarkdownIt

    html: str = MarkdownIt("commonmark", {"html": False}).render(text)
    return html.strip()


def is_handle(text: str) -> bool:
    """Whether it is a handle that stands: one that is not verified any more is `handle.invalid`."""
    return _NAME.fullmatch(text) is not None and text != "handle.invalid"


def needs_handle(text: str) -> bool:
    """Whether a template asks for the handle of its reader."""
    return _HANDLE.search(text) is not None


def filled(text: str, handle: str) -> str:
    """Return a template with the handle in its places. Raises Rejected for a place that nobody
    can fill: its reader would be shown it."""
    done = _HANDLE.sub(lambda _: handle, text) if handle else text
    left = _PLACE.search(done)
    if left is not None:
        place = clean_line(left[0], limit=60)
        why = "Ozone does not tell the handle" if _HANDLE.match(left[0]) else "nothing fills it in"
        raise Rejected(f"the e-mail template has {place} in it, and {why}: write your own words")
    return done
