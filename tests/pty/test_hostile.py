"""Every room and dialog over text that strangers wrote, and every byte that was written for it."""

from __future__ import annotations

import json
import random
import re
import sqlite3
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.pty.community import Community, environment, leave, settle_in, told
from tests.pty.terminal import Terminal, Timeout
from tests.security.poison import EVERYTHING, PIECES
from tests.security.wire import Heard, heard

SETTLE, BRIEF = 0.5, 0.2
"""Seconds of rest before a key. Acting keys count again 400 ms after a new thread was painted."""
PATIENCE = 30.0
SIZES = ((80, 24), (120, 40))
WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "differences": ("", {}),
    "whole lines": ("--no-diff", {}),
    "no colour": ("", {"NO_COLOR": "1"}),
    "no colour, whole lines": ("--no-diff", {"NO_COLOR": "1"}),
}
COMMUNITIES = ("demo", "cleaned", "raw")
EVERY_DAY = (
    ("demo", (80, 24), "no colour"),
    ("cleaned", (120, 40), "differences"),
    ("raw", (80, 24), "whole lines"),
)
REST = tuple(
    (kind, size, way)
    for kind in COMMUNITIES
    for size in SIZES
    for way in WAYS
    if (kind, size, way) not in EVERY_DAY
)
TOUR: tuple[tuple[str, str], ...] = (
    ("o", "raw:"), ("s", "written:"), ("j", ""), ("q", ""),
    ("w", "note about the author"), ("m", "Note for the team about"), ("esc", ""), ("q", ""),
    ("?", "THE DEADLINE OF"), ("tab", ""), ("q", ""),
    (":", "type"), ("esc", ""),
    ("f", "View now"), ("esc", ""),
    ("f", "View now"), ("p", "only one"), ("esc", ""), ("esc", ""),
    ("f", "View now"), ("r", "only one"), ("esc", ""), ("esc", ""),
    ("f", "View now"), ("l", ""), ("f", "View now"), ("s", "Save the view"),
    ("esc", ""), ("esc", ""), ("f", "View now"), ("a", ""),
    ("t", "machine translation into"), ("q", ""),
    ("/", "search titles"), ("a", ""), ("enter", ""), ("esc", ""),
    ("U", "My last twenty"), ("q", ""),
    ("0", "Find a reply in the library"), ("a", ""), ("down", ""), ("esc", ""),
    ("1", "what follows"), ("esc", ""),
    ("r", "Ctrl+S"), ("words", ""), ("ctrl+s", ""), ("esc", ""), ("esc", ""),
    ("e", "Escalate"), ("esc", ""),
    ("s", "Enter sets"), ("esc", ""),
    ("L", "ock"), ("esc", ""),
    ("b", "warn"), ("esc", ""),
    ("z", "Snooze"), ("esc", ""),
    ("m", "Note for the team"), ("seen", ""), ("enter", ""),
    ("x", "Rule 1"), ("esc", ""),
    ("c", ""),
    ("!", "NOW"), ("d", "how it ended"), ("esc", ""),
    ("!", "not sensitive? Say why"), ("esc", ""),
    ("v", "like this one"), ("esc", ""),
    ("space", "1 marked"), ("space", "2 marked"), ("a", ""), ("esc", ""), ("esc", ""),
    ("l", ""), ("J", ""), ("h", ""),
    ("enter", ""), ("space", ""), ("j", ""), ("q", ""), ("q", ""),
    ("1", "what follows"), ("enter", ""), ("enter", ""), ("q", ""), ("j", ""), ("a", ""),
    ("gd", "q back"), ("j", ""), ("q", ""),
    ("ga", "reef"), ("j", ""), ("q", ""),
    ("gl", "entries"), ("j", ""), ("w", "Questions without a good reply"), ("esc", ""), ("q", ""),
    ("gs", "BY PLATFORM"), ("j", ""), ("t", ""), ("p", ""), ("q", ""), ("q", ""),
    ("gh", "HAND OVER"), ("t", "name"), ("esc", ""), ("m", "Note on"), ("esc", ""),
    ("enter", ""), ("esc", ""), ("q", ""),
    ("gw", "no earlier session of yours"), ("q", ""),
    ("ctrl+l", ""),
)  # fmt: skip
ARMING = {"", "esc", "q", "enter", "j", "c", "a", "!"}
REPLIES = r"""
[[reply]]
id = "markup"
tags = ["pin:1", "[@click=app.quit]tag[/]"]
keywords = ["a"]
[reply.en]
title = "[@click=app.quit]Quit[/] [bold]all[/bold] [link=https://evil.example/]x[/link]"
body = "[reverse]body[/] \\[ [/] [@click=app.bell]ring[/] {who}"
[reply.en.defaults]
who = "[@click=app.quit]you[/]"
"""
# It says back what it was given.
TRANSLATOR = ["/bin/cat"]
TRANSLATED = "subprocess.Popen ('/bin/cat', ['/bin/cat'], "
BROKEN = (
    '[[reply]]\nid = "broken"\n[reply.en]\ntitle = "t\\u001B]0;pwned\\u0007\\u202E"\nbody = "b"\n'
)


def settled(home: Path, notify: tuple[str, ...] = ("bell", "title")) -> None:
    """Write the configuration: two accounts, and a library from a stranger's repository."""
    settle_in(home, Community(undo="1s", notify=notify))
    file = home / "modtui" / "config.toml"
    more = (
        '\n[[account]]\nname = "reef"\nconnector = "demo"\nprofile = "chat"\nseed = 3\n'
        'threads = 6\nrate = 0\n\n[library]\nfolders = ["~/replies"]\n\n'
        f"[translate]\ncommand = {json.dumps(TRANSLATOR)}\n"
    )
    file.write_text(file.read_text("utf-8") + more, encoding="utf-8")
    folder = home / "replies"
    folder.mkdir()
    (folder / "good.toml").write_text(REPLIES, encoding="utf-8")
    (folder / "bad\x1b]0;pwned\x07[bold].toml").write_text(BROKEN, encoding="utf-8")


@contextmanager
def opened(home: Path, kind: str, size: tuple[int, int], way: str) -> Iterator[Terminal]:
    """modtui on `kind` of community, up to its first thread or to what was left."""
    option, more = WAYS[way]
    module = "modtui" if kind == "demo" else "tests.security.strangers"
    argv = [sys.executable, "-m", module, *filter(None, (option,))]
    reached = str(home / "reached")
    env = environment(home, MODTUI_STRANGERS=kind, MODTUI_STRANGERS_REACH=reached, **more)
    with Terminal(argv, env, size) as terminal:
        terminal.wait(lambda text: "1 of" in text or "Welcome back" in text, PATIENCE)
        yield terminal


def walk(terminal: Terminal) -> None:
    """Go through every room and dialog; each must show that it is there."""
    before = ""
    for keys, expected in TOUR:
        terminal.settle(SETTLE if before in ARMING else BRIEF)
        before = keys
        press_until(terminal, keys, expected)
    terminal.settle(SETTLE)


def press_until(terminal: Terminal, keys: str, expected: str) -> None:
    """Press `keys` until `expected` shows: on a busy machine an acting key may come too early
    after a thread was painted, and is dropped then."""
    for _ in range(5):
        for key in (keys,) if len(keys) > 2 else keys:
            terminal.send(key)
        try:
            if expected:
                terminal.wait(expected, PATIENCE / 5)
        except Timeout:
            continue
        return
    terminal.wait(expected, 0)


def touched(home: Path) -> list[str]:
    """What the program reached for beyond its own folder: addresses, other programs."""
    kept = home / "reached"
    return kept.read_text("utf-8").splitlines() if kept.exists() else []


def spoil_the_store(home: Path) -> None:
    """Let a colleague's notes, and his name, hold what no command line of ours would keep."""
    with sqlite3.connect(home / "modtui" / "state" / "modtui.db") as store:
        said = json.dumps(EVERYTHING.replace("\0", ""))[1:-1]
        changed = store.execute("UPDATE event SET detail = replace(detail, 'seen', ?)", (said,))
        assert changed.rowcount
        store.execute("UPDATE event SET actor = ?", (PIECES["clear"],))


def assert_quiet(found: Heard, way: str, clears: int) -> None:
    """Nothing was written that is not ours; no more clearings and bells than we make."""
    assert found.wrong == []
    assert found.sequences["CSI 2J"] <= (0 if "whole" in way else clears)
    assert found.sequences["\a"] <= 12


@pytest.mark.parametrize(("kind", "size", "way"), EVERY_DAY)
def test_every_room_over_hostile_text(
    tmp_path: Path, kind: str, size: tuple[int, int], way: str
) -> None:
    played(tmp_path, kind, size, way)


@pytest.mark.nightly
@pytest.mark.parametrize(("kind", "size", "way"), REST)
def test_every_room_in_every_way(
    tmp_path: Path, kind: str, size: tuple[int, int], way: str
) -> None:
    played(tmp_path, kind, size, way)


def played(home: Path, kind: str, size: tuple[int, int], way: str) -> None:
    settled(home)
    with opened(home, kind, size, way) as terminal:
        walk(terminal)
        assert leave(terminal) == 0
        assert_quiet(heard(bytes(terminal.written)), way, clears=3)
    kept = home / "modtui" / "state" / "evidence"
    (evidence,) = kept.iterdir()
    assert [path.stat().st_mode & 0o777 for path in (kept, evidence)] == [0o700, 0o600]
    assert b64decode(json.loads(evidence.read_bytes())["raw_base64"])
    spoil_the_store(home)
    with opened(home, kind, size, way) as terminal:
        terminal.wait("Welcome back", PATIENCE)
        for keys in ("j", "q", "?", "q", "w", "q", "gh", "q", "gs", "q"):
            terminal.settle(SETTLE)
            terminal.send(*keys)
        assert leave(terminal) == 0
        assert_quiet(heard(bytes(terminal.written)), way, clears=3)
    assert [each for each in touched(home) if not each.startswith(TRANSLATED)] == []


def test_what_a_program_reaches_for_is_noticed(tmp_path: Path) -> None:
    said = (
        "import socket, sys; from tests.security.strangers import watch; watch(sys.argv[1]);"
        "socket.socket().connect_ex(('127.0.0.1', 9))"
    )
    argv = [sys.executable, "-c", said, str(tmp_path / "reached")]
    subprocess.run(argv, env=environment(tmp_path), check=True, timeout=60)
    assert len(touched(tmp_path)) == 1


def test_a_click_on_markup_in_a_post_does_nothing(tmp_path: Path) -> None:
    # The bell that is listened for is not the one of a thread that comes to be late.
    settled(tmp_path, notify=("none",))
    with opened(tmp_path, "cleaned", (120, 40), "differences") as terminal:
        clicked = 0
        for keys in (
            ("esc",),
            ("enter",),
            ("q", "o"),
            ("q", "w"),
            ("q", "0", "quit"),
            ("esc", "gl"),
        ):
            for key in keys:
                terminal.settle(SETTLE)
                terminal.send(*(key if key == "gl" else (key,)))
            terminal.settle(SETTLE)
            for y, line in enumerate(terminal.lines, 1):
                for found in re.finditer(r"click=app|\]quit|\]Quit|link=", line):
                    at = f"{found.start() + 2};{y}"
                    terminal.put(f"\x1b[<0;{at}M\x1b[<0;{at}m".encode())
                    clicked += 1
            rung = heard(bytes(terminal.written)).sequences["\a"]
            terminal.settle(SETTLE)
            assert heard(bytes(terminal.written)).sequences["\a"] == rung
        assert clicked > 20
        terminal.send("esc")
        assert leave(terminal) == 0
        assert_quiet(heard(bytes(terminal.written)), "differences", clears=3)
    assert touched(tmp_path) == []
    assert told(tmp_path, "deliveries")["deliveries"] == []


@pytest.mark.parametrize("kind", ["cleaned", "raw"])
def test_a_session_in_lines_over_hostile_text(tmp_path: Path, kind: str) -> None:
    """Answers at random lead through most of what it says; nothing of it steers a terminal."""
    settled(tmp_path)
    env = environment(tmp_path, MODTUI_STRANGERS=kind)
    argv = [sys.executable, "-m", "tests.security.strangers"]
    subprocess.run([*argv, "sync", "--once"], env=env, capture_output=True, check=False, timeout=60)
    chance = random.Random(2)
    answers = [chance.choice(["", "?", "word", ".", "0", *"1112345678911"]) for _ in range(150)]
    done = subprocess.run(
        [*argv, "--plain"], env=env, input="\n".join(answers).encode(), capture_output=True,
        check=True, timeout=120,
    )  # fmt: skip
    found = heard(done.stdout)
    assert found.wrong == []
    assert found.sequences.keys() <= {"\n", "\a"}
    said = "".join(found.text)
    assert len(said) > 10_000
    assert "\ufffd" in said
    assert done.stderr == b""


WORDS = (
    ("sync", "--once"), ("hide", "1", "--timeout", "20"), ("reply", "1", "--quick", "markup"),
    ("queue",), ("queue", "--json"), ("show", "1"), ("show", "1", "--json"), ("show", "1", "--raw"),
    ("show", "\x1b]0;pwned\x07\u202e"), ("queue", "--view", "\x9b2J"),
    ("deliveries",), ("deliveries", "--json"), ("status",), ("status", "--json"),
    ("accounts",), ("accounts", "--json"), ("handover", "--last"), ("doctor",),
)  # fmt: skip
QUIET = {"sync", "handover"}


@pytest.mark.parametrize("kind", ["cleaned", "raw"])
def test_no_command_line_steers_the_terminal(tmp_path: Path, kind: str) -> None:
    settled(tmp_path)
    env = environment(tmp_path, MODTUI_STRANGERS=kind)
    argv = [sys.executable, "-m", "tests.security.strangers"]
    for words in WORDS:
        with Terminal([*argv, *words], env, (120, 40)) as terminal:
            terminal.ended(60)
            terminal.settle(0.1)
            found = heard(bytes(terminal.written))
        assert (words, found.wrong, found.sequences["\a"]) == (words, [], 0)
        assert "".join(found.text).strip() or words[0] in QUIET
        assert {name for name in found.sequences if name.startswith("CSI")} == set()
