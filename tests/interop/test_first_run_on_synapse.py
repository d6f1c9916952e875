"""Walk (h): from nothing to the first answered thread, with keys alone, on a real Synapse."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.interop.synapse import VERSION, Scene, Synapse
from tests.pty.community import environment, leave
from tests.pty.terminal import Terminal
from tests.pty.walk import Walk, keep

pytestmark = pytest.mark.interop
ANSWER = "Please stay kind. Thank you for telling us."


def opened(home: Path) -> Terminal:
    env = environment(home, USER="mod-a", TZ="Europe/Warsaw", NO_COLOR="1")
    return Terminal([sys.executable, "-m", "modtui"], env, (80, 24))


def connect(walk: Walk, synapse: Synapse, scene: Scene, who: str) -> None:
    """Walk from the first question to where the secret is kept."""
    walk.see("2  connect a community")
    walk.shot()
    walk.press("2")
    walk.see("matrix: Matrix with Synapse")
    walk.press("1")
    walk.see("Address of matrix")
    walk.tell("The address is looked at before anything secret goes there.")
    walk.type(synapse.url)
    walk.press("enter")
    walk.see(f"Synapse {VERSION} at {synapse.url.removeprefix('http://')}: is it this one?")
    walk.shot()
    walk.press("enter")
    walk.see("Name of this account")
    walk.press("ctrl+u")
    walk.type("chat")
    walk.press("enter")
    walk.see("Settings of matrix")
    walk.tell("Only one room is to be followed.")
    walk.press("2")
    walk.see("Rooms to follow")
    walk.type(scene.room_id)
    walk.press("enter")
    walk.see("ca_file")
    walk.press("enter")
    walk.see("The token of chat")
    walk.tell("The token is not shown while it is typed.")
    walk.type_secret(synapse.users[who].token, "the access token")
    walk.shot()
    walk.press("enter")
    walk.see("Where to keep it")
    walk.tell("There is no keyring on this machine: the token is kept for this session.")
    walk.shot()
    walk.press("m")


def answer(walk: Walk) -> None:
    """Answer the thread under the cursor; wait until it is sent."""
    walk.press("r")
    walk.see("who sees it")
    walk.type(ANSWER)
    walk.see("draft saved")
    walk.press("ctrl+s")
    walk.see("first public reply as @admin:modtui.test on chat: everyone sees this name")
    walk.shot()
    walk.press("enter")
    walk.see(lambda text: bool(re.search(r"^ sent \d\d:\d\d +reply", text, re.M)), 60)
    walk.tell("It is sent; the thread waits for its author.")
    walk.shot()


def test_from_nothing_to_the_first_answered_thread(
    synapse: Synapse, scene: Scene, tmp_path: Path
) -> None:
    token = synapse.users["admin"].token
    with opened(tmp_path) as terminal:
        walk = Walk(terminal)
        connect(walk, synapse, scene, "admin")
        walk.see("You post on chat as @admin:modtui.test (server admin).")
        walk.see("Can: list and delete reports")
        walk.shot()
        walk.press("enter")
        walk.see("You are mod-a; times are in Europe/Warsaw.")
        walk.shot()
        walk.tell("Enter writes the file, and the queue opens.")
        walk.press("enter")
        walk.see(lambda text: "live 1/1" in text and "open 2" in text)
        walk.see("only an idiot asks that")
        walk.see("chat: read 2 threads")
        walk.shot()
        answer(walk)
        assert leave(terminal) == 0
        assert token.encode() not in terminal.written
    keep("h-first-run", "First run", walk.told)
    said = [
        event["content"]["body"]
        for event in synapse.history(scene.room_id)
        if event["type"] == "m.room.message" and event["sender"] == "@admin:modtui.test"
    ]
    assert said.count(ANSWER) == 1
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert all(token.encode() not in path.read_bytes() for path in kept)


def test_a_token_for_one_session_is_asked_for_at_the_next_start(
    synapse: Synapse, scene: Scene, tmp_path: Path
) -> None:
    with opened(tmp_path) as terminal:
        walk = Walk(terminal)
        connect(walk, synapse, scene, "admin")
        walk.see("You post on chat as")
        walk.press("enter")
        walk.see("This holds from now on")
        walk.press("enter")
        walk.see(lambda text: "live 1/1" in text)
        assert leave(terminal) == 0
    with opened(tmp_path) as terminal:
        terminal.wait("The token of chat", 30)
        terminal.settle(0.6)
        terminal.send("wrong-token", "enter")
        terminal.wait("does not accept the secret", 30)
        terminal.settle(0.6)
        terminal.send(synapse.users["admin"].token, "enter")
        terminal.wait("You post on chat as @admin:modtui.test", 30)
        terminal.settle(0.6)
        terminal.send("enter")
        terminal.wait(lambda text: "live 1/1" in text and "open 2" in text, 30)
        assert leave(terminal) == 0
    with opened(tmp_path) as terminal:
        terminal.wait("The token of chat", 30)
        terminal.settle(0.6)
        terminal.send("esc")
        stale = re.compile(r"chat STALE \d+[smh]\w*: login")
        terminal.wait(lambda text: bool(stale.search(text)) and "open 2" in text, 30)
        assert leave(terminal) == 0


def test_who_may_not_list_reports_is_shown_what_to_send_to_an_admin(
    synapse: Synapse, scene: Scene, tmp_path: Path
) -> None:
    with opened(tmp_path) as terminal:
        walk = Walk(terminal)
        connect(walk, synapse, scene, "mod")
        shown = " ".join(walk.see("Please make @mod:modtui.test a server admin").split())
        assert "Cannot: this account is not a Synapse server admin" in shown
        assert '{"admin": true}' in shown
        walk.press("2")
        walk.see("Enter alone keeps it")
        walk.press("ctrl+q")
        assert terminal.ended() == 0
    assert not list(tmp_path.rglob("*.toml"))
