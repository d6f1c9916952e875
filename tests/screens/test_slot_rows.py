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
        assert "then note" in line
        assert cell_len(line.rstrip()) <= width


def test_what_follows_is_said_without_its_details() -> None:
    (row,) = (line.rstrip() for line in lines(48, "slow 15m for 2h", "lock for 2h")[4:5])
    assert row.endswith("then slow 15m, lock")


def test_what_follows_leaves_a_title_its_first_words() -> None:
    variant = Variant("en", "Slow down please now", "…")
    slot = Slot(8, Entry("slow", {"en": variant}, then=("slow 15m", "resolve")), variant, weak=True)
    (_, *rows) = slot_rows([slot], "pl", ("en",), 46)
    row = "".join(text for text, _ in rows[7])
    assert row.startswith(" 8 weak: Slow down please")
    assert "  in en · then" in row


def test_how_often_one_was_sent_is_told_whole_or_not_at_all() -> None:
    variant = Variant("en", "Threats and private details of others", "…")
    entry = Entry("threats", {"en": variant})

    def end(width: int, sent: int) -> str:
        row = slot_rows([Slot(1, entry, variant, sent=sent)], "en", ("en",), width)[1]
        return "".join(text for text, _ in row).rstrip()

    assert end(48, 7).endswith(" sent   7×")
    assert end(38, 7).endswith(" sent 7×")
    assert end(38, 1234).endswith(" 1234×")
    assert "…" not in end(38, 1234)[-7:]
    assert end(34, 123_456).endswith("…")


def test_a_pin_takes_no_room_from_the_title() -> None:
    first, second = (Variant("en", title, "…") for title in ("Slow down please", "Thanks"))
    slots = [
        Slot(digit, Entry(v.title, {"en": v}), v, pinned=True)
        for digit, v in enumerate((first, second), 1)
    ]
    (line, _) = slot_line(slots, "en", ("en",), 80)
    text = "".join(text for text, _ in line)
    assert "1 Slow down please" in text
    assert "2 Thanks (pinned)" in text


def test_a_missing_language_is_said_before_what_follows_and_past_a_long_title() -> None:
    variant = Variant("en", "Slow down please, and read the rules", "…")
    entry = Entry("slow-down", {"en": variant}, then=("slow 15m",))
    slots = [Slot(1, entry, variant), Slot(2, entry, variant, pinned=True)]
    rows = slot_rows(slots, "ka", ("en",), 60)
    first, second = ("".join(text for text, _ in row).rstrip() for row in rows[1:3])
    assert first.endswith("in en · then slow 15m")
    assert second.endswith("in en · then slow 15m · pinned")
    line = "".join(text for text, _ in slot_line(slots, "ka", ("en",), 80)[0])
    assert line.count(" in en ") == 2
    at_home = "".join(text for text, _ in slot_line(slots, "en", ("en",), 80)[0])
    assert " in en" not in at_home
