"""The last filters before a terminal that lacks something: marks in ASCII, no colour."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

# Each is as wide as what it stands for, so that no column moves.
_MARKS = {
    **dict.fromkeys("▌▸▶►→»›▐", ">"), **dict.fromkeys("←◀◂«‹", "<"), **dict.fromkeys("↑▲△", "^"),
    **dict.fromkeys("↓▼▽", "v"), **dict.fromkeys("│┃║╎┆┊▏▎▍▊▕", "|"),
    **dict.fromkeys("─━═╌┄┈–—‐‑‒―−·‧∙", "-"), **dict.fromkeys("•●◦○◉*✓✔", "*"),
    **dict.fromkeys("“”„‟", '"'), **dict.fromkeys("‘’‚‛", "'"), "…": "~", "×": "x", "≤": "<",
    "≥": ">", "\xa0": " ", "§": "S", "░": ".", "▒": ":", "▓": "#",
    # Bars that say how high: eight steps.
    **dict(zip("▁▂▃▄▅▆▇█", ".:-=+*%#", strict=True)),
}  # fmt: skip
_BOXES, _BLOCKS = range(0x2500, 0x2580), range(0x2580, 0x25A0)


def in_ascii(text: str) -> str:
    """Return `text` with marks, rules, arrows and quotes in ASCII, each as wide as it was; letters
    and pictures stay."""
    return text if text.isascii() else text.translate(_SPELLED)


class _Spelled(dict[int, str]):
    """A table for str.translate that fills itself."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        found = "+" if code in _BOXES else "#" if code in _BLOCKS else letter
        self[code] = found
        return found


_SPELLED = _Spelled({ord(mark): spelled for mark, spelled in _MARKS.items()})


def carried(text: str, charset: str) -> str:
    """Return `text` with `?` for every cell that `charset` cannot carry."""
    if text.isascii() or _fits(text, charset):
        return text
    return "".join(
        cluster if _fits(cluster, charset) else "?" * cell_len(cluster)
        for cluster in (text[start:end] for start, end, _ in split_graphemes(text)[0])
    )


def _fits(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


class Spelling(LineFilter):
    """Writes what the terminal shows: marks in ASCII (`plain`), and what `charset` cannot carry as
    `?`. Each cell stays where it was."""

    def __init__(self, charset: str, *, plain: bool) -> None:
        super().__init__()
        ways: list[Callable[[str], str]] = [in_ascii] if plain else []
        if charset != "utf-8":
            ways.append(lambda text: carried(text, charset))
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
