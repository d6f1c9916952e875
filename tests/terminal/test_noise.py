"""Pastes and sequences without an end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import _parser, events
from textual.message import Message

from modtui.terminal.noise import BEGIN, END, IDLE_SECONDS, KeyParser, PasteEnd, is_noise


class Wrist:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("came", "is_open"),
    [
        ([BEGIN], True),
        ([BEGIN + "abc"], True),
        ([BEGIN[:3], BEGIN[3:], "abc"], True),
        ([*BEGIN], True),
        ([BEGIN, "abc" + END], False),
        ([BEGIN, "abc" + END[:2], END[2:]], False),
        ([BEGIN + "a" + END + "j" + BEGIN], True),
        ([BEGIN[:-1], "j"], False),
        (["abc", END], False),
    ],
)
def test_a_paste_is_open_from_its_beginning_to_its_end(came: list[str], is_open: bool) -> None:
    paste = PasteEnd(Wrist())
    for text in came:
        paste.hear(text)
    assert paste.open is is_open


def test_what_a_terminal_answers_of_itself_keeps_no_paste_open() -> None:
    wrist = Wrist()
    paste = PasteEnd(wrist)
    paste.hear(BEGIN + "j\x1b[20")
    for _ in range(3):
        wrist.seconds += IDLE_SECONDS / 3
        paste.hear("\x1b[24;80R")
    assert paste.due() == END


def test_it_is_ended_once_when_nothing_came_for_long() -> None:
    wrist = Wrist()
    paste = PasteEnd(wrist)
    paste.hear(BEGIN)
    wrist.seconds += IDLE_SECONDS - 0.1
    assert paste.due() == ""
    paste.hear("a slow line")
    wrist.seconds += IDLE_SECONDS - 0.1
    assert paste.due() == ""
    wrist.seconds += 0.1
    assert paste.due() == END
    assert paste.due() == ""
    paste.hear("j")
    wrist.seconds += IDLE_SECONDS
    assert paste.due() == ""


@pytest.mark.parametrize(
    ("inside", "pasted"),
    [
        (
            "\x1b[31mred\x1b[0m and many words more than that",
            "[31mred[0m and many words more than that",
        ),
        ("\x1b\x1b[Aa\x1b", "[Aa"),
        ("\x1b[20\x1b[200~", "[20[200~"),
        ("", ""),
    ],
)
def test_an_escape_in_a_paste_takes_no_letter_with_it(inside: str, pasted: str) -> None:
    paste, parser = PasteEnd(Wrist()), KeyParser()
    found: list[Message] = []
    for character in f"{BEGIN}{inside}x{END}\x1b[Aj{BEGIN}again{END}":
        if passed := paste.pass_on(character):
            found += parser.feed(passed)
    texts = [each.text for each in found if isinstance(each, events.Paste)]
    assert texts == [f"{pasted}x", "again"]
    assert [each.key for each in found if isinstance(each, events.Key)] == ["up", "j"]


def heard(typed: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that are left of what came, once Textual waits for no more of it."""
    wrist = Wrist()
    monkeypatch.setattr(_parser, "get_time", wrist)
    parser = KeyParser()
    found: list[Message] = []
    for character in typed:
        messages = list(parser.feed(character))
        found += [] if is_noise(messages) else messages
    wrist.seconds += 1
    messages = list(parser.tick())
    found += [] if is_noise(messages) else messages
    return [each.key for each in found if isinstance(each, events.Key)]


@pytest.mark.parametrize(
    "begun",
    ["\x1b[2", "\x1b[1;2;3", "\x1b]52;c;ad", "\x1bPad", "\x1b_ad", "\x1bXad", "\x1b[<0;1;",
     "\x1b[200~ad\x1b[20", "\x1b[?1;" + "a" * 28],
)  # fmt: skip
def test_the_characters_of_a_sequence_without_an_end_are_no_keys(
    begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert heard(begun, monkeypatch) == []
    if BEGIN not in begun:
        assert heard(f"{begun}\x1b[A", monkeypatch) == ["up"]


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("\x1b", ["escape"]),
        ("\x1bj", ["alt+j"]),
        ("\x1bjj", ["alt+j", "j"]),
        ("[2", ["left_square_bracket", "2"]),
        ("\x1b[", ["left_square_bracket"]),
        ("^", ["circumflex_accent"]),
        ("\x1b[Aa", ["up", "a"]),
        ("\x1b[5~", ["pageup"]),
    ],
)
def test_what_is_typed_is_heard(
    typed: str, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert heard(typed, monkeypatch) == keys


@pytest.mark.parametrize(
    ("sequence", "keys"),
    [
        ("\x1b[1082::114;5u", [("ctrl+к", None)]),
        ("\x1b[1082:1050:114;2;1050u", [("К", "К")]),
        ("\x1b[114;1:1;114u", [("r", "r")]),
        ("\x1b[114;5:2u", [("ctrl+r", None)]),
        ("\x1b[114;5:3u", []),
        ("\x1b[1;1:3A", []),
        ("\x1b[1;5:1A", [("ctrl+up", None)]),
        ("\x1b[5;1:1~", [("pageup", None)]),
        ("\x1b[114;1;114:115u", [("r", "r"), ("s", "s")]),
        ("\x1b[1114112;5u", []),
        ("\x1b[99999999999;5u", []),
        ("\x1b[114;1;1114112u", []),
        ("\x1b[:;u", [("\x01", "\x01")]),
        ("\x1b[48;24;80;0;0t\x1b[<0;3;3M", []),
    ],
)
def test_a_key_that_says_more_than_it_was_asked_is_that_key(
    sequence: str, keys: list[tuple[str, str | None]]
) -> None:
    found = list(KeyParser().feed(sequence))
    typed = [(each.key, each.character) for each in found if isinstance(each, events.Key)]
    assert typed == keys
    assert not any(isinstance(each, events.MouseEvent) for each in found)


NUMBERS = st.sampled_from(
    ("", "0", "1", "2", "5", "27", "114", "1082", "55296", "1114112", "9" * 20)
)
PARTS = st.one_of(NUMBERS, st.sampled_from((";", ":", "-", "<", "?", "$")))


@given(st.lists(PARTS, max_size=12), st.sampled_from([*"u~ABCDEFHPQRSTmMtycnRIO"]))
def test_no_sequence_breaks_the_parser(parts: list[str], end: str) -> None:
    parser = KeyParser()
    list(parser.feed(f"\x1b[{''.join(parts)}{end}\x1b[48;24;80;0;0t\x1b[<0;3;3M"))
    assert isinstance(list(parser.feed("\x1b[Aa"))[-1], events.Key)
