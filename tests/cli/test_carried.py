"""The log of a drain: what it holds, and how much of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from modtui.cli.carried import MOST_BYTES, Log
from modtui.cli.redacting import REDACT, know
from modtui.domain.secret import Secret
from modtui.domain.text import clean_line
from tests.security.poison import EVERYTHING

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def test_a_line_of_it_is_one_line_and_steers_no_terminal(tmp_path: Path) -> None:
    Log(tmp_path / "drain.log", lambda: AT).say(f"harbour: {EVERYTHING}")
    (line,) = (tmp_path / "drain.log").read_text().splitlines()
    assert line.startswith("2026-11-21T03:00:00Z harbour: ")
    assert clean_line(line, limit=5000) == line


def test_no_known_secret_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What is learned here is forgotten at the end.
    monkeypatch.setattr(REDACT, "_forms", ())
    monkeypatch.setattr(REDACT, "_packed", ())
    know([Secret("canary-4f1d9c77")])
    Log(tmp_path / "drain.log", lambda: AT).say("harbour: refused canary-4f1d9c77")
    assert (tmp_path / "drain.log").read_text() == "2026-11-21T03:00:00Z harbour: refused ****\n"


def test_it_does_not_grow_for_ever(tmp_path: Path) -> None:
    log, lines = Log(tmp_path / "drain.log", lambda: AT), 1000
    for number in range(lines):
        log.say(f"{number} {'x' * 1000}")
    files = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert files.keys() == {"drain.log", "drain.log.old"}
    assert all(size < MOST_BYTES + 2000 for size in files.values())
    assert f" {lines - 1} " in (tmp_path / "drain.log").read_text()
