"""What is called a good match: seldom what is about nothing in the library, mostly what is right.

Measured on questions of the folder that `MODTUI_FAQ_DATA` names, one set of questions a subfolder
with `library.jsonl` and `pool.jsonl`. A question is out of scope when the entry that answers it is
taken out of the library.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from modtui.domain.features import sample
from modtui.domain.ranking import Ranking
from modtui.domain.replies import Asked, Entry, Variant, fits

FOLDS, QUESTIONS = 5, 150
SETS = (("xsid-kk", 4), ("banking77", 3), ("banking77", 11), ("ntrex-ru", 4), ("ntrex-en", 4))

Row = Mapping[str, Any]


def rows(folder: Path, name: str) -> list[Row]:
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]


def asked(entries: Sequence[Entry], questions: Sequence[Row]) -> list[tuple[str, tuple[str, ...]]]:
    """Each question's own entry, and the entries that are called good matches for it, the best
    first."""
    ranking = Ranking(map(sample, entries))
    good = []
    for row in questions:
        rated = fits(entries, Asked(row["text"], None, (), None), ranking.scores(row["text"]))
        best = sorted(rated, key=lambda name: -rated[name])
        good.append((row["id"], tuple(name for name in best if rated[name] >= 1)))
    return good


def rates(folder: Path, examples: int) -> tuple[float, float, float]:
    """The share of questions whose own entry is a good match; of those out of scope that have one
    all the same; of the good matches that come first, where there is an answer, those that are
    right."""
    rng, pool = random.Random(0), rows(folder, "pool.jsonl")
    rng.shuffle(pool)
    taught: dict[str, list[str]] = {}
    left = []
    for row in pool:
        known = taught.setdefault(row["id"], [])
        (known if len(known) < examples else left).append(row)
    entries = [
        Entry(
            row["id"],
            {row["lang"]: Variant(row["lang"], row["title"], row["body"])},
            examples=tuple(each["text"] for each in taught.get(row["id"], ())),
        )
        for row in rows(folder, "library.jsonl")
    ]
    rng.shuffle(entries)
    inside = asked(entries, left[:QUESTIONS])
    outside = []
    for fold in range(FOLDS):
        gone = {entry.id for entry in entries[fold::FOLDS]}
        some = [row for row in left if row["id"] in gone][: QUESTIONS // FOLDS]
        outside += asked([entry for entry in entries if entry.id not in gone], some)
    right = mean(name in good for name, good in inside)
    firm = mean(name == good[0] for name, good in inside if good)
    return right, mean(bool(good) for _, good in outside), firm


def test_a_good_match_is_right_and_questions_without_an_answer_have_none() -> None:
    data = os.environ.get("MODTUI_FAQ_DATA")
    if not data:
        pytest.skip("MODTUI_FAQ_DATA names no folder")
    measured = {(name, n): rates(Path(data) / name, n) for name, n in SETS}
    right, wrong, firm = (mean(each) for each in zip(*measured.values(), strict=True))
    assert right >= 0.33, measured
    assert wrong <= 0.2, measured
    assert max(outside for _, outside, _ in measured.values()) <= 0.33, measured
    assert firm >= 0.87, measured
    assert min(each for *_, each in measured.values()) >= 0.8, measured


def entry(name: str, title: str) -> Entry:
    return Entry(name, {"en": Variant("en", title, "")})


SHARED = ("Withdrawal terms", "Deposit terms", "Bonus terms", "Payout terms", "Account terms")
OWN = tuple(
    f"Something about {word}" for word in ("cats", "rain", "trains", "soup", "chess", "sand")
)
ENTRIES = [entry(title, title) for title in (*SHARED, *OWN, "Two-factor code never arrives")]


def good(text: str) -> set[str]:
    scores = Ranking(map(sample, ENTRIES)).scores(text)
    rated = fits(ENTRIES, Asked(text, "en", (), None), scores)
    return {name for name, fit in rated.items() if fit >= 1}


def test_a_word_that_many_entries_share_makes_none_of_them_a_good_match() -> None:
    assert good("terms") == set()
    assert good("bonus terms") == {"Bonus terms"}
    assert good("my code never arrives") == {"Two-factor code never arrives"}


def test_a_keyword_of_several_words_is_said_by_all_of_them() -> None:
    bonus = replace(entry("bonus", "Bonus"), keywords=("promo code", "wager", "coupon"))
    asked = [
        fits([bonus], Asked(text, "en", (), None), {})["bonus"]
        for text in ("no code came", "a code for the promo", "promo code and coupons")
    ]
    assert asked == [0.0, 0.5, 1.0]


def test_what_is_not_clear_keeps_its_order_below_a_good_match() -> None:
    asked = partial(fits, ENTRIES[:4], Asked("", None, (), None))
    names = [each.id for each in ENTRIES[:4]]
    rated = asked(dict(zip(names, (0.9, 0.8, 0.75, 0.05), strict=True)))
    assert 1 > rated[names[0]] > rated[names[1]] > rated[names[2]] > 0.9
    assert rated[names[3]] == pytest.approx(0.05 / 0.115)
    rated = asked(dict(zip(names, (0.9, 0.5, 0.45, 0.05), strict=True)))
    assert rated[names[0]] > 1 > rated[names[1]] > rated[names[2]] > 0.9


def test_help_and_routine_answers_do_not_stand_in_each_others_way() -> None:
    care = replace(entry("care", "Care"), tags=("help:self-harm",))
    scores = {"care": 0.3, SHARED[0]: 0.3, SHARED[1]: 0.1}
    rated = fits([care, *ENTRIES[:2]], Asked("", None, (), None), scores)
    assert rated["care"] > 1
    assert rated[SHARED[0]] > 1 > rated[SHARED[1]]
