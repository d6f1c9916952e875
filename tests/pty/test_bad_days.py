"""Bad days in a real terminal: what stands on the screen, what is kept, and how modtui leaves."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.disks import fill, locked, small_disk
from tests.pty.community import Community, environment, leave, modtui, settle_in, told
from tests.pty.terminal import Terminal, Timeout

SMALL = (80, 24)


def queue_of(home: Path) -> Path:
    return home / "modtui" / "state" / "modtui.db"


def flags(home: Path) -> list[tuple[str, str]]:
    """Every flag in the queue of `home`, by its thread's subject."""
    with closing(sqlite3.connect(queue_of(home))) as raw:
        found = raw.execute("SELECT t.subject, f.key FROM flag f JOIN thread t ON t.id = f.thread")
        return [(subject, key) for subject, key in found]


def begin_a_reply(terminal: Terminal, text: str) -> None:
    terminal.settle(0.6)
    terminal.send("r")
    terminal.wait("reply to the thread")
    terminal.settle()
    terminal.send(text)


def test_a_full_disk_is_one_line_the_draft_is_kept_and_everything_resumes(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=24) as home:
        settle_in(home, Community(rate=240))
        with modtui(home, SMALL) as terminal:
            reserve = home / "modtui" / "state" / "reserve"
            terminal.wait(lambda _: reserve.exists())
            fill(home)
            line = f"! disk full on {home}"
            terminal.wait(line[:70])
            assert terminal.wait("disk full on").count("disk full on") == 1
            begin_a_reply(terminal, "half a sentence")
            terminal.wait("draft saved")
            assert not reserve.exists()
            terminal.send("esc")
            terminal.wait(lambda text: "reply to the thread" not in text)
            terminal.settle(0.6)
            terminal.send("m")
            terminal.wait("Note for the team")
            terminal.send("called at nine")
            terminal.wait("called at nine")
            terminal.send("enter")
            terminal.wait("nothing was done: disk full · your words wait: the same key shows them")
            before = flags(home)
            (home / "filling").unlink()
            terminal.wait("everything goes on")
            terminal.wait(lambda text: "disk full on" not in text)
            terminal.wait(lambda _: reserve.exists() and len(flags(home)) > len(before))
            terminal.settle(0.6)
            terminal.send("m")
            terminal.wait("called at nine")
            terminal.send("enter")
            terminal.wait(lambda text: "called at nine" not in text)
            assert leave(terminal) == 0
        after = flags(home)
        assert len(after) == len(set(after))
        assert set(before) <= set(after)
        with closing(sqlite3.connect(queue_of(home))) as raw:
            [(text,)] = raw.execute("SELECT text FROM draft")
            [(note,)] = raw.execute("SELECT detail FROM event WHERE kind = 'staff_note'")
        assert text == "half a sentence"
        assert "called at nine" in note


def test_a_locked_database_is_told_with_who_and_the_draft_waits_in_memory(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (120, 40)) as terminal:
        with locked(queue_of(tmp_path)) as pid:
            begin_a_reply(terminal, "half a sentence")
            screen = terminal.wait(f"(PID {pid}) since", 30)
            assert "database locked by" in screen
            terminal.wait("not saved yet, kept in memory", 30)
            # The screen lives: what is typed now is there at once.
            terminal.send(" and more")
            terminal.wait("half a sentence and more", 2)
            terminal.wait("1 draft in memory only")
        terminal.wait("everything goes on", 30)
        terminal.wait(lambda text: "in memory only" not in text and "draft saved" in text)
        terminal.kill()
        terminal.ended()
    with closing(sqlite3.connect(queue_of(tmp_path))) as raw:
        [(text,)] = raw.execute("SELECT text FROM draft")
    assert text == "half a sentence and more"


def test_a_key_that_waits_for_a_lock_says_so_until_it_is_known_how_it_ends(tmp_path: Path) -> None:
    settle_in(tmp_path)
    waits = "one moment: the queue has not taken it yet"
    with modtui(tmp_path, SMALL) as terminal:
        with locked(queue_of(tmp_path)):
            terminal.send("a")
            terminal.wait(waits, 4)
        # Nobody presses it again: what waited is done, and stands as pending.
        terminal.wait(lambda text: waits not in text and "pending" in text, 30)
        terminal.settle(0.6)
        with locked(queue_of(tmp_path)):
            terminal.send("c")
            terminal.wait(waits, 4)
            terminal.wait("nothing was done: database locked", 30)
        assert leave(terminal) == 0


def test_leaving_while_the_database_is_locked_keeps_the_draft_in_a_file(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path) as terminal:
        with locked(queue_of(tmp_path)):
            begin_a_reply(terminal, "half a sentence")
            terminal.wait("not saved yet, kept in memory", 30)
            terminal.send("esc")
            terminal.wait(lambda text: "reply to the thread" not in text)
            assert leave(terminal) == 4
        assert "1 draft could not be saved in the queue: kept in" in terminal.settle()
    [file] = (tmp_path / "modtui" / "state").glob("rescued-*.json")
    assert json.loads(file.read_text())["drafts"][0]["text"] == "half a sentence"
    assert file.stat().st_mode & 0o777 == 0o600


def test_settings_that_change_are_taken_or_told_with_file_and_line(tmp_path: Path) -> None:
    settle_in(tmp_path)
    folder = tmp_path / "modtui"
    config, keys = folder / "config.toml", folder / "keymap.toml"
    good = config.read_text()
    with modtui(tmp_path, (120, 40)) as terminal:
        config.write_text(good + "\n[care]\nfold_medias = true\n")
        line = good.count("\n") + 3
        terminal.wait(f"! old settings kept: config.toml:{line}: care.fold_medias")
        # It stands until it is mended, and what counted before still counts.
        terminal.send("j")
        terminal.settle()
        terminal.wait("old settings kept")
        config.unlink()
        terminal.wait("! old settings kept: config.toml is gone: put it back")
        config.write_text(good)
        terminal.wait("the settings can be read again: nothing changed")
        config.write_text('theme = "paper"\n' + good)
        terminal.wait("settings taken: theme paper\n")
        terminal.wait(lambda text: "old settings kept" not in text)
        keys.write_text('[keys]\n"queue.claim" = "ctrl+y"\n')
        terminal.wait("settings taken: keys")
        terminal.settle()
        terminal.send("\x19")
        terminal.wait("claimed: yours now")
        keys.write_text('[keys]\n"queue.claim" = "j"\n')
        terminal.wait("old settings kept: keymap.toml:2: ")
        terminal.send("\x19")
        terminal.wait("released")
        keys.unlink()
        terminal.wait(lambda text: "keymap.toml" not in text)
        config.write_text('theme = "paper"\n' + good.replace("lead", "the-lead"))
        terminal.wait("[[team]] changed: counts when modtui is started again")
        assert leave(terminal) == 0


CHECKS = '[levels]\nstop_words = "block"\n[stop_words]\nen = {}\n'


def with_checks(home: Path) -> Path:
    """Settle in with checks of one's own, which block a word; return their file."""
    settle_in(home)
    config, rules = home / "modtui" / "config.toml", home / "team" / "tone.toml"
    rules.parent.mkdir()
    rules.write_text(CHECKS.format('["sausage"]'))
    config.write_text(f'{config.read_text()}\n[checks]\nfile = "{rules}"\n')
    return rules


def test_the_teams_checks_are_taken_as_they_change_and_kept_while_they_are_broken(
    tmp_path: Path,
) -> None:
    rules = with_checks(tmp_path)
    with modtui(tmp_path, (120, 40)) as terminal:
        begin_a_reply(terminal, "a sausage, a biscuit")
        terminal.wait("a sausage, a biscuit")
        terminal.settle()
        terminal.send("\x13")
        terminal.wait("“sausage”: is a stop word")
        rules.write_text(CHECKS.format('"biscuit"'))
        terminal.wait("! old settings kept: tone.toml:4: stop_words.en")
        terminal.send("\x13")
        terminal.wait("“sausage”: is a stop word")
        terminal.send("esc", "esc")
        terminal.wait(lambda text: "reply to the thread" not in text)
        rules.write_text(CHECKS.format('["biscuit"]'))
        terminal.wait("settings taken: checks")
        terminal.send("r")
        terminal.wait("reply to the thread")
        terminal.settle()
        terminal.send("\x13")
        terminal.wait("“biscuit”: is a stop word")
        terminal.wait(lambda text: "“sausage”: is" not in text)
        terminal.send("enter")
        terminal.wait("Not sent: “biscuit”")
        terminal.send("esc", "esc")
        assert leave(terminal) == 0


ROUTES = '[[route]]\nid = "self-harm"\n[route.patterns]\nen = ["{}"]\n'


def with_routes(home: Path) -> Path:
    """Settle in with help routes of one's own; return their file."""
    settle_in(home)
    config, routes = home / "modtui" / "config.toml", home / "routes.toml"
    routes.write_text(ROUTES.format("sausage"))
    config.write_text(f'{config.read_text()}\n[help_routes]\nfile = "{routes}"\n')
    return routes


def test_the_teams_help_routes_are_taken_as_they_change(tmp_path: Path) -> None:
    routes = with_routes(tmp_path)
    with modtui(tmp_path, (120, 40)) as terminal:
        routes.write_text(ROUTES.format("]bis"))
        terminal.wait("! old settings kept: routes.toml:4: ")
        routes.write_text(ROUTES.format("biscuit"))
        terminal.wait("settings taken: help routes")
        assert leave(terminal) == 0


def test_so_they_are_in_lines_and_without_a_screen(tmp_path: Path) -> None:
    routes = with_routes(tmp_path)
    plain, sync = ([sys.executable, "-m", "modtui", word] for word in ("--plain", "sync"))
    with Terminal(plain, environment(tmp_path), (80, 24)) as terminal:
        terminal.wait("0 other:")
        routes.write_text(ROUTES.format("]bis"))
        said_in_lines(terminal, "Old settings kept: routes.toml:4: ")
        routes.write_text(ROUTES.format("biscuit"))
        said_in_lines(terminal, "Settings taken: help routes.")
        terminal.put(b"q\n")
        assert terminal.ended() == 0
    with Terminal(sync, environment(tmp_path), (80, 24)) as terminal:
        terminal.wait(": live")
        routes.write_text(ROUTES.format("]bis"))
        terminal.wait("old settings kept: routes.toml:4: ")
        routes.write_text(ROUTES.format("sausage"))
        terminal.wait("settings taken: help routes")
        terminal.kill(signal.SIGTERM)
        assert terminal.ended() == 0


def test_the_teams_checks_are_taken_as_they_change_in_lines(tmp_path: Path) -> None:
    rules = with_checks(tmp_path)
    argv = [sys.executable, "-m", "modtui", "--plain"]
    with Terminal(argv, environment(tmp_path), (80, 24)) as terminal:
        terminal.wait("0 other:")
        answer(terminal, "1", "Thread, 1 to 9, 0 back:")
        answer(terminal, "2", "ends it.")
        said = answer(terminal, "a sausage, a biscuit\n.", "1 to 6, 0 back:")
        assert "1. send it, not possible: “sausage”: is a stop word" in said
        answer(terminal, "0", "Thread, 1 to 9, 0 back:")
        rules.write_text(CHECKS.format('"biscuit"'))
        said_in_lines(terminal, "Old settings kept: tone.toml:4: stop_words.en")
        assert "not possible: “sausage”: is a stop word" in looked_at_again(terminal)
        rules.write_text(CHECKS.format('["biscuit"]'))
        said_in_lines(terminal, "Settings taken: checks.")
        said = looked_at_again(terminal)
        assert "not possible: “biscuit”: is a stop word" in said
        assert "“sausage”: is" not in said
        answer(terminal, "0", "0 other:")
        terminal.put(b"q\n")
        assert terminal.ended() == 0


def looked_at_again(terminal: Terminal) -> str:
    """Go on with the draft of the thread and leave it again; return what is said to it."""
    answer(terminal, "2", "1 to 2, 0 back:")
    said = answer(terminal, "1", "1 to 6, 0 back:")
    answer(terminal, "0", "Thread, 1 to 9, 0 back:")
    return said


def answer(terminal: Terminal, typed: str, until: str) -> str:
    """Type a line and read on until it is answered; return what was said."""
    mark = len(terminal.written)
    terminal.put(typed.encode() + b"\n")

    def said() -> str:
        return " ".join(terminal.written[mark:].decode("utf-8", "ignore").split())

    terminal.wait(lambda _: until in said())
    return said()


def test_the_teams_checks_are_taken_as_they_change_without_a_screen(tmp_path: Path) -> None:
    rules = with_checks(tmp_path)
    sync = [sys.executable, "-m", "modtui", "sync"]
    with Terminal(sync, environment(tmp_path), (80, 24)) as terminal:
        terminal.wait(": live")
        rules.write_text(CHECKS.format('"biscuit"'))
        terminal.wait("old settings kept: tone.toml:4: stop_words.en")
        rules.write_text(CHECKS.format('["biscuit"]'))
        terminal.wait("settings taken: checks")
        terminal.kill(signal.SIGTERM)
        assert terminal.ended() == 0


def said_in_lines(terminal: Terminal, what: str) -> None:
    """Press Enter until `what` is said: between two questions it is news."""
    until = time.monotonic() + 20
    while what not in " ".join(terminal.written.decode("utf-8", "ignore").split()):
        if time.monotonic() > until:
            raise Timeout(f"not said: {what}")
        terminal.put(b"\n")
        terminal.pump(0.3)


def damage(path: Path, table: str) -> None:
    """Overwrite the inside of every page that holds `table` or an index of it."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sql = "SELECT d.pageno FROM dbstat d JOIN sqlite_master m ON m.name = d.name"
        try:
            pages = [page for (page,) in raw.execute(f"{sql} WHERE m.tbl_name = ?", (table,))]
        except sqlite3.OperationalError:
            root = "SELECT rootpage FROM sqlite_master WHERE tbl_name = ? AND rootpage"
            pages = [page for (page,) in raw.execute(root, (table,))]
        [(size,)] = raw.execute("PRAGMA page_size")
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * size)
            file.write(b"\xa5" * size)


@pytest.mark.parametrize("table", ["thread", "flag", "delivery"])
def test_damage_ends_with_four_one_line_and_what_can_be_read(tmp_path: Path, table: str) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path) as terminal:
        begin_a_reply(terminal, "half a sentence")
        terminal.wait("draft saved")
        terminal.send("esc")
        assert leave(terminal) == 0
    damage(queue_of(tmp_path), table)
    with Terminal([sys.executable, "-m", "modtui"], environment(tmp_path), (120, 40)) as terminal:
        assert terminal.ended(30) == 4
        said = terminal.settle()
    assert "is damaged" in said
    assert "doctor --recover" in said
    assert "Traceback" not in said
    [file] = (tmp_path / "modtui" / "state").glob("rescued-*.json")
    assert json.loads(file.read_text())["drafts"][0]["text"] == "half a sentence"
    done = subprocess.run(
        [sys.executable, "-m", "modtui", "doctor", "--recover"],
        env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"some rows are missing of {table}" in done.stdout
    with modtui(tmp_path) as terminal:
        assert leave(terminal) == 0
    assert told(tmp_path, "queue")["counts"]["open"] > 0


CLOCKS = """
import sys
import time
from datetime import timedelta
from pathlib import Path
from modtui.cli import compose, main

real, clock, file = compose.wall, compose.store_clock, Path(sys.argv[1])

def moved(which):
    return float(file.read_text().split()[which])

compose.wall = lambda: real() + timedelta(seconds=moved(0) + moved(1))

def store_clock():
    had = clock()
    lease = had.lease
    return compose.StoreClock(compose.wall, lambda: lease() + moved(1), had.boot)

compose.store_clock = store_clock
sys.argv = ["modtui"]
main()
"""


def test_a_clock_that_is_set_and_a_sleep_are_said_in_a_running_app(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(undo="30s"))
    clocks = tmp_path / "clocks"

    def put(wall: int, asleep: int) -> None:
        """Set the wall clock by so much, with so much of a sleep, at one stroke."""
        part = tmp_path / "part"
        part.write_text(f"{wall} {asleep}")
        part.replace(clocks)

    put(0, 0)
    argv = [sys.executable, "-c", CLOCKS, str(clocks)]
    with Terminal(argv, environment(tmp_path), SMALL) as terminal:
        terminal.wait(lambda text: "post 1" in text, 30)
        terminal.settle(0.6)
        terminal.send("c")
        terminal.wait("claimed: yours now")
        terminal.settle(0.6)
        terminal.send("a")
        terminal.wait("pending")
        put(600, 0)
        terminal.wait("the clock moved by +10 min: deadlines follow it")
        # The undo window is as long as it was: what is held is still there to be taken back.
        terminal.wait("pending", 25)
        put(600, 3720)
        terminal.wait("was asleep 1 h 02 min: catching up")
        put(0, 3720)
        terminal.wait("the clock moved by -10 min")
        assert leave(terminal) == 0
    with closing(sqlite3.connect(queue_of(tmp_path))) as raw:
        rows = raw.execute("SELECT action, detail FROM audit WHERE who = 'machine' ORDER BY id")
        told_of = [tuple(row) for row in rows]
        [(state,)] = raw.execute("SELECT state FROM delivery LIMIT 1")
    assert [action for action, _ in told_of] == ["clock", "asleep", "clock"]
    assert told_of[1][1] == "was asleep 1 h 02 min: catching up"
    assert state == "stale"
