"""Signs of spam: what is counted, over what time, and what the record suggests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.commands import SanctionKind
from modtui.domain.help_routes import by_head, pattern
from modtui.domain.spam import SpamRules, Step, Suspicion, Trace, signs, step, suspicion

T0 = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULES = SpamRules(
    by_head([pattern("", "free spins")]),
    3,
    timedelta(minutes=10),
    (step("warn"), step("mute 1h"), step("ban")),
)
LOUD = "Free money for you at https://a.example/1 !!!"


def trace(thread: int, minutes: float, text: str = "Hello everybody", **more: object) -> Trace:
    plain = Trace(thread, "forum", "r1", "u1", "Nina", text, T0 + timedelta(minutes=minutes))
    return replace(plain, **more)  # type: ignore[arg-type]


def looked(own: Trace, *others: Trace, prior: int = 0) -> Suspicion | None:
    return suspicion(signs([own], [own, *others], RULES), prior, RULES)


def kinds(found: Suspicion | None) -> list[tuple[str, int]]:
    return [(sign.kind, sign.count) for sign in found.signs] if found else []


def test_a_stop_word_is_named() -> None:
    found = looked(trace(1, 0, "get FREE spins now"))
    assert found is not None
    assert found.line == "SPAM? stop word “free spins”; suggested: warn (no sanctions before)"


def test_the_same_author_in_many_threads_at_once() -> None:
    own = trace(1, 0, "a")
    assert kinds(looked(own, trace(2, 1, "b"))) == []
    found = looked(own, trace(2, 1, "b"), trace(3, 9, "c"))
    assert kinds(found) == [("author", 3)]
    assert found is not None
    assert found.signs[0].line == "same author 3× in 10 min: forum, threads 1, 2, 3"
    assert kinds(looked(own, trace(2, 1, "b"), trace(3, 11, "c"))) == [], "not within ten minutes"


def test_the_same_text_by_anybody_on_any_account() -> None:
    others = (
        trace(2, 1, LOUD.upper().replace("1", "77"), account="chat", realm="r2", author="x"),
        trace(3, 2, LOUD, account="social", realm="r3", author="y", name="Z"),
    )
    found = looked(trace(1, 0, LOUD, name="A"), *others)
    assert kinds(found) == [("text", 3)]
    assert found is not None
    assert found.signs[0].accounts == ("chat", "forum", "social")


def test_marks_emoji_and_what_is_unseen_make_no_other_text() -> None:
    variants = ("FREE money for you: https://a.example/2", "🔥 Frее money, for you!? t.me/x 🔥")
    others = [trace(n, n, text, author=f"u{n}", name=f"N{n}") for n, text in enumerate(variants, 2)]
    found = looked(trace(1, 0, "Free money — for you at a.example/1".replace(" at", "")), *others)
    assert kinds(found) == [("text", 3)]
    other = trace(4, 3, "Free tea for you https://a.example/2", author="u4", name="N4")
    assert kinds(looked(trace(1, 0, "Free money for you t.me/y"), *others[:1], other)) == []
    symbols = [trace(n, n, "🔥" * 20, author=f"u{n}", name=f"N{n}") for n in range(5, 9)]
    assert looked(trace(1, 0, "🔥" * 20), *symbols) is None, "there is nothing to compare"


def test_short_words_say_nothing_by_being_repeated() -> None:
    others = [trace(n, n, "Thanks", author=f"u{n}", name=f"N{n}") for n in range(2, 9)]
    assert looked(trace(1, 0, "Thanks"), *others) is None


def test_a_link_alone_is_compared_as_it_is() -> None:
    def by(number: int, text: str) -> Trace:
        return trace(number, number, text, author=f"u{number}", name=f"N{number}")

    own = trace(1, 0, "t.me/lucky1")
    assert kinds(looked(own, by(2, "T.me/lucky1"), by(3, "t.me/lucky1 "))) == [("text", 3)]
    assert looked(own, by(2, "t.me/lucky2"), by(3, "t.me/lucky3")) is None, "three other links"


def test_a_harmless_word_after_it_hides_no_repeated_text() -> None:
    others = [trace(n, n, LOUD, author=f"u{n}", name=f"N{n}") for n in (2, 3)]
    own = [trace(1, 0, LOUD), trace(1, 1, "sorry, wrong chat room")]
    found = signs(own, [*own, *others], RULES)
    assert [(sign.kind, sign.count) for sign in found] == [("text", 3)]


def test_the_same_name_elsewhere_counts_and_another_one_here_does_not() -> None:
    own = trace(1, 0, "a")
    there = trace(2, 1, "b", realm="r2", author="77", name="NINA")
    assert kinds(looked(own, there, trace(3, 2, "c", realm="r3", author="9"))) == [("author", 3)]
    assert kinds(looked(own, there, trace(3, 2, "c", author="u2"))) == []


def test_the_ladder_goes_by_what_was_given_before() -> None:
    own = trace(1, 0, "free spins")
    for before, wanted in enumerate(("warn", "mute for 1 h", "ban for good", "ban for good")):
        found = looked(own, prior=before)
        assert found is not None
        assert found.step is not None
        assert (found.step.words, found.prior) == (wanted, before)
    bare = suspicion(signs([own], [], RULES), 0, replace(RULES, ladder=()))
    assert bare is not None
    assert bare.step is None
    assert bare.line == "SPAM? stop word “free spins”"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("warn", Step(SanctionKind.WARN)),
        ("mute 90m", Step(SanctionKind.MUTE, 5400)),
        ("ban 7d", Step(SanctionKind.BAN, 7 * 86400)),
        ("ban", Step(SanctionKind.BAN)),
    ],
)
def test_a_rung_of_the_ladder(text: str, wanted: Step) -> None:
    assert step(text) == wanted
    assert wanted.for_good is (text == "ban")


@pytest.mark.parametrize("text", ["mute", "warn 1h", "kick 1d", "ban 0d", "shout", ""])
def test_what_is_no_rung(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no step|has no end"):
        step(text)


@given(st.lists(st.integers(-240, 240).map(lambda quarters: quarters / 4), max_size=12))
def test_no_more_is_counted_than_lies_within_one_span(minutes: list[float]) -> None:
    own = trace(1, 0, "a")
    found = looked(own, *(trace(n + 2, each, f"b{n}") for n, each in enumerate(minutes)))
    times = [0.0, *minutes]
    most = max(sum(0 <= other - each <= 10 for other in times) for each in times)
    assert kinds(found) == ([("author", most)] if most >= 3 else [])
