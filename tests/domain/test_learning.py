"""What choices teach: on real questions that customers of a bank asked.

The questions are those of banking77 (Casanueva et al., 2020; CC BY 4.0), 77 topics of support. They
are no part of modtui: `MODTUI_FAQ_DATA` names the folder that has `banking77/library.jsonl`,
`pool.jsonl` and `test.jsonl`.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.faq_adapter import make

CHOICES, WRONG = 1_000, 0.1
QUESTIONS = 1_000

Row = Mapping[str, Any]


@pytest.fixture(scope="module")
def data() -> Mapping[str, Sequence[Row]]:
    folder = os.environ.get("MODTUI_FAQ_DATA")
    if not folder:
        pytest.skip("MODTUI_FAQ_DATA names no folder")
    texts = {
        name: (Path(folder) / "banking77" / f"{name}.jsonl").read_text("utf-8")
        for name in ("library", "pool", "test")
    }
    return {name: [json.loads(row) for row in text.splitlines()] for name, text in texts.items()}


def zipf(rng: random.Random, topics: Sequence[str]) -> Callable[[], str]:
    """Draws a topic; the n-th is drawn 1/n as often as the first."""
    weights = [1 / rank for rank in range(1, len(topics) + 1)]
    return lambda: rng.choices(topics, weights)[0]


def drawn(
    rows: Sequence[Row], rng: random.Random, draw: Callable[[], str]
) -> list[tuple[str, str]]:
    """Pairs of a topic and a question about it, none twice."""
    by_topic: dict[str, list[str]] = {}
    for row in rows:
        by_topic.setdefault(row["id"], []).append(row["text"])
    for texts in by_topic.values():
        rng.shuffle(texts)

    def endless() -> Any:
        while any(by_topic.values()):
            topic = draw()
            if by_topic[topic]:
                yield topic, by_topic[topic].pop()

    return list(islice(endless(), CHOICES))


def recall(rank: Callable[[str], Sequence[str]], asked: Sequence[tuple[str, str]]) -> list[float]:
    """The share of questions whose topic comes first, and among the first three."""
    tops = [(topic, rank(text)[:3]) for topic, text in asked]
    return [sum(topic in top[:place] for topic, top in tops) / len(tops) for place in (1, 3)]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_thousand_choices_with_a_tenth_of_them_wrong_raise_both_shares_by_fifteen_points(
    data: Mapping[str, Sequence[Row]], seed: int
) -> None:
    rng = random.Random(seed)
    topics = [row["id"] for row in data["library"]]
    rng.shuffle(topics)
    draw = zipf(rng, topics)
    held_out = {row["text"].strip().lower() for row in data["test"]}
    pool = [row for row in data["pool"] if row["text"].strip().lower() not in held_out]
    library = [{**row, "examples": [], "choices": []} for row in data["library"]]
    asked = drawn(data["test"], rng, draw)[:QUESTIONS]
    before = recall(make(library), asked)
    entries = {row["id"]: row for row in library}
    for topic, text in drawn(pool, rng, draw):
        filed = rng.choice(topics) if rng.random() < WRONG else topic
        entries[filed]["choices"].append(text)
    assert sum(len(row["choices"]) for row in library) == CHOICES
    after = recall(make(library), asked)
    gains = [later - earlier for earlier, later in zip(before, after, strict=True)]
    assert min(gains) >= 0.15, (before, after)
