"""The reader of what was written finds what it is there to find."""

from __future__ import annotations

import pytest

from tests.security.poison import EVERYTHING, PIECES
from tests.security.wire import heard

HARMLESS = {"right to left", "markup", "actions", "emoji", "host", "wide", "lines"}


@pytest.mark.parametrize("name", sorted(PIECES.keys() - HARMLESS))
def test_every_kind_of_poison_is_heard(name: str) -> None:
    assert heard(f"fine {PIECES[name]} fine".encode()).wrong


@pytest.mark.parametrize(
    "planted",
    [
        b"\x1b]52;c;QQ==\x07", b"\x1b]0;mine\x07", b"\x1b]2;modtui \xc2\xb7 1 latex\x1b\\",
        b"\x1b]8;;https://evil.example/\x1b\\", b"\x1b[3J", b"\x1b[J", b"\x1b[?47h", b"\x1b[?1005h",
        b"\x1b[?2004;47h", b"\x1b[4h", b"\x1b[!p", b"\x1bc", b"\x1b7", b"\x1b(0", b"\x1b[2;3;4t",
        b"\x1b[5n", b"\x1b[0;1n", b"\x1b[10@", b"\x1bPq\x1b\\", b"\x1b_x\x1b\\", b"\x1b^x\x1b\\",
        b"\x1bXx\x1b\\", b"\xc2\x9b2J", b"\xc2\x9d0;x\x07", b"\xc2\x84", b"\x0c", b"\x0e", b"\x7f",
        b"\x00", b"\x9b2J", b"\xff", b"\x1b]0;no end", b"\x1b[12;",
        *(chr(code).encode() for code in (0x202E, 0x2066, 0x200E, 0x61C, 0x200B, 0xFEFF, 0x2028)),
        *(chr(code).encode() for code in (0xE0041, 0xE000, 0xFFFE, 0x1FFFF, 0xE0101, 0x3164)),
    ],
)  # fmt: skip
def test_one_planted_sequence_among_ours_is_heard(planted: bytes) -> None:
    ours = b"\x1b[?1049h\x1b[2J\x1b[1;38;5;251mwords \xd1\x82\r\n\x1b[3;4H"
    assert heard(ours + ours).wrong == []
    assert heard(ours + planted + ours).wrong


def test_a_bell_and_a_clearing_are_counted() -> None:
    found = heard(b"\x07a\x1b[2J\x07")
    assert (found.wrong, found.sequences["\a"], found.sequences["CSI 2J"]) == ([], 2, 1)


def test_the_words_around_a_sequence_are_read() -> None:
    assert "".join(heard(b"a\x1b[1mb\x1b[?25lc").text) == "abc"
    assert heard(EVERYTHING.encode()).sequences["OSC 52;c;cHduZWQ="] == 1


@pytest.mark.parametrize("title", ["modtui", "modtui · 3 late"])
def test_the_title_is_that_of_the_product(title: str) -> None:
    assert heard(f"\x1b]0;{title}\x07".encode()).wrong == []
    assert heard(f"\x1b]0;{title}!\x07".encode()).wrong
