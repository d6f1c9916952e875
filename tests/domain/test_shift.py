"""What becomes of each thing by itself, and the text for the next ones."""

from __future__ import annotations

import pytest

from modtui.domain.shift import CHOICES, Decision, Fate, Part, decided, default, write
from tests.domain.shifts import item, leaving

EVERYTHING = tuple(item(part, f"{part.value} thread") for part in Part)


def test_a_calm_night_needs_no_decision() -> None:
    fates = {part: default(item(part)).fate for part in Part}
    assert fates.pop(Part.CLAIM) is Fate.RELEASE
    assert set(fates.values()) == {Fate.KEEP}


def test_what_is_held_goes_to_who_was_named_and_the_rest_stays() -> None:
    left = leaving(*EVERYTHING)
    decisions = decided(left, {"draft-1": Decision(Fate.NOTE, note="see rules")}, "mod-b")
    assert decisions.pop("claim-1") == Decision(Fate.TRANSFER, "mod-b")
    assert decisions.pop("draft-1").note == "see rules"
    assert {decision.fate for decision in decisions.values()} == {Fate.KEEP}


@pytest.mark.parametrize("part", list(Part))
def test_every_default_is_among_the_choices(part: Part) -> None:
    assert default(item(part)).fate in CHOICES[part]
    assert default(item(part), "mod-b").fate in CHOICES[part]


def test_the_text_says_who_when_and_each_thing_with_what_becomes_of_it() -> None:
    held = item(Part.CLAIM, "Withdrawal", url="https://x.example/1", says="question")
    draft = item(Part.DRAFT, "Deposit limit", text="secret words", says="12 characters")
    slow = item(Part.RUNNING, "slow mode 15 min", says="until 08:14, the platform ends it")
    left = leaving(held, draft, slow)
    decisions = decided(left, {"claim-1": Decision(Fate.TRANSFER, "mod-b")})
    assert write(left, decisions, "mod-b").splitlines() == [
        "Hand-over of mod-a, Mon 02 Mar 06:02 Europe/Warsaw, since 22:02, to mod-b",
        "",
        "HELD 1",
        "- Withdrawal · forum/general · question · handed to mod-b",
        "  https://x.example/1",
        "",
        "DRAFTS 1",
        "- Deposit limit · forum/general · 12 characters · kept",
        "",
        "RUNNING 1",
        "- slow mode 15 min · forum/general · until 08:14, the platform ends it",
    ]


def test_no_word_of_a_draft_is_told_whatever_becomes_of_it() -> None:
    draft = item(Part.DRAFT, text="secret words")
    for fate in CHOICES[Part.DRAFT]:
        decision = Decision(fate, "mod-b", "see the rules")
        assert "secret" not in write(leaving(draft), {draft.id: decision})


def test_a_night_with_nothing_left_says_so() -> None:
    assert write(leaving(), {}).endswith("A calm shift.")
