"""What many threads at once cost, gated in bytes, which do not swing."""

from __future__ import annotations

from tests.bench.intake import burst

THREADS = 5_000
# It is 360; where pages are written and read again before a slice is done, 1,290.
MOST = 700


def test_a_burst_reads_little_of_what_it_writes() -> None:
    assert burst(THREADS).read <= MOST
