"""The last filters before a terminal that lacks something: marks in ASCII, no colour."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from modtui.domain.charsets import carried, in_ascii


def fitted(text: str, charset: str) -> str:
    """Return `text` as a terminal of `charset` may be sent it, each cell where it was: what the
    charset cannot carry, or a terminal could take for a control, is a likeness or `?`."""
    whole = carried(text, charset)
    if whole == text or len(whole) == len(text) == cell_len(text):
        return whole
    return "".join(_fitted(text[start:end], charset) for start, end, _ in split_graphemes(text)[0])


def _fitted(cluster: str, charset: str) -> str:
    sent = carried(cluster, charset)
    alone = sent == cluster or (len(cluster) == 1 and cell_len(sent) == cell_len(cluster))
    return sent if alone else "?" * cell_len(cluster)


class Spelling(LineFilter):
    """Writes what the terminal shows: marks in ASCII (`plain`), and what `charset` cannot carry as
    a likeness or `?`. Each cell stays where it was."""

    def __init__(self, charset: str, *, plain: bool) -> None:
        super().__init__()
        ways: list[Callable[[str], str]] = [in_ascii] if plain else []
        if charset != "utf-8":
            ways.append(lambda text: fitted(text, charset))
        self._ways = ways

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment
            if segment.control or segment.text.isascii()
            else Segment(self._spelled(segment.text), segment.style)
            for segment in segments
        ]

    def _spelled(self, text: str) -> str:
        for way in self._ways:
            text = way(text)
        return text


class Colourless(LineFilter):
    """No colour at all: what stays is bold, underlined, reversed. Textual makes greys of a theme
    that is not of the terminal's own colours."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment
            if segment.control or segment.style is None
            else Segment(segment.text, _bare(segment.style))
            for segment in segments
        ]


@lru_cache(1024)
def _bare(style: Style) -> Style:
    bare = style.without_color
    return bare + Style.from_meta(style.meta) if style.meta else bare
