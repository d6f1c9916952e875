"""Who goes on with what a lost line left: a running sync, or a drain, which keeps a log."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pty.community import Community, command, environment, leave, modtui, settle_in, told
from tests.pty.terminal import Terminal
from tests.pty.test_leaving import begun, sent
from tests.pty.test_lost_lines import HANGS, TAKES, history, launched, quickly, rows, until
from tests.pty.test_stopping import until_held

CUT = "harbour does not return; modtui deliveries shows what is left"
QUESTIONS = Community(scene="questions", seed=11, threads=6, undo="5m")
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (drain \d+: (begins|ends)|harbour: .*)")
DELIVERY = r"harbour: delivery 1 \(reply\): (queued|outcome unknown, it is looked for|sent)"


def log(home: Path) -> Path:
    return home / "modtui" / "state" / "drain.log"


def content(home: Path) -> list[str]:
    """Words that stand in threads and replies, and in no log."""
    (delivery,) = told(home, "deliveries")["deliveries"]
    shown = told(home, "show", str(delivery["thread"]))
    texts = [shown["title"], *(post["text"] for post in shown["posts"])]
    words = {word for text in texts for word in re.findall(r"\w{5,}", text)}
    return sorted(words - {"harbour", "delivery", "reply"})


def lost(terminal: Terminal, how: str) -> None:
    """The moderator is gone, by a lost line or by the key."""
    terminal.settle()
    if how == "hang-up":
        assert terminal.hang_up() == 129
    else:
        assert leave(terminal) == 0


@pytest.mark.parametrize("how", ["hang-up", "quit"])
def test_a_drain_writes_down_what_it_did_and_no_words_of_threads(tmp_path: Path, how: str) -> None:
    settle_in(tmp_path, QUESTIONS)
    with modtui(tmp_path, (80, 24)) as terminal:
        begun(terminal)
        lost(terminal, how)
    assert sent(tmp_path)
    until(lambda: " ends" in log(tmp_path).read_text(), "the drain does not end")
    written = log(tmp_path).read_text()
    lines = written.splitlines()
    assert all(LINE.fullmatch(line) for line in lines), written
    assert [m[1] for line in lines if (m := re.search(DELIVERY, line))] == ["queued", "sent"]
    assert log(tmp_path).stat().st_mode & 0o777 == 0o600
    words = content(tmp_path)
    assert words
    assert not [word for word in words if word in written]


@pytest.mark.parametrize("how", ["hang-up", "quit"])
def test_a_running_sync_goes_on_with_it_and_no_drain_begins(tmp_path: Path, how: str) -> None:
    settle_in(tmp_path, QUESTIONS)
    argv = [sys.executable, "-m", "modtui", "sync"]
    env = environment(tmp_path, PYTHONUNBUFFERED="1")
    with subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True) as sync:
        until_held(tmp_path, str(sync.pid))
        with modtui(tmp_path, (80, 24)) as terminal:
            begun(terminal)
            lost(terminal, how)
        assert sent(tmp_path)
        sync.terminate()
        written, _ = sync.communicate(timeout=20)
    assert "harbour: delivery 1 (reply): sent" in written.splitlines()
    assert not log(tmp_path).exists()
    words = content(tmp_path)
    assert words
    assert not [word for word in words if word in written]


def answered(home: Path) -> None:
    """A reply is queued, and nobody is there to send it."""
    assert command(home, "sync", "--once").returncode == 0
    text = home / "text"
    text.write_text("It is on its way.")
    words = ("reply", "1", "--text-file", str(text), "--no-wait")
    assert command(home, *words).returncode == 0
    assert [row["state"] for row in rows(home)] == ["queued"]


def test_a_drain_that_somebody_looks_at_ends_behind_an_account_too(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6))
    answered(tmp_path)
    soon = f"{TAKES}\nfrom modtui.cli import serving\nserving.CUT_SECONDS = 4.0"
    done = subprocess.run(
        launched("ignores being cancelled", soon, ("drain",)),
        env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 5, done.stderr
    assert done.stderr.endswith(f"cut short: {CUT}\n")
    # Who serves the account next finds out about it; it is not queued again.
    assert history(tmp_path)[-1] in ("sending", "unknown")


@pytest.mark.parametrize("what", ["Demo.aclose = hang", TAKES])
def test_a_sync_of_once_ends_behind_an_account_that_has_been_read(
    tmp_path: Path, what: str
) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6))
    answered(tmp_path)
    soon = f"{what}\nfrom modtui.cli import serving\nserving.CUT_SECONDS = 4.0"
    done = subprocess.run(
        launched("ignores being cancelled", soon, ("sync", "--once")),
        env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 5, done.stderr
    assert re.fullmatch(rf"modtui: sync \d+: cut short: {CUT}\n", done.stderr)


def test_a_sync_of_once_is_not_cut_short_while_it_reads(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6))
    slow = "\n".join((
        "before = Demo.updates",
        "async def slowly(self, cursor):",
        "    await asyncio.sleep(3)",
        "    async for batch in before(self, cursor):",
        "        yield batch",
        "Demo.updates = slowly",
        "from modtui.cli import serving",
        "serving.CUT_SECONDS = 2.0",
    ))  # fmt: skip
    done = subprocess.run(
        launched("waits", slow, ("sync", "--once")),
        env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "read 6 threads" in done.stdout


@pytest.mark.parametrize("how", ["waits", "ignores being cancelled"])
def test_a_sync_of_once_ends_where_an_account_is_silent_while_it_is_read(
    tmp_path: Path, how: str
) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6))
    silent = "\n".join((
        "async def silent(self, cursor):",
        "    await hang(self)",
        "    yield",
        "Demo.updates = silent",
        "from modtui.cli import serving",
        "serving.SILENCE_SECONDS, serving.CUT_SECONDS = 1.0, 2.0",
    ))  # fmt: skip
    done = subprocess.run(
        launched(how, silent, ("sync", "--once")),
        env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 5, done.stderr
    line = "harbour: nothing came for 1 s while it was read" if how == "waits" else CUT
    assert line in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [("drain",), ("sync", "--once")])
def test_who_waits_for_another_process_says_so(tmp_path: Path, words: tuple[str, ...]) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6))
    answered(tmp_path)
    env, pipe = environment(tmp_path), subprocess.PIPE
    holder = subprocess.Popen(launched("waits", words=("sync",)), env=env, stdout=pipe)
    try:
        until(lambda: [row["state"] for row in rows(tmp_path)] == ["sending"], "not begun")
        argv = [sys.executable, "-m", "modtui", *words]
        with subprocess.Popen(argv, env=env, stdout=pipe, stderr=pipe, text=True) as waiting:
            assert waiting.stderr is not None
            line = waiting.stderr.readline()
            waiting.kill()
    finally:
        holder.kill()
        holder.communicate()
    why = r"waiting up to 60 s for it, not delivered yet: 1"
    assert re.fullmatch(rf"modtui: harbour: served by \S+:{holder.pid}:\w+: {why}\n", line)


@pytest.mark.parametrize("how", HANGS)
def test_a_sync_that_is_stopped_is_gone_in_time(tmp_path: Path, how: str) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6))
    answered(tmp_path)
    argv = launched(how, words=("sync",))
    with subprocess.Popen(argv, env=environment(tmp_path), stdout=subprocess.DEVNULL) as sync:
        try:
            until(lambda: [row["state"] for row in rows(tmp_path)] == ["sending"], "not begun")
            with quickly():
                sync.terminate()
                assert sync.wait(10) == 0
        finally:
            sync.kill()
    # Who serves the account next finds out about it; it is not queued again.
    assert history(tmp_path)[-1] in ("sending", "unknown")


def test_a_sync_that_is_stopped_leaves_no_trace_of_how_it_is_made(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(threads=6))
    argv = [sys.executable, "-m", "modtui", "sync"]
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, env=environment(tmp_path), stdout=pipe, stderr=pipe) as sync:
        assert sync.stdout is not None
        while b"read 6 threads" not in sync.stdout.readline():
            assert sync.poll() is None
        sync.terminate()
        _, said = sync.communicate(timeout=10)
    assert (sync.returncode, said) == (0, b"")


def test_a_sync_that_ignores_hang_ups_goes_on(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6))
    argv = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh", sys.executable, "-m", "modtui", "sync"]
    with subprocess.Popen(argv, env=environment(tmp_path), stdout=subprocess.DEVNULL) as sync:
        try:
            until_held(tmp_path, str(sync.pid))
            sync.send_signal(signal.SIGHUP)
            assert command(tmp_path, "lock", "1", "--reason", "heat").returncode == 0
            assert sync.poll() is None
            sync.terminate()
            assert sync.wait(10) == 0
        finally:
            sync.kill()


SHORT = f"""
from modtui.cli import serving
serving.CUT_SECONDS = 3.0
from modtui.engine import keeper
keeper.DRAIN_SECONDS = keeper.CLOSE_SECONDS = 1.0
{TAKES}"""


@pytest.mark.parametrize("how", HANGS)
def test_a_drain_ends_whatever_a_connector_does(tmp_path: Path, how: str) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6))
    answered(tmp_path)
    argv = launched(how, SHORT, ("drain", "--detached"))
    with subprocess.Popen(argv, env=environment(tmp_path)) as drain:
        try:
            assert drain.wait(20) == 5
        finally:
            drain.kill()
    said = log(tmp_path).read_text().splitlines()[-1]
    # Its deliveries were given up by then; what does not return is not told by account.
    cut = CUT.replace("harbour", "an account")
    ended = " ends" if how == "waits" else f" cut short: {cut}"
    assert said.endswith(f"drain {drain.pid}:{ended}")
    assert history(tmp_path)[-1] in ("sending", "unknown")
