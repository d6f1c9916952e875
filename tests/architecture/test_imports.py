"""The layers hold when the program runs, not only on paper."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("httpx", "keyring", "cryptography", "websockets", "asyncpg")


def loaded(code: str) -> set[str]:
    """Top-level modules loaded by a fresh interpreter after running `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def modules(room: str) -> list[str]:
    """Every module of one room, dotted."""
    folder = ROOT / "modtui" / room
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(folder.rglob("*.py"))
    ]


@pytest.mark.parametrize("room", ["domain", "store", "engine", "connectors", "plain"])
def test_rooms_below_the_screens_load_neither_textual_nor_rich(room: str) -> None:
    names = modules(room)
    assert names
    assert not {"textual", "rich"} & loaded("\n".join(f"import {name}" for name in names))


@pytest.mark.parametrize("code", ["modtui.app", "modtui.first_run, modtui.cli.keeping"])
def test_the_first_paint_waits_for_no_network_and_no_keyring(code: str) -> None:
    assert not set(HEAVY) & loaded(f"import {code}")


def test_a_session_in_lines_loads_no_screen_and_nothing_heavy() -> None:
    code = (
        "import os, sys; sys.stdin = open(os.devnull); from modtui.cli import run; "
        "assert run(['demo', '--plain', '--rate', '0']) == 0"
    )
    assert not {"textual", "rich", *HEAVY} & loaded(code)


def test_the_version_needs_nothing_heavy() -> None:
    seen = loaded("import modtui.cli")
    assert not {"textual", "rich", *HEAVY} & seen
