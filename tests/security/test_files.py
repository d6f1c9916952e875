"""Everything that modtui writes is for its owner alone, whatever the umask; nothing is written
where another user could have a hand in it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from modtui.credentials import Vault, VaultFailed
from modtui.domain.secret import Secret
from modtui.engine.entry_files import blank
from modtui.private import changeable, close_all, own_folder, private_folder, write_private
from modtui.terminal.app import TerminalApp
from tests.cli.shell import ROOT, Shell
from tests.cli.standin import Ring
from tests.pty.community import environment, leave
from tests.pty.terminal import Terminal

PASSPHRASE = "correct horse"


@pytest.fixture(params=[0o000, 0o077], ids=["umask 000", "umask 077"])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """Every file and folder in and under `folder` with its mode, in octal."""
    return {
        str(path.relative_to(folder)): f"{path.lstat().st_mode & 0o7777:o}"
        for path in (folder, *folder.rglob("*"))
    }


def private(folder: Path, *expected: str) -> None:
    """All of `folder` is 0700 and 0600, and the `expected` files are among it."""
    found = modes(folder)
    wrong = {
        name: mode
        for name, mode in found.items()
        if mode != ("700" if (folder / name).is_dir() else "600")
    }
    assert wrong == {}
    assert set(expected) <= set(found), sorted(found)


def test_what_the_commands_write(shell: Shell, umask: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, which sets no umask of its own: the modes are those that were asked for."""
    monkeypatch.setattr("modtui.credentials.ring.Child", Ring.empty())
    assert shell("init", "--demo", "--set", "rate=0").code == 0
    hook = ("--connector", "webhook", "--name", "ops", "--url", "http://127.0.0.1:9/x")
    assert shell("init", *hook).code == 0
    monkeypatch.setattr("sys.stdin", io.StringIO(f"s3cret-token\n\n{PASSPHRASE}\n"))
    done = shell("login", "ops", "--store", "vault", "--stdin")
    assert (done.code, done.err) == (0, "")
    shell("sync", "--once")
    (thread, *_) = shell("queue", "--json").json["threads"]
    text = shell.home / "text"
    write_private(text, b"Please stay polite.")
    shell("reply", thread["id"], "--text-file", text)
    shell("doctor")
    shell("drain")
    private(
        shell.home, "config.d/demo.toml", "config.d/ops.toml", "state/modtui.db",
        "state/vault/vault.json", "state/vault/lock", "cache",
    )  # fmt: skip


def test_the_journals_and_the_backup_of_the_queue(
    shell: Shell, umask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modtui.credentials.ring.Child", Ring.empty())
    shell("init", "--demo")
    import sqlite3

    from modtui.cli import compose
    from modtui.store import migrate
    from modtui.store.copying import copy_queue

    store = compose.open_store(shell.home / "state" / "modtui.db")
    state = shell.home / "state"
    private(state, "modtui.db", "modtui.db-wal", "modtui.db-shm")
    compose.run_async(store.close())
    copy_queue(state / "modtui.db", state / "practice.db")
    with sqlite3.connect(state / "modtui.db") as database:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        database.execute(f"PRAGMA user_version = {version}")
    database.close()
    with sqlite3.connect(state / "modtui.db", isolation_level=None) as database:
        migrate._back_up(database, state / "modtui.db", version)
    database.close()
    private(state, "modtui.db", "practice.db", f"modtui.db.backup-{version}")


def test_a_crash_report_and_an_entry_of_the_library(tmp_path: Path, umask: int) -> None:
    home = tmp_path / "home"
    app = TerminalApp[None](crash_folder=home / "a" / "reports")
    told = app.write_report(RuntimeError("broken"))
    assert told.startswith("report: ")
    blank(home / "b" / "replies", ["en"])
    private(home)
    assert len(modes(home)) == 7


EDITOR = """#!/bin/sh
stat -c '%a' "$1" "$MODTUI_HOME"/state/modtui.db* >> "$HOME/edited"
echo more >> "$1"
"""


@pytest.mark.parametrize("mask", ["000", "077"])
def test_a_whole_evening_in_a_terminal(tmp_path: Path, mask: str) -> None:
    """As a process of its own: the app, a draft, the editor, practice, an end by a signal."""
    editor = tmp_path / "ed"
    editor.write_text(EDITOR)
    editor.chmod(0o700)
    scratch = tmp_path / "tmp"
    scratch.mkdir(mode=0o777)
    env = environment(tmp_path, EDITOR=str(editor), TMPDIR=str(scratch))

    def run(*words: str) -> list[str]:
        masked = ["/bin/sh", "-c", f'umask {mask}; exec "$@"', "sh"]
        return [*masked, sys.executable, "-m", "modtui", *words]

    init = run("init", "--demo", "--set", "rate=0", "--set", "threads=6")
    subprocess.run(init, env=env, cwd=ROOT, check=True, timeout=60, stdout=subprocess.DEVNULL)
    for words in ((), ("--practice",)):
        with Terminal(run(*words), env, (80, 24), ROOT) as terminal:
            terminal.wait(lambda text: "post 1" in text or "Welcome back" in text, 40)
            terminal.settle(0.6)
            terminal.send("r")
            terminal.settle(0.6)
            terminal.send("Please stay polite.")
            terminal.settle(0.6)
            terminal.send("\x0f")
            terminal.settle(1.0)
            terminal.send("esc")
            leave(terminal)
    private(tmp_path / "modtui", "config.d/demo.toml", "state/modtui.db")
    # The text, the queue and its two journals, while they were there.
    assert (tmp_path / "edited").read_text().splitlines()[:4] == ["600"] * 4
    left = [path for path in scratch.iterdir() if path.stat().st_mode & 0o077]
    assert left == []


def test_a_folder_of_another_user_is_refused_in_one_line(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shell.home / "state").mkdir(parents=True)
    shell.config('[[account]]\nname = "d"\nconnector = "demo"\n')
    me = os.geteuid()
    monkeypatch.setattr("os.geteuid", lambda: me + 1)
    done = shell("queue")
    assert (done.code, done.out) == (4, "")
    (line,) = done.err.splitlines()
    assert f"{shell.home / 'state'}: belongs to another user and is not used" in line
    assert "set MODTUI_HOME to a folder of your own" in line
    assert list((shell.home / "state").iterdir()) == []
    assert "belongs to another user" in shell("doctor").out


@pytest.mark.parametrize("dangling", [True, False])
def test_a_link_in_place_of_the_state_folder_is_refused(
    shell: Shell, tmp_path: Path, dangling: bool
) -> None:
    elsewhere = tmp_path / "elsewhere"
    if not dangling:
        elsewhere.mkdir()
    shell.config('[[account]]\nname = "d"\nconnector = "demo"\n')
    (shell.home / "state").symlink_to(elsewhere)
    for command in ("queue", "sync --once", "status"):
        done = shell(*command.split())
        assert done.code == 4
        (line,) = done.err.splitlines()
        assert f"{shell.home / 'state'}: is a link, which anybody may have put there" in line
    assert not dangling or not elsewhere.exists()
    assert dangling or list(elsewhere.iterdir()) == []


def test_a_link_in_place_of_the_vault_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "vault").symlink_to(tmp_path / "elsewhere")
    vault = Vault(tmp_path / "vault" / "vault.json", write_private)
    with pytest.raises(VaultFailed, match="is a link"):
        vault.unlock(Secret(PASSPHRASE))
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_was_left_open_is_closed_and_told(shell: Shell) -> None:
    shell.config('[[account]]\nname = "d"\nconnector = "demo"\nrate = 0\n')
    assert shell("sync", "--once").code == 0
    state = shell.home / "state"
    state.chmod(0o755)
    assert shell("queue").code == 0
    assert modes(state)["."] == "700"
    state.chmod(0o777)
    (state / "modtui.db").chmod(0o644)
    (shell.home / "config.d").mkdir(mode=0o755)
    (shell.home / "config.d").chmod(0o755)
    (shell.home / "config.toml").chmod(0o666)
    done = shell("doctor")
    assert done.code == 4
    assert "FAIL  private config: closed now, as others could get at it: " in done.out
    config = shell.home / "config.toml"
    assert f"FAIL  private config: others may change {config}: chown it to yourself" in done.out
    private(state, "modtui.db")
    config.chmod(0o644)
    assert "FAIL" not in shell("doctor").out


def test_closing_follows_no_link_and_leaves_what_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "target"
    target.write_text("x")
    target.chmod(0o666)
    folder = tmp_path / "folder"
    private_folder(folder)
    (folder / "link").symlink_to(target)
    assert (close_all(folder), changeable(folder)) == ((), ())
    assert target.stat().st_mode & 0o777 == 0o666
    me = os.geteuid()
    monkeypatch.setattr("os.geteuid", lambda: me + 1)
    assert close_all(target.parent) == ()
    # Root may change everything anyway, so what is root's is nobody else's.
    assert (changeable(folder) == ()) is (me == 0)
    with pytest.raises(OSError, match="belongs to another user"):
        own_folder(folder)


def test_a_folder_that_everybody_shares_is_left_as_it_is() -> None:
    """Reports of the demo go there; making it ours would lock everybody else out."""
    shared = Path(tempfile.mkdtemp())
    shared.chmod(0o1777)
    try:
        TerminalApp[None](crash_folder=shared).write_report(RuntimeError("x"))
        assert shared.stat().st_mode & 0o7777 == 0o1777
    finally:
        shutil.rmtree(shared)
