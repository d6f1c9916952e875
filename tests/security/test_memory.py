"""Where a secret is in memory nobody else reads it, and children are given none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from modtui.cli.compose import _translator
from modtui.credentials import Child, CommandStore, Need, Wanted
from modtui.screens import editor
from tests.cli.shell import ROOT
from tests.pty.community import environment, leave, settle_in
from tests.pty.terminal import Terminal

CANARY = "canary-4f1d9c77"
# Where the tests are root's: a program of root's without what root may do, as any other user's.
PLAIN = """
import ctypes, os
class Header(ctypes.Structure): _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]
class Data(ctypes.Structure): _fields_ = [(n, ctypes.c_uint32) for n in ("e", "p", "i")]
assert ctypes.CDLL(None).capset(ctypes.byref(Header(0x20080522, 0)), (Data * 2)()) == 0
"""
HELD = """
import ctypes, json, os, resource, signal, sys, time
# A shell lets what it starts in the background ignore this one.
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
from modtui.cli import keep_private
keep_private()
from modtui.credentials import Wanted
from modtui.cli.compose import set_up
setup = set_up()
PR_GET_DUMPABLE = 3
before = ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)
found = setup.credentials.read([Wanted("chat", "https://x:443", ("token",))])
assert found["chat"]["token"].reveal() == os.environ["MODTUI_CHAT_TOKEN"]
after = ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)
limits = resource.getrlimit(resource.RLIMIT_CORE)
print(json.dumps([before, after, limits]), flush=True)
time.sleep(60)
"""


def held(tmp_path: Path) -> subprocess.Popen[str]:
    """A process of ours that has read a secret and tells how it is sealed, with cores wanted."""
    env = {
        **environment(tmp_path), "MODTUI_CHAT_TOKEN": CANARY, "PYTHONFAULTHANDLER": "1",
    }  # fmt: skip
    wanting = 'ulimit -c unlimited 2>/dev/null; exec "$@"'
    return subprocess.Popen(
        ["sh", "-c", wanting, "sh", sys.executable, "-c", PLAIN + HELD],
        cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT])
def test_a_crash_leaves_no_core_and_no_value(tmp_path: Path, number: signal.Signals) -> None:
    with held(tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "[1, 0, [0, 0]]\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == -number
    assert CANARY not in err
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in left if "core" in path.name]
    assert not [path for path in left if CANARY.encode() in path.read_bytes()]


def test_memory_and_environment_belong_to_root_alone(tmp_path: Path) -> None:
    with held(tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        proc = Path(f"/proc/{process.pid}")
        for name in ("mem", "environ", "maps"):
            assert (proc / name).stat().st_uid == 0
        told = read_by_another(process.pid)
        process.kill()
    assert told == ["refused", "refused"]


READ = """
import sys
told = []
for name in ("mem", "environ"):
    try:
        with open(f"/proc/{sys.argv[1]}/{name}", "rb") as file:
            file.read(1)
        told.append("read")
    except OSError:
        told.append("refused")
print(*told)
"""


def read_by_another(pid: int) -> list[str]:
    """What became of reading a process's memory and environment: read or refused."""
    argv = [sys.executable, "-c", PLAIN + READ, str(pid)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=30)
    return done.stdout.split()


def test_an_open_process_would_be_read() -> None:
    """The other half: without the seal the same reader gets the environment."""
    waiting = f"{PLAIN}\nprint(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", waiting], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        told = read_by_another(process.pid)
        process.kill()
    assert told[1] == "read"


SPY = f"""
import json, os, pathlib, sys
here = pathlib.Path({"{here!r}"})
here.write_text(json.dumps([sys.argv, dict(os.environ)]))
"""


def test_the_children_that_need_no_secret_get_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODTUI_CHAT_TOKEN", CANARY)
    monkeypatch.setenv("MODTUI_HOME", str(tmp_path))
    log = tmp_path / "told"
    spy = f"{SPY.format(here=str(log))}\nprint('{{}}')"
    Child((sys.executable, "-c", spy)).ask({"do": "probe", "service": "x"})
    ring = log.read_text()
    log.unlink()
    store = CommandStore(dict(os.environ))
    wanted = Wanted("chat", "x", ("token",), (), "command", (sys.executable, "-c", spy))
    store.read([Need(wanted, ("token",))])
    for told in (ring, log.read_text()):
        assert CANARY not in told
        assert "MODTUI_CHAT" not in told
        assert "PATH" in told


async def test_a_translation_command_gets_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODTUI_CHAT_TOKEN", CANARY)
    log = tmp_path / "told"
    spy = f"{SPY.format(here=str(log))}\nprint('translated')"
    translator = _translator((sys.executable, "-c", spy))
    assert translator is not None
    assert await translator.translate("text", "ka", "en") == "translated"
    assert CANARY not in log.read_text()
    assert "PATH" in log.read_text()


async def test_the_editor_gets_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODTUI_CHAT_TOKEN", CANARY)
    log, program = tmp_path / "told", tmp_path / "ed"
    program.write_text(f"#!{sys.executable}\n{SPY.format(here=str(log))}")
    program.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(program))
    import contextlib

    monkeypatch.setattr(editor, "_terminal_of", lambda app: contextlib.nullcontext())
    assert await editor.edit(None, tmp_path / "x.txt") == ""  # type: ignore[arg-type]
    assert CANARY not in log.read_text()
    assert "PATH" in log.read_text()


def test_the_log_of_textual_is_not_written(tmp_path: Path) -> None:
    """It would hold every key of a secret that is typed, one a line."""
    settle_in(tmp_path)
    log = tmp_path / "textual.log"
    argv = [sys.executable, "-m", "modtui"]
    env = environment(tmp_path, TEXTUAL_LOG=str(log), TEXTUAL="debug,devtools")
    with Terminal(argv, env, (80, 24), ROOT) as terminal:
        terminal.wait("post 1", 40)
        assert leave(terminal) == 0
    assert not log.exists()
