"""Quick replies in rows: which digit sends what is never cut away by what follows it."""

from __future__ import annotations

from modtui.domain.replies import Entry, Slot, Variant
from modtui.widgets.cells import cell_len
from modtui.widgets.slot_rows import slot_line, slot_rows


def lines(width: int, *then: str) -> list[str]:
    variant = Variant("en", "No threats", "…")
    slot = Slot(4, Entry("no-threats", {"en": variant}, then=then), variant)
    return ["".join(text for text, _ in row) for row in slot_rows([slot], "en", ("en",), width)]


def test_a_long_note_leaves_digit_and_title_where_they_are() -> None:
    for width in (36, 48):
        line = lines(width, "note a threat was answered publicly", "mute 1d")[4]
        assert line.startswith(" 4 No threats")
        assert "then note a" in line
        assert cell_len(line.rstrip()) <= width


def test_a_short_note_is_said_whole() -> None:
    assert lines(48, "slow 15m")[4].rstrip().endswith("then slow 15m")


def test_a_pin_takes_no_room_from_the_title() -> None:
    first, second = (Variant("en", title, "…") for title in ("Slow down please", "Thanks"))
    slots = [
        Slot(digit, Entry(v.title, {"en": v}), v, pinned=True)
        for digit, v in enumerate((first, second), 1)
    ]
    (line, _) = slot_line(slots, ("en",), 80)
    text = "".join(text for text, _ in line)
    assert "1 Slow down please" in text
    assert "2 Thanks (pinned)" in text
