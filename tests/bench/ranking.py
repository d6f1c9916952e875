"""What it costs to rank a library: CPU beside one full-text query of SQLite on the same library."""

from __future__ import annotations

import gc
import random
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from modtui.domain.features import Sample, lesson
from modtui.domain.frozen import dataclass
from modtui.domain.ranking import Ranking
from modtui.domain.rating import catalogue
from modtui.domain.replies import Asked, Entry, Variant, slots
from modtui.engine.kept_ranking import Counted, KeptRanking

ENTRIES, WORDS, THREADS = 1_000, 300, 40
_VOCABULARY = 6_000


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds (p95): of ranking a thread, of that and choosing its nine replies; then of
    learning one, of loading the index; `ratio`: all rankings to all queries of SQLite."""

    ranking: float
    choosing: float
    learning: float
    loading: float
    ratio: float


def measured(seed: int = 7) -> Cost:
    """Measure with `ENTRIES` made-up entries and threads of `WORDS` words."""
    write = _Writer(seed)
    samples = [
        Sample(f"e{n}", (write(4), write(4)), (write(60), write(60)), (write(12), write(12)), 2)
        for n in range(ENTRIES)
    ]
    threads = [write(WORDS) for _ in range(THREADS)]
    ranking, table = Ranking(samples), _full_text(samples)
    entries = tuple(_entry(each) for each in samples)
    # As a library does where it is read.
    catalogue(entries, keep=True)

    def choose(thread: str) -> None:
        asked = Asked(thread, "en", ("question",), None)
        slots(entries, asked, {"e1": 4}, {9: "e2"}, ranking.scores(thread))

    choose(threads[0])
    ours, theirs, all_of_it = [], [], []
    for thread in threads:
        ours.append(_cpu(lambda t=thread: ranking.scores(t)))
        theirs.append(_cpu(lambda t=thread: _query(table, t)))
        all_of_it.append(_cpu(lambda t=thread: choose(t)))
    with tempfile.TemporaryDirectory() as folder:
        kept = KeptRanking(Path(folder) / "ranking.bin")
        kept.keep(samples, Counted(ranking))
        loading = _cpu(lambda: kept.get(samples))
    learning = max(_cpu(lambda t=t: ranking.learn("e1", lesson(t))) for t in threads[:20])
    ranked, chosen = (sorted(spent)[int(0.95 * (THREADS - 1))] for spent in (ours, all_of_it))
    return Cost(ranked, chosen, learning, loading, sum(ours) / sum(theirs))


def _entry(sample: Sample) -> Entry:
    """An entry that `sample` counts; every title is a keyword too."""
    texts = zip(("en", "ru"), sample.head, sample.body, strict=True)
    variants = {language: Variant(language, title, body) for language, title, body in texts}
    return Entry(sample.id, variants, keywords=sample.head, reasons=("question",))


class _Writer:
    """Writes texts of made-up words, a few of them often and most of them seldom."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        syllables = [a + b for a in "bdgklmnprstvz" for b in ("a", "e", "i", "on", "ur")]
        self._words = [
            "".join(self._rng.choices(syllables, k=self._rng.randint(1, 4)))
            for _ in range(_VOCABULARY)
        ]
        self._weights = [1 / (rank + 5) for rank in range(_VOCABULARY)]

    def __call__(self, words: int) -> str:
        return " ".join(self._rng.choices(self._words, self._weights, k=words))


def _full_text(samples: Sequence[Sample]) -> sqlite3.Connection:
    table = sqlite3.connect(":memory:")
    table.execute("CREATE VIRTUAL TABLE entry USING fts5 (text, tokenize = unicode61)")
    rows = ((" ".join((*s.head, *s.body, *s.asked)),) for s in samples)
    table.executemany("INSERT INTO entry (text) VALUES (?)", rows)
    return table


def _query(table: sqlite3.Connection, text: str) -> None:
    words = " OR ".join(f'"{word}"' for word in dict.fromkeys(re.findall(r"\w+", text)))
    found = "SELECT rowid FROM entry WHERE entry MATCH ? ORDER BY rank LIMIT 9"
    table.execute(found, (words,)).fetchall()


def _cpu(work: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()
    begun = time.process_time()
    work()
    spent = time.process_time() - begun
    gc.enable()
    return 1e3 * spent
