"""What connectors share in reading answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modtui.connectors.reading import (
    convert_each,
    dump_cursor,
    iso_moment,
    letter_text,
    links,
    load_cursor,
    plain_text,
    says,
)

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
TAGS = (
    "<ul>",
    "</ul>",
    "<ol start='x'>",
    "</ol>",
    "<li>",
    "<td>",
    "<br>",
    "</pre>",
    "<pre>",
    "a\n",
)


class Cursor(msgspec.Struct):
    since: str | None = None
    open: list[str] = []


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-20T10:00:00.123Z", datetime(2026, 11, 20, 10, 0, 0, 123000, UTC)),
        ("2026-11-20T10:00:00+02:00", datetime(2026, 11, 20, 8, 0, tzinfo=UTC)),
        ("2026-11-20T10:00:00", datetime(2026, 11, 20, 10, 0, tzinfo=UTC)),
        ("9999-12-31T23:59:59-23:59", NOW),
        ("0001-01-01T00:00:00+23:59", NOW),
        ("1492-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("yesterday", NOW),
        (None, NOW),
        (1700000000, NOW),
    ],
)
def test_a_time_is_kept_between_1970_and_now(text: object, at: datetime) -> None:
    assert iso_moment(text, NOW) == at
    assert iso_moment(text, NOW).tzinfo is UTC


@given(st.datetimes(timezones=st.just(timezone(timedelta(hours=5)))))
def test_any_time_reads(at: datetime) -> None:
    assert datetime(1970, 1, 1, tzinfo=UTC) <= iso_moment(at.isoformat(), NOW) <= NOW


def test_link_headers_are_read_by_relation() -> None:
    assert links('</a?x=1>; rel="next", <https://o.test/b>; rel=prev', "https://o.test/z") == {
        "next": "https://o.test/a?x=1",
        "prev": "https://o.test/b",
    }
    header = '</a?x=1,2;3>; rel="next last"'
    assert links(header, "https://o.test") == dict.fromkeys(
        ("next", "last"), "https://o.test/a?x=1,2;3"
    )
    assert links("", "https://o.test") == {}
    assert links("garbage; rel=next", "https://o.test") == {}


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two &amp; three</p>", "One\nTwo & three"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ('<a href="https://evil.test/x">our bank</a>', "our bank (https://evil.test/x)"),
        ('<a href="https://www.ours.test/x/">ours.test/x</a>', "ours.test/x"),
        ('<a href="/local">here</a>', "here"),
        ('<a href="https://o.test/@bob" class="u-url mention">@<span>bob</span></a>', "@bob"),
        ('<img alt="a cat"> <img class="emoji" alt=":)">', "[image a cat] :)"),
        ("<script>alert(1)</script>hi", "hi"),
        ("<b>bold</b> [bold]not markup[/bold]", "bold [bold]not markup[/bold]"),
        ("<unclosed <b", "<unclosed <b"),
        ("", ""),
    ],
)
def test_html_is_read_as_its_words(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p>\n<p>Two\n &amp; <b>three</b></p>", "One\n\nTwo & three"),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("<p>Do:</p><ul><li>a</li><li><p>b</p></li></ul>", "Do:\n\n- a\n- b"),
        ("<ol>\n<li>a</li>\n<li>b<ul><li>c</li></ul></li></ol>d", "1. a\n2. b\n  - c\n\nd"),
        ('<ol start="3"><li>a</li></ol>', "3. a"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a | b\nc"),
        ("<pre>x\n  y</pre>z", "x\n  y\n\nz"),
        ("<li>stray</ul>", "- stray"),
        ('<a href="https://h.test/x">here</a><script>no</script>', "here (https://h.test/x)"),
    ],
)
def test_html_is_laid_out_like_a_letter(html: str, text: str) -> None:
    assert letter_text(html) == text


@given(st.text() | st.lists(st.sampled_from(TAGS)).map("".join))
def test_any_html_reads(html: str) -> None:
    assert isinstance(plain_text(html), str)
    assert isinstance(letter_text(html), str)


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"since": 5}', "7"])
def test_a_cursor_that_cannot_be_read_is_a_new_one(text: str | None) -> None:
    assert load_cursor(text, Cursor) == Cursor()


def test_a_cursor_comes_back() -> None:
    state = Cursor("s", ["a", "b"])
    assert load_cursor(dump_cursor(state), Cursor) == state


def test_a_bad_item_is_set_aside_with_its_reason() -> None:
    good, bad = convert_each([{"since": "a"}, {"since": 5}, None], Cursor, "list")
    assert good == (Cursor("a"),)
    assert [(one.where, "str" in one.why or "object" in one.why) for one in bad] == [
        ("list", True),
        ("list", True),
    ]


def test_blanks_do_not_count_in_what_was_said() -> None:
    assert says("a  b\n", "a b")
    assert not says("ab", "a b")
    assert not says(None, "")
