import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from modtui.credentials import CommandFailed, CommandStore, CredentialsError, Need, Wanted
from modtui.domain.secret import Secret

MANAGER = """#!/bin/sh
echo "gpg: words of the manager" >&2
case "$1 $2" in
  "show modtui/forum/token") printf 'to ken\\nurl: https://forum.example.org\\n';;
  "show modtui/forum/empty") echo;;
  "show modtui/forum/notes") printf 'to ken\\nlogin: caf\\351\\n';;
  "show modtui/forum/bytes") printf '\\377\\n';;
  "show modtui/forum/killed") kill -9 $$;;
  "show modtui/forum/tty") echo "${GPG_TTY-none}";;
  "show modtui/forum/long") printf 'to ken\\n'; head -c 63000 /dev/zero;;
  "show modtui/forum/flood") echo $$ > "$0.pid"; exec cat /dev/zero;;
  "show modtui/forum/hanging") sleep 600 & echo $! > "$0.pid"; wait;;
  *) echo "is not in the password store" >&2; exit 1;;
esac
"""


@pytest.fixture
def manager(tmp_path: Path) -> Path:
    """A password manager like pass."""
    path = tmp_path / "manager"
    path.write_text(MANAGER)
    path.chmod(0o700)
    return path


def wanted(manager: Path, *required: str, optional: tuple[str, ...] = ()) -> Wanted:
    command = (str(manager), "show", "modtui/{account}/{field}")
    return Wanted("forum", "https://forum.example.org:443", required, optional, "command", command)


def read(asked: Wanted, deadline: float = 15.0) -> dict[str, str] | CredentialsError:
    store = CommandStore({**os.environ, "GPG_TTY": "/dev/pts/0"}, deadline)
    found = store.read([Need(asked, asked.fields)])["forum"]
    if isinstance(found, CredentialsError):
        return found
    return {name: secret.reveal() for name, secret in found.items()}


def test_the_first_line_is_the_secret(manager: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert read(wanted(manager, "token")) == {"token": "to ken"}
    assert capfd.readouterr() == ("", "")


def test_what_stands_below_the_secret_need_be_no_text(manager: Path) -> None:
    assert read(wanted(manager, "notes")) == {"notes": "to ken"}


FAILURES = [
    ("missing", "ended with exit code 1: see what it says, in a terminal: "),
    ("empty", "gave an empty first line"),
    ("bytes", "gave something that is not text"),
    ("killed", "was ended by signal 9"),
]


@pytest.mark.parametrize(("field", "words"), FAILURES)
def test_each_failure_is_one_line_that_says_what_to_do(
    manager: Path, field: str, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = read(wanted(manager, field))
    assert isinstance(answer, CommandFailed)
    assert f"the {field} of forum cannot be had: {manager}" in str(answer)
    assert words in str(answer)
    assert "\n" not in str(answer)
    assert "words of the manager" not in str(answer)
    assert capfd.readouterr() == ("", "")


def test_a_program_that_is_not_there_is_named() -> None:
    answer = read(wanted(Path("/nowhere/pass"), "token"))
    assert "/nowhere/pass cannot be run (No such file or directory)" in str(answer)


def test_a_command_that_hangs_is_killed_with_all_it_started(manager: Path) -> None:
    started = time.monotonic()
    answer = read(wanted(manager, "hanging"), deadline=1.0)
    assert "did not end in 1 s and was killed" in str(answer)
    assert time.monotonic() - started < 10
    child = int(manager.with_name("manager.pid").read_text())
    deadline = time.monotonic() + 10
    while running(child):
        assert time.monotonic() < deadline, "what it started still runs"
        time.sleep(0.02)


def test_a_command_that_writes_without_end_is_killed(manager: Path) -> None:
    assert read(wanted(manager, "long")) == {"long": "to ken"}
    answer = read(wanted(manager, "flood"))
    assert isinstance(answer, CommandFailed)
    assert f"the flood of forum cannot be had: {manager} gave more than 64 kB" in str(answer)
    assert not running(int(manager.with_name("manager.pid").read_text()))


def running(process: int) -> bool:
    """Whether a process is there and not merely waiting to be reaped."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_it_has_no_terminal_to_ask_on(manager: Path) -> None:
    assert read(wanted(manager, "tty")) == {"tty": "none"}
    program = "import os, sys\nos.open('/dev/tty', os.O_RDWR)"
    asked = replace(wanted(manager, "token"), command=(sys.executable, "-c", program))
    assert "ended with exit code 1" in str(read(asked))


def test_no_shell_reads_the_words(tmp_path: Path) -> None:
    program = "import sys; print(sys.argv[1])"
    asked = replace(
        wanted(tmp_path, "token"), command=(sys.executable, "-c", program, "$(id) {account};`id`")
    )
    assert read(asked) == {"token": "$(id) forum;`id`"}


def test_an_optional_field_may_be_absent_if_another_came(manager: Path) -> None:
    both = wanted(manager, "token", optional=("password",))
    assert read(both) == {"token": "to ken"}
    alone = wanted(manager, optional=("password",))
    assert "ended with exit code 1" in str(read(alone))
    hanging = wanted(manager, "token", optional=("hanging",))
    assert "was killed" in str(read(hanging, deadline=0.5))


def test_a_command_without_a_field_gives_the_first(manager: Path) -> None:
    asked = replace(
        wanted(manager, "token", optional=("password",)),
        command=(str(manager), "show", "modtui/forum/token"),
    )
    assert read(asked) == {"token": "to ken"}


def test_an_entry_that_names_another_place_is_not_used(manager: Path) -> None:
    asked = replace(wanted(manager, "token"), origin="https://evil.example.org:443")
    answer = read(asked)
    # To log in again would ask the same entry.
    assert "log in again" not in str(answer)
    assert "the entry of its token says url: https://forum.example.org:443" in str(answer)
    assert f"{manager} show modtui/forum/token" in str(answer)
    assert "to ken" not in str(answer)


def test_nothing_is_written_to_a_manager(manager: Path) -> None:
    store = CommandStore({})
    kept = store.keep(wanted(manager, "token"), {"token": Secret("t0ken")})
    assert kept == f"{manager}, which is asked for it at each start"
    with pytest.raises(CredentialsError, match="delete them there"):
        store.forget(wanted(manager, "token"))
