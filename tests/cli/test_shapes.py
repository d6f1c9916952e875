import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from modtui.cli import shapes
from modtui.domain.sla import Clock, ClockKind, LedgerLine
from tests.security.poison import EVERYTHING
from tests.security.wire import steers

START = datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_a_ledger_in_whole_seconds_sums_to_its_clock() -> None:
    piece = timedelta(seconds=10.6)
    marks = [START + piece * number for number in range(6)]
    lines = tuple(
        LedgerLine(start, end, piece if number % 2 == 0 else timedelta(), "counted")
        for number, (start, end) in enumerate(pairwise(marks))
    )
    clock = Clock(
        ClockKind.RESOLUTION, 1, START, timedelta(hours=1), piece * 3, None, False, None,
        None, None, None, lines,
    )  # fmt: skip
    document = shapes.clock(clock)
    counted = [line["counted_seconds"] for line in document["ledger"]]
    assert counted == [10, 0, 11, 0, 10]
    assert sum(counted) == document["elapsed_seconds"] == 31


def test_what_steers_a_terminal_is_escaped_and_reads_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = "a\x1b[2J\x7f\x9b31m\u202e\u2066\u2028\u061c\U000e0041 é ç — ხ 👩\u200d👧 ق"
    shapes.print_json({"raw": said})
    out = capsys.readouterr().out
    assert json.loads(out) == {"raw": said}
    assert all(c.isprintable() or c in "\n\u200d" for c in out)
    assert "é ç — ხ 👩\u200d👧 ق" in out


def test_no_character_that_cannot_be_seen_is_left_in_a_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    every = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF)
    said = {"every": every, "mixed": EVERYTHING}
    shapes.print_json(said)
    out = capsys.readouterr().out
    assert json.loads(out) == said
    assert {f"{ord(c):x}" for c in out if steers(c) and c != "\n"} == set()
