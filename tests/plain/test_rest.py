"""What is said to who comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from modtui.domain.shift import Return
from modtui.plain.rest import greeting

NOW = datetime(2026, 11, 19, 3, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "cut", "wanted"),
    [
        (None, False, "Welcome. No earlier session of yours is known here."),
        (0, False, "Welcome back. Your last session ended just now."),
        (60, True, "Welcome back. Your last session was cut short 1 minute ago."),
    ],
)
def test_it_tells_of_no_session_that_never_was(ago: int | None, cut: bool, wanted: str) -> None:
    left_at = None if ago is None else NOW - timedelta(seconds=ago)
    assert greeting(Return(left_at, cut=cut, items=()), NOW) == wanted
