"""What ranking costs, gated as a ratio of CPU to SQLite in the same run, slow or fast."""

from __future__ import annotations

from tests.bench.ranking import measured


def test_ranking_costs_half_of_a_full_text_query_at_most() -> None:
    assert measured().ratio <= 0.5
