"""modtui in lines from its command: what it refuses, how it ends, and what it leaves."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.cli.shell import ROOT, Shell


def lines(script: str, *args: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run modtui with `script` as its input; `code` is run before it, in the same process."""
    start = f"{code}\nimport sys\nfrom modtui.cli import run\nsys.exit(run(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", start, *args], input=script, capture_output=True, text=True,
        check=False, timeout=60, cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip


def test_without_an_account_it_says_what_to_do(shell: Shell) -> None:
    done = shell("--plain")
    assert done.code == 4
    assert "modtui init connects a community, modtui demo --plain needs none" in done.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--plain", "queue"), "--plain opens the app: it does not go with queue"),
        (("--plain", "demo"), "--plain stands behind demo: modtui demo --plain"),
        (("--plain", "--practice", "--read-only"), "either --practice or --read-only"),
        (("--width", "40"), "--width goes with --plain"),
        (("demo", "--width", "40"), "--width goes with --plain"),
    ],
)
def test_what_does_not_go_together_is_refused(
    desk: Shell, words: tuple[str, ...], why: str
) -> None:
    done = desk(*words)
    assert done.code == 2
    assert why in done.err


def test_a_queue_that_cannot_be_read_is_a_matter_of_configuration(desk: Shell) -> None:
    (path,) = desk.home.rglob("modtui.db")
    path.write_bytes(b"no database" * 1_000)
    done = desk("--plain")
    assert done.code == 4
    assert "Traceback" not in done.err


def test_it_opens_on_what_was_stored(desk: Shell) -> None:
    done = lines("1\n0\nq\n", "--plain")
    assert done.returncode == 0, done.stderr
    assert "12 open" in done.stdout
    assert "\nThread: " in done.stdout


def test_the_demo_keeps_nothing(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    done = lines("q\n", "demo", "--plain", "--threads", "6", "--rate", "0")
    assert done.returncode == 0, done.stderr
    assert "6 open" in done.stdout
    assert not list(tmp_path.glob("modtui-demo-*"))
    assert not shell.home.exists()


def test_the_width_can_be_given(desk: Shell) -> None:
    done = lines("q\n", "--plain", "--width", "30")
    said = [line for line in done.stdout.splitlines() if "other:" not in line]
    assert max(len(line) for line in said if line.isascii()) <= 30
    assert any(line.startswith("  ") and "nobody holds it" in line for line in said)


def test_a_reader_that_goes_away_ends_it(desk: Shell) -> None:
    command = f"printf '1\\n%.0s' $(seq 5000) | {sys.executable} -m modtui --plain | head -n 3"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60, cwd=ROOT
    )
    assert done.returncode == 0
    assert "12 open" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_crash_is_one_line_and_a_report_without_values(desk: Shell) -> None:
    broken = (
        "from modtui.plain.queue import QueueRoom\n"
        "async def run(self):\n"
        "    hidden = 'what a ' + 'post said'\n"
        "    raise ValueError('\\x1b[2J broken')\n"
        "QueueRoom.run = run"
    )
    done = lines("q\n", "--plain", code=broken)
    assert done.returncode == 1
    assert "\x1b" not in done.stdout + done.stderr
    assert "modtui: stopped: ValueError: " in done.stderr
    (report,) = desk.home.rglob("crash-*.txt")
    assert str(report) in done.stderr
    assert "what a post said" not in report.read_text()
