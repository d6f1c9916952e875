import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modtui.domain.text import (
    _COMMON,
    _PLAIN,
    MAX_MARKS,
    Clean,
    clean,
    clean_line,
    host_of,
    inert,
    is_mark,
    literal,
    show_hosts,
)
from tests.security.wire import steers

FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
FRAGMENTS = st.one_of(
    st.text(max_size=20),
    st.text(st.characters(categories=["Mn", "Me", "Cf", "Cc", "Zl", "Zp"]), max_size=30),
    st.sampled_from(
        [
            *(
                "\x1b",
                "\x1b]",
                "\x1b[",
                "\x9d",
                "\x9b",
                "\x07",
                "\x1b\\",
                "\x1bP",
                "52;c;QQ==",
                "0;t",
            ),
            *(
                "2J",
                "31m",
                "\u202e",
                "\u2066",
                "[bold]",
                "\ud800",
                "\udc00",
                "\r",
                "\r\n",
                "\u200d",
            ),
            *("e\u200b\u0301", "\ufe0f", "\U000e0041", "\u1100", "\u1161"),
        ]
    ),
)
HOSTILE = st.lists(FRAGMENTS, max_size=12).map("".join)

GOOD = (
    "héllo",
    "日本語です。",
    "👩‍👩‍👧‍👦 ok",
    "❤️ 1️⃣ 🏳️‍🌈 👍🏽",
    "مرحبا كيف حالك",
    "می‌خواهم",
    "עברית",
    "नमस्ते, क्षत्रिय",
    "გამარჯობა, როგორ ხართ?",
    "Лимитті қалай қоямын? Өтініш, көмектесіңіз.",
    "Это вообще нормально? — «да»",
    "Zażółć gęślą jaźń",
    "a\nb\n\nc",
    "မြန်မာဘာသာ",
    "[@click=app.quit]x[/]",
    "🫨 newer than this Python",
)


@settings(max_examples=400, deadline=None)
@given(HOSTILE)
def test_nothing_forbidden_survives(raw: str) -> None:
    text = clean(raw).text
    assert not FORBIDDEN.search(text)
    assert unicodedata.is_normalized("NFC", text)
    text.encode()
    clean(raw).raw.encode()


@settings(max_examples=400, deadline=None)
@given(HOSTILE, st.integers(8, 60))
def test_cleaning_twice_changes_nothing(raw: str, limit: int) -> None:
    once = clean(raw, limit=limit)
    assert len(once.text) <= limit
    assert clean(once.text, limit=limit) == (once.text, once.text, 0)
    line = clean_line(raw, limit=limit)
    assert clean_line(line, limit=limit) == line
    assert "\n" not in line


@settings(max_examples=300, deadline=None)
@given(HOSTILE)
def test_marks_never_pile_up(raw: str) -> None:
    run = 0
    for character in clean(raw).text:
        run = run + 1 if unicodedata.category(character).startswith("M") else 0
        assert run <= MAX_MARKS


@pytest.mark.parametrize("text", GOOD)
def test_honest_text_is_untouched(text: str) -> None:
    assert clean(text) == (text, text, 0)
    assert isinstance(clean(text).text, Clean)


@pytest.mark.parametrize(
    ("raw", "text", "hidden"),
    [
        ("a\x1b]52;c;QQ==\x07b", "a\ufffdb", 1),
        ("a\x1b]0;title\x1b\\b", "a\ufffdb", 1),
        ("\x1b[2J\x1b[31mred", "\ufffd\ufffdred", 2),
        ("\x9b31mred\x9d0;t\x9c", "\ufffdred\ufffd", 2),
        ("\x1bPq#0\x1b\\tail", "\ufffdtail", 1),
        ("\x1b]8;;never ended and still readable", "\ufffd8;;never ended and still readable", 1),
        ("nul\x00del\x7f", "nul\ufffddel\ufffd", 2),
        ("exe\u202egpj", "exe\ufffdgpj", 1),
        ("tag\U000e0041", "tag\ufffd", 1),
        ("ze\u200bro\ufeff\u00ad", "zero", 3),
        ("smuggled\U000e0101\U000e0102", "smuggled", 2),
        ("lone \ud83d", "lone \ufffd", 1),
        ("pair \ud83d\ude00", "pair 😀", 0),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd", 0),
        ("a\tb", "a    b", 0),
        ("e\u0301", "é", 0),
        ("z" + "\u0335" * 50, "z" + "\u0335" * MAX_MARKS, 0),
    ],
)
def test_hostile_text_is_neutralised(raw: str, text: str, hidden: int) -> None:
    cleaned = clean(raw)
    assert (cleaned.text, cleaned.hidden) == (text, hidden)


def test_raw_is_kept_as_evidence_and_can_be_stored() -> None:
    assert clean("a\x1b[31m").raw == "a\x1b[31m"
    assert clean("a\ud800").raw == "a\\ud800"


def test_long_text_is_cut_and_says_so() -> None:
    cleaned = clean("я" * 30_000)
    assert len(cleaned.text) == 20_000
    assert cleaned.text.endswith(" […]")
    assert len(cleaned.raw) == 30_000


@pytest.mark.parametrize("unit", ["\x1b]", "\x9d", "\x1b[0;", "\u0301", "\u200b", "\x1bP1"])
def test_a_megabyte_of_poison_is_linear_work(unit: str) -> None:
    steps = clean(unit * (1_000_000 // len(unit)))
    assert len(steps.text) <= 20_000


def test_a_line_is_one_line() -> None:
    assert clean_line("  two\n lines\t\x1b[1m ") == "two lines \ufffd"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://forum.example.org/t/1?x#y", "forum.example.org"),
        ("https://user:pw@Example.ORG:8443/", "example.org"),
        ("https://аррӏе.example/login", "xn--80ak6aa92e.example"),
        ("www.пример.рф/а", "www.xn--e1afmkfd.xn--p1ai"),
        ("", None),
    ],
)
def test_the_host_is_shown_as_it_is_asked_for(url: str, host: str | None) -> None:
    assert host_of(url) == host


def test_only_links_with_strange_hosts_are_annotated() -> None:
    text = literal("см. https://аррӏе.example/login и https://ok.example/а")
    assert show_hosts(text) == (
        "см. https://аррӏе.example/login (xn--80ak6aa92e.example, punycode) и https://ok.example/а"
    )


def test_a_host_behind_another_name_is_told() -> None:
    text = literal("https://bank.example@evil.example/x https://a.example/@b mail me@a.example")
    assert show_hosts(text) == (
        "https://bank.example@evil.example/x (goes to evil.example) https://a.example/@b"
        " mail me@a.example"
    )


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("аррӏе.example", "xn--80ak6aa92e.example, punycode"),
        ("pаypal.example", "xn--pypal-4ve.example, punycode"),
        ("ｅvil。example", "goes to evil.example"),
    ],
)
def test_a_look_alike_or_mixed_host_is_told(host: str, told: str) -> None:
    assert show_hosts(literal(f"https://{host}/x")) == f"https://{host}/x ({told})"


def cleaning_holds(raw: str, limit: int) -> None:
    """Check all that `clean` promises of one text."""
    cleaned = clean(raw, limit=limit)
    text = cleaned.text
    assert type(text) is Clean
    assert len(text) <= limit
    assert unicodedata.is_normalized("NFC", text)
    assert not FORBIDDEN.search(text)
    assert not any(steers(character) for character in text if character != "\n")
    assert cleaned.raw.encode().decode() == cleaned.raw
    assert clean(text, limit=limit) == (text, text, 0)
    assert inert(text.replace("\n", " ")) == text.replace("\n", " ")
    if cleaned.hidden == 0 and raw == text:
        assert cleaned.raw is raw
    marks = "".join("m" if is_mark(character) else "." for character in text)
    assert max(map(len, marks.split(".")), default=0) <= MAX_MARKS


@settings(max_examples=1_500, deadline=None)
@given(HOSTILE, st.integers(8, 300))
def test_what_cleaning_promises(raw: str, limit: int) -> None:
    cleaning_holds(raw, limit)


@pytest.mark.nightly
@settings(max_examples=100_000, deadline=None)
@given(HOSTILE, st.integers(8, 300))
def test_what_cleaning_promises_a_hundred_thousand_times(raw: str, limit: int) -> None:
    cleaning_holds(raw, limit)


@pytest.mark.parametrize("text", GOOD)
def test_clean_text_is_the_same_object(text: str) -> None:
    once = clean(text)
    assert once.raw is text
    if text.isascii():
        assert clean(once.text).text is once.text


@settings(max_examples=500, deadline=None)
@given(HOSTILE)
def test_the_last_wall_lets_only_cells_through(raw: str) -> None:
    passed = inert(raw)
    assert not any(steers(character) for character in passed)
    assert inert(passed) == passed


POISON = {
    "prose": "hello brave world ",
    "a word": "x",
    "a Cyrillic word": "ж",
    "wide": "漢",
    "lines": "a\n",
    "line ends": "\n",
    "escapes": "\x1b]",
    "colours": "\x1b[0;",
    "bidi": "\u202e",
    "half": "\ud83d",
    "pairs": "\ud83d\ude00",
    "marks": "\u0301",
    "marks out of order": "\u0315\u0301\u0327",
    "decomposing": "\ufb2c",
    "joined": "👩\u200d👧",
    "zero width": "\u200b",
    "syllables": "\u1100\u1161",
}
COST = 0.1
"""Seconds of CPU that a megabyte may cost, beside the ratio below for slower machines."""


def slow_scan() -> float:
    """CPU seconds of reading a megabyte character by character: how fast this machine is."""
    begun = time.process_time()
    assert sum(character == "x" for character in "x" * 1_000_000) == 1_000_000
    return time.process_time() - begun


@pytest.mark.parametrize("name", sorted(POISON))
def test_a_megabyte_costs_no_more_than_a_tenth_of_a_second(name: str) -> None:
    raw = POISON[name] * (1_000_000 // len(POISON[name]))
    begun = time.process_time()
    clean(raw)
    clean_line(raw)
    spent = time.process_time() - begun
    assert spent <= max(COST, 3 * slow_scan())


def test_what_is_tried_first_is_plain_too() -> None:
    plain = re.compile(_PLAIN)
    common = [chr(code) for code in range(0x110000) if _COMMON.fullmatch(chr(code))]
    assert len(common) > 1_000
    assert all(plain.fullmatch(character) for character in common)
