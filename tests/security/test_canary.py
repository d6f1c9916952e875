"""A token that must show up nowhere: no output, no file, no screen, no crash report."""

from __future__ import annotations

import asyncio
import io
import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from textual.worker import WorkerFailed

from modtui.app import ModTui
from modtui.cli import compose, plain, shapes
from modtui.cli.exits import told
from modtui.cli.redacting import REDACT, know
from modtui.connectors import Connector, Environment, Factory, Kind
from modtui.connectors.matrix import SCHEMA
from modtui.connectors.matrix.connector import create
from modtui.credentials import CHILD, Child
from modtui.domain.secret import Secret
from modtui.engine.live import LiveEngine
from modtui.first_run import FirstRun
from modtui.screens.guide import SETTLE, AnswerBox
from modtui.widgets.host import Waits
from tests.cli.shell import Done, Shell
from tests.cli.standin import Ring
from tests.cli.walking import guide, say
from tests.connectors.fakesynapse import FakeSynapse, message, report
from tests.screens.grid import grid

CANARY = "syt_canary_4f1d9c77"
# What the stand-in reports is of a day of its own, however long ago that is.
CONFIG = """
[[account]]
name = "chat"
connector = "matrix"
url = "https://ours.test"
backlog = "0"
"""


class Echo(FakeSynapse):
    """A platform that says the credentials it was given back in every refusal."""

    refusing = 0

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._echoing)

    async def _echoing(self, request: httpx.Request) -> httpx.Response:
        if self.asked("GET .*/sync$") and request.url.path.endswith("/sync"):
            await asyncio.Event().wait()
        assert request.headers["authorization"] == f"Bearer {CANARY}"
        if self.refusing or (request.method == "PUT" and "/send/" in str(request.url)):
            told = f"no such thing: {request.headers['authorization']}"
            answer = {"errcode": "M_FORBIDDEN", "error": told}
            return httpx.Response(self.refusing or 403, json=answer, headers={"x-echo": told})
        return self._handle(request)


@pytest.fixture
def synapse() -> Echo:
    return Echo(reports=[report(1, "$e1")], events={"$e1": message("you are rude")})


@pytest.fixture
def hub(shell: Shell, synapse: Echo, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell with one Matrix account on `synapse`, whose token is the canary."""

    def load() -> Factory:
        def built(env: Environment) -> Connector:
            return create(replace(env, transport=synapse.transport()))

        return built

    monkeypatch.setattr("modtui.cli.compose.KINDS", {"matrix": Kind(SCHEMA, load)})
    monkeypatch.setattr("modtui.credentials.ring.Child", Ring.empty())
    monkeypatch.setenv("MODTUI_CHAT_TOKEN", CANARY)
    shell.config(CONFIG)
    return shell


def written(home: Path) -> Iterator[str]:
    """Every file under `home`, as text in which an ASCII canary would stand."""
    for path in home.rglob("*"):
        if path.is_file():
            yield path.read_bytes().decode("latin-1")


def clear(home: Path, *done: Done) -> None:
    assert all(CANARY not in each.out + each.err for each in done)
    assert all(CANARY not in text for text in written(home))


def test_no_command_shows_or_keeps_the_token(hub: Shell) -> None:
    synced = hub("sync", "--once")
    assert (synced.code, synced.err) == (0, "")
    (thread,) = hub("queue", "--json").json["threads"]
    text = hub.home / "reply.txt"
    text.write_text("Please stay polite.")
    refused = hub("reply", thread["id"], "--text-file", text)
    assert (refused.code, "no such thing" in refused.err) == (5, True)
    asked = ("accounts", "status", "deliveries", "doctor", f"show {thread['id']}", "queue")
    shown = [hub(*words.split(), "--json") for words in asked]
    plain = [hub(*words.split()) for words in asked]
    assert {done.code for done in (*shown, *plain)} == {0}
    clear(hub.home, synced, refused, *shown, *plain)


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_a_refusal_that_repeats_the_token_is_masked(
    hub: Shell, synapse: Echo, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    synapse.refusing = status
    done = [hub("sync", "--once")]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{CANARY}\n"))
    done += [hub("login", "chat", "--stdin"), hub("doctor", "--json"), hub("accounts", "--json")]
    assert done[0].code != 0
    clear(hub.home, *done)


async def test_neither_screen_nor_crash_report_shows_the_token(hub: Shell) -> None:
    setup = compose.set_up()
    store = compose.open_store(setup.paths.store)
    engine = LiveEngine(store, compose.plan(setup), compose.runtime())
    app = ModTui(engine, crash_folder=setup.paths.state, waits=Waits(0, 0, 0))
    seen: list[str] = []

    def fail() -> None:
        held = setup.credentials.from_environment(setup.accounts[0].wanted)
        raise RuntimeError(f"broken while holding {held}")

    async def played() -> None:
        async with app.run_test(size=(120, 40)) as pilot:
            async with asyncio.timeout(10):
                while not any("rude" in line for line in grid(app)):
                    await pilot.pause(0.01)
            for key in ("o", "escape", "f6", "f5", "f2"):
                await pilot.press(key)
                await pilot.pause()
                seen.extend(grid(app))
            app.call_later(fail)
            await pilot.pause()

    with pytest.raises(RuntimeError, match="broken while holding") as caught:
        await played()
    await store.close()
    (crash,) = setup.paths.state.glob("crash-*.txt")
    assert "broken while holding" in crash.read_text()
    shown = "\n".join((*seen, *traceback.format_exception(caught.value)))
    assert "@admin:ours.test" in shown
    assert CANARY not in shown
    clear(hub.home)


async def test_the_first_run_shows_and_keeps_the_token_nowhere(
    hub: Shell, synapse: Echo, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("MODTUI_CHAT_TOKEN")
    (hub.home / "config.toml").unlink()
    caplog.set_level("DEBUG")
    walk = guide()
    await say(walk, "connect", "matrix", "https://ours.test", "chat", "leave")
    app = FirstRun(walk, crash_folder=hub.home)
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    seen: list[str] = []
    async with app.run_test(size=(80, 24)) as pilot:

        async def shown(words: str) -> None:
            async with asyncio.timeout(10):
                while words not in "\n".join(grid(app)):
                    await pilot.pause(0.01)
            seen.extend(grid(app))

        async def settled(*keys: str) -> None:
            await asyncio.sleep(SETTLE)
            await pilot.press(*keys)
            seen.extend(grid(app))

        await shown("The token of chat")
        box = app.screen.query_one(AnswerBox)
        await settled(*CANARY)
        assert box.value == CANARY
        seen.append(app.export_screenshot())
        await pilot.press("ctrl+a", "ctrl+c", "ctrl+x")
        await shown("•" * len(CANARY))
        synapse.refusing = 401
        await settled("enter")
        await shown("Where to keep it")
        await settled("m")
        await shown("does not accept the secret")
        synapse.refusing = 0
        await shown("Enter alone keeps it")
        await settled("enter")
        await shown("Where to keep it")
        await settled("m")
        await shown("You post on chat as @admin:ours.test (server admin).")
        await settled("enter")
        await shown("This holds from now on")
        await settled("enter")
        async with asyncio.timeout(10):
            while walk.question is not None:
                await pilot.pause(0.01)
    assert copied == []
    assert CANARY not in "\n".join(seen)
    assert CANARY not in caplog.text
    assert CANARY not in repr(walk.said)
    assert 'secret = "session"' in (hub.home / "config.d" / "chat.toml").read_text()
    clear(hub.home)
    kept = walk.said.written
    assert kept is not None
    found = kept.credentials.read(each.wanted for each in kept.accounts)["chat"]
    assert isinstance(found, dict)
    assert found["token"].reveal() == CANARY


async def test_a_crash_of_the_first_run_tells_no_answer(
    hub: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODTUI_CHAT_TOKEN")
    (hub.home / "config.toml").unlink()
    walk = guide()
    await say(walk, "connect", "matrix", "https://ours.test", "chat", "leave")
    app = FirstRun(walk, crash_folder=hub.home)

    async def fail(text: str) -> str:
        raise RuntimeError("broken on the way")

    monkeypatch.setattr(walk, "answer", fail)

    async def played() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await asyncio.sleep(SETTLE)
            await pilot.press(*CANARY, "enter")
            await pilot.pause()

    with pytest.raises(WorkerFailed, match="broken on the way") as caught:
        await played()
    (crash,) = hub.home.glob("crash-*.txt")
    assert "broken on the way" in crash.read_text()
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    clear(hub.home)


SPY = """
import json, pathlib
HERE = pathlib.Path(__file__).parent
with (HERE / "argv").open("ab") as log:
    log.write(pathlib.Path("/proc/self/cmdline").read_bytes())
    log.write(pathlib.Path("/proc/self/environ").read_bytes())
class Keyring: pass
KEPT = HERE / "kept.json"
def get_keyring(): return Keyring()
def _all(): return json.loads(KEPT.read_text()) if KEPT.exists() else {}
def get_password(service, name): return _all().get(name)
def set_password(service, name, value): KEPT.write_text(json.dumps({**_all(), name: value}))
def delete_password(service, name):
    kept = _all(); del kept[name]; KEPT.write_text(json.dumps(kept))
"""
PASSPHRASE = "canary passphrase 77"


@pytest.fixture
def asking(hub: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The account asks for its token; a keyring that notes how it was called, and a manager."""
    monkeypatch.delenv("MODTUI_CHAT_TOKEN")
    folder = tmp_path / "ring"
    folder.mkdir()
    (folder / "keyring.py").write_text(SPY)
    code = f"import sys; sys.path.insert(0, {str(folder)!r})\n{CHILD}"
    child = Child((sys.executable, "-c", code))
    monkeypatch.setattr("modtui.credentials.ring.Child", lambda: child)
    manager = folder / "manager"
    manager.write_text(f'#!/bin/sh\necho "$@" >> $0.argv\necho {CANARY} >&2\necho {CANARY}\n')
    manager.chmod(0o700)
    return folder


@pytest.mark.parametrize("store", ["system", "vault", "command"])
def test_no_store_shows_the_token_or_the_passphrase(
    hub: Shell,
    asking: Path,
    monkeypatch: pytest.MonkeyPatch,
    store: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    command = f'secret_command = ["{asking}/manager", "{{account}}", "{{field}}"]\n'
    own = f'{CONFIG}secret = "{store}"\n{command if store == "command" else ""}'
    hub.config(own)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{CANARY}\n{PASSPHRASE}\n"))
    stdin = () if store == "command" else ("--stdin",)
    done = [hub("login", "chat", *stdin)]
    assert (done[0].code, done[0].err) == (0, "")
    asked = ("sync --once", "doctor", "doctor keyring", "accounts --json", "logout chat")
    done += [hub(*words.split()) for words in asked]
    clear(hub.home, *done)
    texts = [*written(hub.home), *(each.out + each.err for each in done), *capfd.readouterr()]
    assert not any(PASSPHRASE in text for text in texts)
    called = [path.read_bytes().decode("latin-1") for path in asking.glob("*argv")]
    assert called
    assert not any(CANARY in text or PASSPHRASE in text for text in called)


@pytest.mark.parametrize("state", ["locked", "left", "killed"])
def test_a_keyring_that_fails_does_not_tell_what_it_was_given(
    hub: Shell, asking: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    end = {
        "locked": f"class KeyringLocked(Exception): pass\n    raise KeyringLocked({CANARY!r})",
        "left": f"import os; os.write(2, {CANARY!r}.encode()); os._exit(1)",
        "killed": f"import os; os.write(2, {CANARY!r}.encode()); os.abort()",
    }[state]
    (asking / "keyring.py").write_text(f"def get_keyring():\n    {end}\n")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{CANARY}\n"))
    done = [hub("login", "chat", "--stdin"), hub("sync", "--once"), hub("doctor", "keyring")]
    assert [each.code for each in done] == [3, 3, 3]
    clear(hub.home, *done)


@pytest.mark.parametrize("way", ["say", "warn", "told", "json"])
def test_what_is_printed_is_masked_whoever_made_it(
    way: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The last wall: what a connector hands on has been through others before."""
    # What is learned here is forgotten at the end.
    monkeypatch.setattr(REDACT, "_forms", ())
    monkeypatch.setattr(REDACT, "_packed", ())
    know([Secret(CANARY)])
    match way:
        case "say":
            plain.say(f"it is {CANARY}")
        case "warn":
            plain.warn(f"it is {CANARY}")
        case "told":
            told(f"it is {CANARY}", 1)
        case _:
            shapes.print_json({"it is": CANARY})
    printed = "".join(capfd.readouterr())
    assert "****" in printed
    assert CANARY not in printed
