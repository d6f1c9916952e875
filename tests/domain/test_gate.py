"""The gate: whatever is ranked and chosen, nothing passes it that must not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.gate import admitted, asks_twice, leading, teaches
from modtui.domain.replies import Asked, Entry, Variant, slots

TAGS = st.sampled_from(
    ["light", "general", "help:self-harm", "help:gambling", "help:any", "pin:1", "pin:2", "pin:9"]
)
ROUTES = st.sampled_from(["self-harm", "Self_harm", "gambling", "doxxing", "sensitive"])
NAMES = st.integers(0, 20).map(lambda n: f"e{n}")


def _entry(name: str, tags: list[str], words: list[str]) -> Entry:
    variants = {"en": Variant("en", "Title", "Body")}
    return Entry(name, variants, tuple(tags), tuple(words), tuple(words))


ENTRIES = st.lists(
    st.tuples(st.lists(TAGS, max_size=3), st.lists(st.sampled_from(["spam", "die"]), max_size=2)),
    max_size=20,
).map(lambda many: tuple(_entry(f"e{n}", *each) for n, each in enumerate(many)))
RANKED = ENTRIES.flatmap(st.permutations).map(tuple)


def helping(entries: tuple[Entry, ...], route: str) -> set[str]:
    return {e.id for e in entries if not e.light and (e.helps(route) or e.helps("any"))}


@given(RANKED, ROUTES)
def test_in_whatever_order_help_comes_first_and_nothing_light_comes_at_all(
    entries: tuple[Entry, ...], route: str
) -> None:
    passed = admitted(route, entries)
    assert {e.id for e in passed} == {e.id for e in entries if not e.light}
    first = leading(route, entries)
    assert passed[: len(first)] == first
    assert all(e.help is not None for e in first)
    assert helping(entries, route) <= {e.id for e in first}
    own = [e.id for e in first if e.helps(route)]
    assert [e.id for e in first[: len(own)]] == own
    assert [e.id for e in own_order(entries, route)] == own


def own_order(entries: tuple[Entry, ...], route: str) -> tuple[Entry, ...]:
    """The help entries of the route in the order that the ranking gave them."""
    return tuple(e for e in entries if e.helps(route) and not e.light)


@given(RANKED, ROUTES)
def test_a_second_passage_changes_nothing(entries: tuple[Entry, ...], route: str) -> None:
    passed = admitted(route, entries)
    assert admitted(route, passed) == passed
    assert leading(route, passed) == leading(route, entries)


@given(RANKED)
def test_a_closed_gate_is_no_gate(entries: tuple[Entry, ...]) -> None:
    assert admitted(None, entries) == entries
    assert leading(None, entries) == ()


@given(
    RANKED,
    ROUTES,
    st.lists(st.sampled_from(["spam", "die", "self-harm"]), max_size=3),
    st.text(max_size=40) | st.just("I want to die"),
    st.dictionaries(NAMES, st.integers(0, 5000)),
    st.dictionaries(st.integers(1, 9), NAMES),
    st.none() | st.dictionaries(NAMES, st.floats(0, 9)),
)
def test_no_choice_and_no_pin_gets_past_the_gate(
    entries: tuple[Entry, ...],
    route: str,
    reasons: list[str],
    text: str,
    sent: dict[str, int],
    pins: dict[int, str],
    scores: dict[str, float] | None,
) -> None:
    found = slots(entries, Asked(text, "en", tuple(reasons), route), sent, pins, scores)
    assert not any(slot.entry.light for slot in found)
    firm = {slot.entry.id for slot in found if not slot.weak}
    assert firm <= {entry.id for entry in leading(route, entries)}
    by_digit = {slot.digit: slot.entry for slot in found}
    held = min(len(leading(route, entries)), 9)
    assert all(by_digit[digit].help is not None for digit in range(1, held + 1))
    first = {by_digit[digit].id for digit in range(1, held + 1)}
    assert helping(entries, route) <= first or held == 9
    assert held or 1 not in by_digit


@given(RANKED, ROUTES)
def test_what_is_found_asks_as_the_same_entry_on_a_key_does(
    entries: tuple[Entry, ...], route: str
) -> None:
    asked = Asked("", "en", (), route)
    for slot in slots(entries, asked, {}, None, {}):
        assert asks_twice(route, slot.entry, entries) is slot.weak
    assert not any(asks_twice(None, entry, entries) for entry in entries)


def test_under_the_gate_only_help_is_learnt_from() -> None:
    assert teaches(None, helps=False)
    assert teaches("self-harm", helps=True)
    assert not teaches("self-harm", helps=False)
