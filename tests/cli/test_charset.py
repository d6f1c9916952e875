"""A terminal whose charset is not UTF-8: what the command line writes, its errors and its lines."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys

import pytest

from tests.cli.shell import ROOT, Shell
from tests.pty.terminal import Terminal

HOSTILE = "²52;c;ZWNobw== ⌡2J “Привет” 日本"
STEERING = bytes((*range(0x80, 0xA0),))
ANSWERED = {"koi8-r": '252;c;ZWNobw== ?2J "Привет" ??', "cp1251": '252;c;ZWNobw== ?2J "Привет" ??'}


def told(*args: object, charset: str, typed: str = "") -> tuple[bytes, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "modtui", *map(str, args)], input=typed.encode(),
        env={**os.environ, "PYTHONIOENCODING": charset, "PYTHONUTF8": "0"}, cwd=ROOT,
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    return done.stdout, done.stderr


@pytest.fixture
def flagged(desk: Shell) -> Shell:
    """A desk where what a stranger wrote is hostile."""
    (path,) = desk.home.rglob("modtui.db")
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE thread SET title = ?", (HOSTILE,))
    return desk


@pytest.mark.parametrize("charset", ["koi8-r", "cp1251", "cp866", "iso8859-1", "gb18030"])
def test_what_a_command_says_steers_nothing(flagged: Shell, charset: str) -> None:
    out, _ = told("show", 1, charset=charset)
    _, err = told("show", f"https://{HOSTILE}/", charset=charset)
    assert b"52;c;ZWNobw==" in out
    assert b"52;c;ZWNobw==" in err
    assert not set(out + err) & set(STEERING)
    if charset in ANSWERED:
        assert ANSWERED[charset] in out.decode(charset)


def test_what_is_said_in_lines_steers_nothing(flagged: Shell) -> None:
    out, err = told("--plain", charset="koi8-r", typed=f"1\n0\n/{HOSTILE}\nq\n")
    assert b"Queue" in out
    assert not set(out + err) & set(STEERING)


@pytest.mark.parametrize("words", [("show", "1", "--json"), ("faq", "export", "--starter")])
def test_what_is_utf8_for_programs_is_not_on_such_a_terminal(
    flagged: Shell, words: tuple[str, ...]
) -> None:
    argv = [sys.executable, "-m", "modtui", *words]
    env = {**os.environ, "PYTHONIOENCODING": "koi8-r", "PYTHONUTF8": "0"}
    with Terminal(argv, env, cwd=ROOT) as terminal:
        assert terminal.ended(60) == 0
        written = bytes(terminal.written)
    assert not set(written) & set(STEERING)
    if words[0] == "show":
        assert HOSTILE in json.dumps(json.loads(written), ensure_ascii=False)
    piped, _ = told(*words, charset="koi8-r")
    assert any(letter in piped.decode() for letter in "жП")
