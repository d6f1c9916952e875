"""Nothing grows, nothing is missed: for some seconds in `make test`, for an hour in `make nightly`.

How long the loop was blocked is gated at night only, and in CPU: on a machine that does other
things as well, a tick comes late whatever modtui does.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.soak import BLOCKED_MS, Soak, soak

GROWTH_MB = 20


def check(found: Soak) -> None:
    print(found.words)
    assert (found.missed, found.strange) == (0, 0)
    assert found.flags * 60 / found.seconds >= 500
    assert found.growth <= GROWTH_MB
    fewest, most = found.descriptors
    assert most - fewest <= 2


def test_some_seconds_of_a_busy_community(tmp_path: Path) -> None:
    check(soak(tmp_path, 25))


@pytest.mark.nightly
def test_an_hour_of_a_busy_community(tmp_path: Path) -> None:
    found = soak(tmp_path, 3600)
    check(found)
    blocked = [busy for busy in found.busy if busy > BLOCKED_MS]
    assert len(blocked) <= len(found.busy) / 100, f"blocked for {sorted(blocked)} ms of CPU"
