"""Quick replies: what an entry may hold, how it is filled, which nine are offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.entries import parse
from modtui.domain.features import sample
from modtui.domain.ranking import Ranking
from modtui.domain.replies import (
    Asked,
    Entry,
    FollowEscalate,
    FollowLock,
    FollowNote,
    FollowResolve,
    FollowSlow,
    FollowUp,
    ReplyError,
    Slot,
    Variant,
    fill,
    find,
    follow_up,
    pinned_to,
)
from modtui.domain.replies import slots as offered_slots


def entry(
    name: str, *tags: str, reasons: tuple[str, ...] = (), keywords: tuple[str, ...] = ()
) -> Entry:
    variants = {"en": Variant("en", "Title", "Body"), "ru": Variant("ru", "Имя", "Текст")}
    return Entry(name, variants, tags=tags, reasons=reasons, keywords=keywords)


def asked(text: str = "", *reasons: str, route: str | None = None) -> Asked:
    return Asked(text, "en", reasons, route)


def slots(
    entries: Sequence[Entry],
    asked: Asked,
    sent: Mapping[str, int],
    pins: Mapping[int, str] | None = None,
) -> tuple[Slot, ...]:
    scores = Ranking(map(sample, entries)).scores(asked.text)
    return offered_slots(entries, asked, sent, pins, scores)


def digits(found: tuple[Slot, ...]) -> dict[int, str]:
    return {slot.digit: slot.entry.id for slot in found}


TABLE: dict[str, object] = {
    "id": "kyc-steps",
    "tags": ["account", "pin:3"],
    "reasons": ["question"],
    "then": ["slow 15m for 2h", "note"],
    "en": {"title": "KYC", "body": "\nHello {author}\n", "approved_by": "lead"},
    "ru": {"title": "KYC", "body": "Да", "defaults": {"author": "вы"}},
}


def test_a_table_becomes_an_entry() -> None:
    found = parse(TABLE, "a.toml")
    assert (found.id, found.source, found.pin, found.light, found.help) == (
        "kyc-steps", "a.toml", 3, False, None,
    )  # fmt: skip
    assert found.then == ("slow 15m for 2h", "note")
    assert found.variants["en"] == Variant("en", "KYC", "Hello {author}", "lead")
    assert found.variants["ru"].approved_by == ""
    assert found.variant(["ka", "ru"]).language == "ru"
    assert found.variant(["ka"]).language == "en"


@pytest.mark.parametrize(
    ("change", "key", "says"),
    [
        ({"id": "Kyc steps"}, "id", "lower-case"),
        ({"id": 3}, "id", "id must be a text"),
        ({"reason": ["x"]}, "reason", "did you mean 'reasons'"),
        ({"tags": "help"}, "tags", "tags must be a list of texts"),
        ({"tags": ["pin:0"]}, "tags", "pin:1 to pin:9"),
        ({"then": ["explode"]}, "then", 'allowed: "resolve", "lock"'),
        ({"en": {"title": "x"}}, "en.body", "en.body must be a text: missing"),
        ({"en": {"title": "x", "body": " "}}, "en.body", "must not be empty"),
        ({"en": {"title": "a\nb", "body": "x"}}, "en.title", "hidden or control"),
        ({"en": {"title": "x", "body": "a\x1b[2Jb"}}, "en.body", "hidden or control"),
        ({"en": {"title": "x", "body": "Hello { name }"}}, "en.body", "a placeholder is"),
        ({"en": {"title": "x", "body": "y", "bdy": "z"}}, "en.bdy", "did you mean 'body'"),
        ({"en": {"title": "x", "body": "y", "defaults": {"a": 1}}}, "en.defaults", "of texts"),
        (
            {"en": {"title": "x", "body": "{a}", "defaults": {"a": "{author}"}}},
            "en.defaults.a",
            "no braces",
        ),
        (
            {"en": {"title": "x", "body": "{a}", "defaults": {"a": "{{include bye}}"}}},
            "en.defaults.a",
            "no braces",
        ),
        (
            {"en": {"title": "x", "body": "{a}", "defaults": {"a": "\x1b[2J"}}},
            "en.defaults.a",
            "hidden or control",
        ),
    ],
)
def test_what_is_wrong_is_named(change: Mapping[str, object], key: str, says: str) -> None:
    with pytest.raises(ReplyError) as caught:
        parse({**TABLE, **change}, "a.toml")
    assert caught.value.key == key
    assert says in str(caught.value)


def test_an_entry_without_any_text_is_refused() -> None:
    with pytest.raises(ReplyError, match=r"add \[reply.en\]"):
        parse({"id": "x"}, "a.toml")


def test_placeholders_are_filled_and_the_others_named() -> None:
    variant = Variant("en", "t", "{a} and {b}, {b} {c}", defaults={"c": "see", "a": "no"})
    filled = fill(entry("x"), variant, {"a": "{b}", "b": "", "z": "unused"})
    assert filled.text == "{b} and {b}, {b} see"
    assert filled.missing == ("b",)
    assert (filled.entry, filled.language, filled.approved_by) == ("x", "en", "")
    assert filled.quotes == ("{b}",), "it came in with a value and is none to be filled"
    assert fill(entry("x"), variant, {"b": "1"}).missing == ()


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("resolve", FollowResolve()),
        ("lock", FollowLock()),
        ("lock for 2h", FollowLock(7200)),
        ("slow 15m for 2h", FollowSlow(900, 7200)),
        ("slow 90s  for 1d", FollowSlow(90, 86400)),
        ("note", FollowNote()),
        ("note was told", FollowNote("was told")),
        ("escalate payments", FollowEscalate("payments")),
        ("escalate trust and safety", FollowEscalate("trust and safety")),
    ],
)
def test_follow_ups(text: str, means: FollowUp) -> None:
    assert follow_up(text) == means


@pytest.mark.parametrize(
    "text", ["", "ban", "slow 15m", "slow 15 for 2h", "slow 0m for 2h", "escalate", "resolve now"]
)
def test_a_follow_up_that_is_none_names_what_is_allowed(text: str) -> None:
    with pytest.raises(ReplyError, match=r"allowed|no duration such as 90s"):
        follow_up(text)


def test_reason_words_and_language_decide_the_order() -> None:
    entries = (
        entry("other"),
        entry("by-reason", reasons=("spam",)),
        entry("by-words", keywords=("withdrawal", "payout", "stuck")),
        Entry("foreign", {"ka": Variant("ka", "t", "b")}, reasons=("spam",)),
    )
    found = slots(entries, asked("My withdrawals are stuck: no payouts", "Spam"), {})
    assert digits(found) == {1: "by-words", 2: "by-reason", 3: "foreign", 4: "other"}
    assert [slot.weak for slot in found] == [False, False, True, True]


def test_what_is_there_for_a_reason_comes_before_what_names_it_besides() -> None:
    entries = (
        entry("besides", reasons=("duplicate", "off-topic"), keywords=("weather",)),
        entry("for-it", reasons=("off-topic",)),
    )
    near = {"besides": 0.01}
    found = offered_slots(entries, asked("Snow today", "off-topic"), {}, None, near)
    assert [(s.entry.id, s.weak) for s in found] == [("for-it", False), ("besides", False)]
    assert digits(slots(entries, asked("The weather", "off-topic"), {})) == {
        1: "besides",
        2: "for-it",
    }


def test_a_reason_that_everything_names_decides_nothing() -> None:
    entries = tuple(entry(f"e{n}", reasons=("question",)) for n in range(12))
    found = slots(entries, asked("", "question"), {"e7": 5})
    assert all(slot.weak for slot in found)
    assert found[0].entry.id == "e7"


def test_empty_digits_go_to_the_most_sent() -> None:
    names = ("never", "often", "match")
    help_, good = entry("help", "help:any"), entry("good", reasons=("spam",))
    entries = (*(entry(name) for name in names), help_, good)
    found = slots(entries, asked("", "spam"), {"often": 9})
    assert digits(found) == {1: "good", 2: "often", 3: "match", 4: "never"}
    assert [slot.sent for slot in found] == [0, 9, 0, 0]


def test_a_general_reply_holds_its_digit_from_thread_to_thread() -> None:
    general = (entry("we-look", "general"), entry("team", "general"))
    entries = (*general, *(entry(f"e{n}", reasons=(f"r{n}",)) for n in range(9)))
    for reason in ("r1", "r5", "other"):
        found = digits(slots(entries, asked("", reason), {"we-look": 5, "team": 9}))
        assert (found[8], found[9]) == ("team", "we-look")
    fits = slots((*entries, entry("ours", "general", reasons=("spam",))), asked("", "spam"), {})
    assert digits(fits)[1] == "ours"


def test_nine_keys_are_full_and_hold_the_nearest_however_far() -> None:
    rest = (entry("sent"), entry("pinned"), *(entry(f"e{n}") for n in range(9)))
    any_ = (entry("we-look", "general"), entry("team", "general"))
    scores = {"e5": 0.3, "e8": 0.1, "e7": 0.001, "sent": 0.0005}
    found = offered_slots((*any_, *rest), asked(), {"sent": 1}, {5: "pinned"}, scores)
    assert digits(found) == {
        1: "e5", 2: "e8", 3: "sent", 4: "e7", 5: "pinned", 6: "e0", 7: "e1", 8: "team", 9: "we-look"
    }  # fmt: skip


def test_what_answers_anything_has_its_digit_though_others_come_nearer() -> None:
    entries = tuple(entry(f"e{n}", *(["general"] if n > 5 else [])) for n in range(10))
    scores = {f"e{n}": 0.1 for n in range(6)}
    found = digits(offered_slots(entries, asked(), {"e9": 9}, None, scores))
    assert {d: found[d] for d in (7, 8, 9)} == {7: "e6", 8: "e7", 9: "e8"}


def test_what_answers_anything_keeps_its_digit_where_others_are_empty() -> None:
    entries = (entry("we-look", "general"), *(entry(f"e{n}", "pin:9") for n in range(2)))
    assert digits(slots(entries, asked(), {})) == {1: "e1", 8: "we-look", 9: "e0"}


def test_what_answers_anything_keeps_its_digit_under_a_help_route() -> None:
    general = (entry("we-look", "general"), entry("team", "general"))
    light = (entry("thanks", "light", "pin:9"), entry("mine", "light"))
    entries = (*general, *light, entry("help", "help:any"))
    plain = digits(slots(entries, asked(), {}, {8: "mine"}))
    assert plain == {6: "team", 7: "we-look", 8: "mine", 9: "thanks"}
    under = asked(route="self-harm")
    assert digits(slots(entries, under, {}, {8: "mine"})) == {1: "help", 6: "team", 7: "we-look"}
    filled = (*entries, *(entry(f"light{n}", "light", f"pin:{n}") for n in range(2, 9)))
    assert digits(slots(filled, under, {})) == {1: "help", 8: "team", 9: "we-look"}


def test_under_a_route_the_keys_left_over_are_the_same_on_every_thread() -> None:
    helps = (entry("harm", "help:self-harm"), entry("young", "help:minors"), entry("pay", "help:x"))
    routine = (*map(entry, ("a", "b", "c", "d", "e")), entry("rule", reasons=("threat",)))
    entries = (*helps, *routine)
    found = [
        digits(
            offered_slots(entries, asked(words, *reasons, route="self-harm"), {"d": 9}, {}, near)
        )
        for words, near in (("", {}), ("a lot of words", {"a": 0.09, "c": 0.08}))
        for reasons in ((), ("threat",))
    ]
    assert found[0] == {1: "harm", 2: "rule", 3: "e", 4: "c", 5: "b", 6: "a", 7: "d",
                        8: "young", 9: "pay"}  # fmt: skip
    assert found == [found[0]] * 4


def test_pins_hold_their_digit_and_are_not_weak() -> None:
    found = slots((entry("b", "pin:9"), entry("a"), entry("c", "pin:9")), asked(), {})
    assert digits(found) == {1: "a", 2: "c", 9: "b"}
    assert [slot.weak for slot in found] == [True, True, False]


def test_help_in_another_need_than_the_routes_is_weak_however_well_it_fits() -> None:
    entries = (entry("harm", "help:self-harm"), entry("playing", "help:gambling", "pin:3"))
    found = offered_slots(entries, asked(route="self-harm"), {}, None, {"playing": 1.0})
    assert [(s.entry.id, s.weak) for s in found] == [("harm", False), ("playing", True)]
    (_, other) = offered_slots((entries[0], replace(entries[1], tags=("help:gambling",))),
                       asked(route="self-harm"), {}, None, {"playing": 1.0})  # fmt: skip
    assert (other.entry.id, other.weak) == ("playing", True)


def test_two_pins_to_one_digit_do_not_change_places_from_thread_to_thread() -> None:
    entries = (entry("ours", "pin:8"), entry("starter", "pin:8", reasons=("spam",)))
    for thread in (asked(), asked("", "spam")):
        assert digits(slots(entries, thread, {"starter": 99}))[8] == "ours"


def test_the_help_entry_of_the_route_has_key_1() -> None:
    entries = (
        entry("good", "pin:1", reasons=("self-harm",)),
        entry("any", "help:any"),
        entry("help", "help:gambling", "help:self-harm"),
        entry("thanks", "light", "pin:9"),
    )
    found = slots(entries, asked("", "self-harm", route="Self_harm"), {"thanks": 99})
    assert digits(found) == {1: "help", 2: "any", 3: "good"}
    assert not found[0].weak
    assert digits(slots(entries, asked(route="minors"), {}))[1] == "any"
    assert 1 not in digits(slots(entries[:1], asked("", "self-harm", route="minors"), {}))


def test_a_moderators_pin_comes_before_the_tag_of_a_file() -> None:
    entries = (entry("team", "pin:9"), entry("mine"), entry("moved", "pin:3"), entry("d"))
    pins = {9: "mine", 4: "moved", 7: "gone"}
    found = slots(entries, asked(), {}, pins)
    assert {s.digit: s.entry.id for s in found if s.pinned} == {9: "mine", 4: "moved"}
    assert {s.entry.id for s in found if s.weak} == {"team", "d"}
    assert [pinned_to(e, pins) for e in entries] == [None, 9, 4, None]
    assert pinned_to(entry("team", "pin:9"), {}) == 9
    again = slots(entries, asked(), {}, {9: "gone"})
    assert {s.digit: s.entry.id for s in again if s.pinned} == {9: "team", 3: "moved"}


def test_no_pin_takes_key_1_from_a_help_route() -> None:
    entries = (entry("help", "help:self-harm"), entry("thanks", "light"), entry("mine"))
    pins = {1: "mine", 2: "help", 9: "thanks"}
    found = slots(entries, asked("", "self-harm", route="self-harm"), {}, pins)
    assert digits(found) == {1: "help", 2: "mine"}
    assert [slot.pinned for slot in found] == [False, False]
    assert digits(slots(entries, asked(), {}, pins)) == {1: "mine", 2: "help", 9: "thanks"}


def test_who_approved_a_text_and_when() -> None:
    table = {"title": "T", "body": "B", "approved_by": "lead"}
    made = parse({"id": "x", "en": {**table, "approved_at": date(2026, 3, 1)}}, "f", 4)
    assert made.variants["en"].approval == "approved by lead, 2026-03-01"
    assert made.line == 4
    assert parse({"id": "x", "en": table}, "f").variants["en"].approval == "approved by lead"
    assert Variant("en", "T", "B").approval == "not approved"
    with pytest.raises(ReplyError, match="must be a day, such as 2026-03-01"):
        parse({"id": "x", "en": {**table, "approved_at": "yesterday"}}, "f")


def test_a_text_names_its_placeholders_once() -> None:
    assert Variant("en", "T", "{b} {a} {b}").placeholders == ("b", "a")


TAGS = st.sampled_from(
    ["light", "general", "help:self-harm", "help:gambling", "help:any", "pin:1", "pin:2", "pin:9"]
)
ENTRIES = st.lists(
    st.tuples(
        st.lists(TAGS, max_size=3), st.lists(st.sampled_from(["spam", "self-harm"]), max_size=2)
    ),
    max_size=20,
).map(
    lambda many: tuple(
        entry(f"e{n}", *tags, reasons=tuple(reasons)) for n, (tags, reasons) in enumerate(many)
    )
)
COUNTS = st.dictionaries(st.integers(0, 20).map(lambda n: f"e{n}"), st.integers(0, 500))
ROUTES = st.sampled_from(["self-harm", "gambling", "doxxing"])


PINS = st.dictionaries(st.integers(1, 9), st.integers(0, 20).map(lambda n: f"e{n}"))


@given(ENTRIES, st.text(max_size=40), st.sampled_from(["spam", "self-harm"]), ROUTES, COUNTS, PINS)
def test_behind_the_gate_nothing_light_and_only_help_on_key_1(
    entries: tuple[Entry, ...],
    text: str,
    reason: str,
    route: str,
    sent: dict[str, int],
    pins: dict[int, str],
) -> None:
    found = slots(entries, asked(text, reason, route=route), sent, pins)
    assert not any(slot.entry.light for slot in found)
    heavy = [e for e in entries if not e.light]
    helping = [e for e in heavy if e.helps(route)] or [e for e in heavy if e.helps("any")]
    first = digits(found).get(1)
    assert (first in {e.id for e in helping}) if helping else first is None


@given(ENTRIES, st.none() | ROUTES, COUNTS, PINS)
def test_nine_keys_and_no_entry_twice(
    entries: tuple[Entry, ...], route: str | None, sent: dict[str, int], pins: dict[int, str]
) -> None:
    found = slots(entries, asked("", "spam", route=route), sent, pins)
    assert len({slot.entry.id for slot in found}) == len(found) == len(digits(found))
    assert [slot.digit for slot in found] == sorted(slot.digit for slot in found)
    assert set(digits(found)) <= set(range(1, 10))


def test_the_whole_library_is_listed_without_looking_at_its_texts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    def folded(text: str) -> str:
        seen.append(text)
        return text.casefold()

    monkeypatch.setattr("modtui.domain.replies._folded", folded)
    entries = [Entry(name, {"en": Variant("en", "T", "body")}) for name in "ba"]
    assert find(entries, "  ", "en") == tuple(entries)
    assert seen == ["  "]


def test_finding_needs_every_word_and_shows_titles_first() -> None:
    entries = (
        Entry("a", {"en": Variant("en", "Rules", "about a withdrawal")}),
        Entry("b", {"ru": Variant("ru", "Вывод", "withdrawal times")}),
        Entry("c", {"en": Variant("en", "Withdrawal times", "text")}, tags=("payments",)),
    )
    assert [e.id for e in find(entries, "WITHDRAWAL", "en")] == ["c", "a", "b"]
    assert [e.id for e in find(entries, "withdraw pay", None)] == ["c"]
    assert [e.id for e in find(entries, "вывод", "ru")] == ["b"]
    assert [e.id for e in find(entries, " ", "ru")] == ["b", "a", "c"]
    assert find(entries, "nothing like it", "en") == ()
    asks = replace(entries[0], keywords=("кешбэк", "счёт"), examples=("where is my cashback",))
    assert find((asks,), "cashback", "en") == find((asks,), "СЧЕТ", "en") == (asks,)


def test_without_a_route_help_is_weak_and_after_what_fits_however_well_it_does() -> None:
    entries = [entry("help", "help:self-harm"), entry("outage"), entry("near")]
    scores = {"help": 0.9, "outage": 0.2, "near": 0.1}
    found = offered_slots(entries, asked(), {}, None, scores)
    assert [(slot.digit, slot.entry.id, slot.weak) for slot in found] == [
        (1, "outage", False), (2, "help", True), (3, "near", True),
    ]  # fmt: skip
    found = offered_slots(entries, asked(), {}, {2: "help"}, scores)
    assert [(slot.entry.id, slot.weak) for slot in found][:2] == [
        ("outage", False),
        ("help", False),
    ]


def test_under_a_help_route_a_routine_answer_is_weak_however_well_it_fits() -> None:
    routine = entry("outage", reasons=("self-harm",), keywords=("point",))
    found = slots(
        [routine, entry("help", "help:self-harm")],
        asked("no point", "self-harm", route="self-harm"),
        {},
    )
    assert [(slot.entry.id, slot.weak) for slot in found] == [("help", False), ("outage", True)]
    (calm, *_) = slots([routine], asked("no point", "self-harm"), {})
    assert not calm.weak
