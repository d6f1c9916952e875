"""Key 1 in each of five languages: the right text goes out, and help where somebody despairs."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modtui.engine.library import Library
from tests.pty.community import ROOT, Community, environment, leave, settle_in, told
from tests.pty.five_languages import THREADS
from tests.pty.terminal import Terminal
from tests.pty.walk import PATIENCE, SETTLE

SAID = {title: language for some in THREADS.values() for language, (title, _) in some.items()}
ENTRIES = {entry.id: entry for entry in Library(()).entries()}
LIGHT = tuple(
    variant.title[:8]
    for entry in ENTRIES.values()
    if entry.light
    for variant in entry.variants.values()
)
"""How the titles of light entries begin, as far as a narrow column shows them."""
SLOT = re.compile(r"│ ([1-9]) (?:weak: )?(\S.*)")


@contextmanager
def pretend(home: Path, kind: str) -> Iterator[Terminal]:
    """modtui on the community, once all of its threads are there."""
    many = len(THREADS[kind])
    settle_in(home, Community(threads=many, undo="0s"))
    argv = [sys.executable, "-m", "tests.pty.five_languages"]
    with Terminal(argv, environment(home, PRETEND=kind), (120, 40)) as terminal:
        terminal.wait(lambda text: f"open {many} " in text and "post 1" in text, 2 * PATIENCE)
        yield terminal


def title(screen: str) -> str:
    """What the thread that is open is called: it stands below the count of its posts."""
    lines = screen.splitlines()
    at = next((n for n, line in enumerate(lines) if "│ post 1 of" in line), -1)
    return lines[at + 1].rpartition("│")[2].strip() if at >= 0 else ""


def offered(screen: str) -> dict[int, str]:
    """What stands on the keys 1 to 9."""
    found = (SLOT.search(line) for line in screen.splitlines())
    return {int(slot[1]): slot[2] for slot in found if slot}


def next_one(terminal: Terminal, seen: list[str]) -> str:
    """Wait until another thread is open and its replies are on their keys; return the screen."""

    def shows(text: str) -> bool:
        return title(text) in SAID and title(text) not in seen and 1 in offered(text)

    terminal.wait(shows, PATIENCE)
    terminal.settle(SETTLE)
    return terminal.wait(shows, PATIENCE)


def answer(terminal: Terminal, language: str, left: int) -> None:
    """Send what key 1 holds, and see that it is in `language`."""
    wanted = f"PUBLIC as support · {language} ·"
    terminal.send("1")
    shown = terminal.wait(lambda text: wanted in text or "key dropped" in text, PATIENCE)
    if wanted not in shown:
        # The thread was not on the screen for long enough.
        terminal.settle(SETTLE)
        terminal.send("1")
    terminal.wait(lambda text: wanted in text and "Enter sends" in text, PATIENCE)
    terminal.settle(SETTLE)
    terminal.send("enter")
    terminal.wait(f"open {left} ", PATIENCE)


@pytest.mark.parametrize("kind", list(THREADS))
def test_key_1_speaks_each_language_and_is_the_help_route_where_words_open_it(
    tmp_path: Path, kind: str
) -> None:
    seen: list[str] = []
    despair = kind == "despairs"
    with pretend(tmp_path, kind) as terminal:
        terminal.settle(SETTLE)
        terminal.send("enter")
        for left in reversed(range(len(THREADS[kind]))):
            screen = next_one(terminal, seen)
            seen.append(title(screen))
            keys = offered(screen)
            light = [words for words in keys.values() if words.startswith(LIGHT)]
            assert keys[1].startswith("Help: self-harm" if despair else "Withdrawal times"), screen
            assert ("HELP ROUTE self-harm" in screen, light == []) == (despair, despair), screen
            answer(terminal, SAID[seen[-1]], left)
        assert leave(terminal) == 0
    check_what_went_out(tmp_path, kind)


def check_what_went_out(home: Path, kind: str) -> None:
    """Every thread got one reply: the entry, in its language, with the disclaimer for help."""
    rules = tomllib.loads((ROOT / "modtui" / "rulebook" / "help_routes.toml").read_text("utf-8"))
    rows = told(home, "deliveries")["deliveries"]
    assert [(row["kind"], row["state"]) for row in rows] == [("reply", "sent")] * len(THREADS[kind])
    got = {}
    for row in rows:
        thread, reply = told(home, "show", str(row["thread"])), row["command"]
        language = SAID[thread["title"]]
        got[thread["title"]] = reply["quick"], reply["language"], reply["route"]
        body = ENTRIES[reply["quick"]].variants[language].body
        assert reply["text"].startswith(body.partition("{")[0])
        assert (rules["disclaimer"][language] in reply["text"]) == (kind == "despairs")
    sent = {"asks": ("withdrawal-times", None), "despairs": ("help-self-harm", "self-harm")}
    entry, route = sent[kind]
    assert got == {said: (entry, each, route) for each, (said, _) in THREADS[kind].items()}
