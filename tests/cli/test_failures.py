import errno
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.shell import ROOT, Shell

DEMO = '[[account]]\nname = "harbour"\nconnector = "demo"\nthreads = 2\nrate = 0\n'
READING = (("queue", "--json"), ("show", "1"), ("status",), ("deliveries",), ("accounts",))
ACTING = (("dismiss", "1"), ("note", "1", "x"), ("sync", "--once"), ("drain",))


@pytest.mark.parametrize("command", [*READING, *ACTING, ()])
def test_a_broken_configuration_is_one_line_a_problem(
    shell: Shell, command: tuple[str, ...]
) -> None:
    shell.config('undo_window = "soon"\nthemee = "night"\n' + DEMO + 'profil = "forum"\n')
    done = shell(*command)
    assert (done.code, done.out) == (4, "")
    first, second, third = done.err.splitlines()
    assert first.startswith(f"modtui: {shell.home}/config.toml:1: undo_window: ")
    assert second.startswith(f"modtui: {shell.home}/config.toml:2: themee: unknown key (did you")
    assert third.startswith(f"modtui: {shell.home}/config.toml:8: account.profil: unknown key (did")


def test_a_connectors_own_keys_are_checked_with_their_lines(shell: Shell) -> None:
    shell.config(
        DEMO + 'profil = "forum"\nseed = "x"\n[[account]]\nname = "m"\nconnector = "matrx"\n'
    )
    lines = shell("queue").err.splitlines()
    assert [line.partition("config.toml:")[2].partition(": ")[0] for line in lines] == [
        "6", "7", "10",
    ]  # fmt: skip
    assert '(did you mean "profile"?)' in lines[0]
    assert '(did you mean "matrix"?)' in lines[2]


def test_a_missing_address_and_a_clash_of_variables_are_named(shell: Shell) -> None:
    shell.config('[[account]]\nname = "m"\nconnector = "matrix"\n')
    done = shell("queue")
    assert (done.code, "account.url: is missing" in done.err) == (4, True)


def test_a_corrupt_store_is_one_line(shell: Shell) -> None:
    shell.config(DEMO)
    (shell.home / "state").mkdir(mode=0o700)
    (shell.home / "state" / "modtui.db").write_bytes(b"this is no database" * 100)
    for command in (*READING, *ACTING):
        if command == ("accounts",):
            continue
        done = shell(*command)
        assert (done.code, len(done.err.splitlines())) == (4, 1), command
        assert "is damaged" in done.err


def test_a_newer_store_is_refused(shell: Shell) -> None:
    shell.config(DEMO)
    assert shell("sync", "--once").code == 0
    with sqlite3.connect(shell.home / "state" / "modtui.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    done = shell("queue")
    assert (done.code, len(done.err.splitlines())) == (4, 1)
    assert "upgrade modtui" in done.err


def test_a_store_without_its_tables_is_one_line_and_is_made_anew(shell: Shell) -> None:
    shell.config(DEMO)
    assert shell("sync", "--once").code == 0
    store = shell.home / "state" / "modtui.db"
    with closing(sqlite3.connect(store)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute("DROP TABLE draft")
        connection.commit()
    assert "is damaged: the table draft is missing" in shell("doctor").out
    done = shell("doctor", "--recover")
    assert done.code == 0
    assert "was made anew of" in done.out
    assert "some rows are missing of draft" in done.out
    store.unlink()
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("VACUUM")
        connection.execute(f"PRAGMA user_version = {version}")
    done = shell("queue")
    assert (done.code, len(done.err.splitlines())) == (4, 1)
    assert "modtui.db has no table in it, but there was a queue" in done.err
    assert "modtui doctor --recover" in done.err
    done = shell("doctor", "--recover")
    assert (done.code, done.err) == (0, "")
    assert "a new queue is in its place" in done.out
    assert "what was left beside it is kept as" in done.out


@pytest.mark.parametrize("version", [0, 8])
def test_a_queue_without_a_table_is_not_begun_anew_in_silence(shell: Shell, version: int) -> None:
    store = read_once(shell)
    backup = store.with_name(f"{store.name}.backup-{version_of(store)}")
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("VACUUM INTO ?", (str(backup),))
    before = titles(shell)
    store.unlink()
    change(store, "VACUUM", f"PRAGMA user_version = {version}")
    left = store.read_bytes()
    done = shell("queue")
    assert (done.code, done.out, len(done.err.splitlines())) == (4, "", 1)
    assert "has no table in it, but there was a queue (modtui.db.backup-" in done.err
    assert store.read_bytes() == left
    done = shell("doctor", "--recover")
    assert (done.code, done.err) == (0, "")
    assert f"{backup.name} of " in done.out
    assert titles(shell) == before
    assert [file.read_bytes() for file in store.parent.glob(f"{store.name}.damaged-*")] == [left]


@pytest.mark.parametrize("content", [b"this is no database " * 300, bytes(40960)])
def test_what_is_no_database_is_put_aside_for_the_newest_backup(
    shell: Shell, content: bytes
) -> None:
    store = read_once(shell)
    before = titles(shell)
    store.rename(store.with_name(f"{store.name}.backup-{version_of(store)}"))
    store.write_bytes(content)
    assert "is damaged (file is not a database)" in shell("queue").err
    done = shell("doctor", "--recover")
    assert (done.code, done.err) == (0, "")
    assert "is in the place of" in done.out
    assert titles(shell) == before
    kept = [file.read_bytes() for file in store.parent.glob(f"{store.name}.damaged-*")]
    assert kept == [content]


def test_a_queue_that_lacks_a_column_is_told_as_one_of_another_version(shell: Shell) -> None:
    store = read_once(shell)
    change(store, "ALTER TABLE thread RENAME COLUMN title TO titel")
    done = shell("queue")
    assert (done.code, len(done.err.splitlines())) == (4, 1)
    assert "modtui.db is not of the schema that it says (no such column: title)" in done.err
    assert "start the modtui that wrote it last, or modtui doctor --recover" in done.err
    assert "is damaged" not in done.err


def test_a_queue_that_says_an_older_schema_is_one_line_and_loses_nothing(shell: Shell) -> None:
    store = read_once(shell)
    before = titles(shell)
    change(store, "PRAGMA user_version = 5")
    for command in (("queue",), ("sync", "--once")):
        done = shell(*command)
        assert (done.code, len(done.err.splitlines())) == (4, 1)
        assert "is not of the schema that it says (duplicate column name" in done.err
    assert "was made anew of" in shell("doctor", "--recover").out
    assert titles(shell) == before


def test_a_schema_that_cannot_be_is_another_programs(shell: Shell) -> None:
    store = read_once(shell)
    change(store, "PRAGMA user_version = -3")
    for command in (("queue",), ("doctor", "--recover")):
        done = shell(*command)
        assert (done.code, len(done.err.splitlines())) == (4, 1)
        assert "is a database of another program" in done.err
    assert not list(store.parent.glob("*.backup-*"))


def read_once(shell: Shell) -> Path:
    """Read the demo once; return where its queue is, all of it in one file."""
    shell.config(DEMO)
    assert shell("sync", "--once").code == 0
    return shell.home / "state" / "modtui.db"


def titles(shell: Shell) -> list[str]:
    return [thread["title"] for thread in shell("queue", "--json").json["threads"]]


def version_of(store: Path) -> int:
    with closing(sqlite3.connect(store)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def change(store: Path, *statements: str) -> None:
    with closing(sqlite3.connect(store)) as connection:
        for sql in statements:
            connection.execute(sql)
        connection.commit()


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("PRAGMA user_version = 99", "upgrade modtui"),
        ("PRAGMA user_version = 0", "is a database of another program: move it away"),
    ],
)
def test_what_no_recovery_helps_is_not_called_sound(shell: Shell, sql: str, line: str) -> None:
    shell.config(DEMO)
    assert shell("sync", "--once").code == 0
    with closing(sqlite3.connect(shell.home / "state" / "modtui.db")) as connection:
        connection.execute(sql)
    done = shell("doctor", "--recover")
    assert (done.code, done.out, len(done.err.splitlines())) == (4, "", 1)
    assert line in done.err


def test_a_file_in_place_of_a_folder_is_one_line(shell: Shell) -> None:
    shell.config(DEMO)
    (shell.home / "state").write_text("", encoding="utf-8")
    done = shell("queue")
    assert (done.code, len(done.err.splitlines())) == (4, 1)
    assert "in place of the folder" in done.err
    shell.home.joinpath("config.toml").unlink()
    other = Path(os.environ["MODTUI_HOME"]).with_name("file")
    other.write_text("", encoding="utf-8")
    done = shell.process("queue", MODTUI_HOME=str(other))
    assert (done.code, len(done.err.splitlines())) == (4, 1)


def test_a_folder_that_cannot_be_written_is_one_line(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(folder: Path, **_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(folder))

    shell.config(DEMO)
    monkeypatch.setattr(Path, "mkdir", closed)
    for command in (("queue",), ("sync", "--once"), ("dismiss", "1")):
        done = shell(*command)
        assert (done.code, len(done.err.splitlines())) == (4, 1)
        assert f"{shell.home}/state: Permission denied: make it writable" in done.err


def test_an_unknown_command_or_option_is_a_usage_error(shell: Shell) -> None:
    done = shell("quene")
    assert done.code == 2
    assert (
        done.err
        == 'modtui: there is no command "quene" (did you mean "queue"?); see modtui --help\n'
    )
    done = shell("queue", "--jsn")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "modtui queue --help" in done.err


@pytest.mark.parametrize("line", [("extra", "9"), ("crowd-control", "9")])
def test_a_choice_that_is_missing_is_one_line_too(shell: Shell, line: tuple[str, ...]) -> None:
    done = shell(*line)
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert f"; see modtui {line[0]} --help" in done.err


def test_nothing_configured_leads_to_init(shell: Shell) -> None:
    done = shell.process()
    assert (done.code, done.out) == (4, "")
    assert "modtui init" in done.err
    assert shell("sync", "--once").code == 4


def test_the_app_needs_a_terminal(shell: Shell) -> None:
    shell.config(DEMO)
    for command in ((), ("demo",)):
        done = shell.process(*command)
        assert (done.code, len(done.err.splitlines())) == (2, 1)
        assert "terminal" in done.err


def test_nothing_that_is_printed_can_steer_the_terminal(desk: Shell) -> None:
    number = desk("queue", "--json").json["threads"][0]["id"]
    with sqlite3.connect(desk.home / "state" / "modtui.db") as connection:
        connection.execute("UPDATE thread SET url = 'https://x.example/\x1b]0;owned\x07'")
        connection.execute("UPDATE flag SET reason = 'spam\x1b[2J'")
        connection.execute("UPDATE post SET raw = x'eda0bd'")
    connection.close()
    for args in (("queue",), ("show", number), ("show", "\x1b[31m"), ("\x1b[31m",)):
        done = desk(*args)
        assert "\x1b" not in done.out + done.err
    assert desk("show", number, "--json").json["posts"][0]["raw"] == "\\ud83d"


@pytest.mark.parametrize(
    ("words", "without", "code"),
    [
        ("", "<&-", 4), ("--plain", "<&-", 4), ("queue", "<&- >&- 2>&-", 0),
        ("--version", ">&-", 0), ("nonsense", "2>&-", 2),
    ],
)  # fmt: skip
def test_who_is_started_without_streams_goes_without(
    shell: Shell, words: str, without: str, code: int
) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {sys.executable} -m modtui {words} {without}"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1


def test_no_file_gets_the_number_of_a_stream_that_is_closed(shell: Shell) -> None:
    opened = """if True:
        import os, sys
        from modtui.cli import keep_streams
        keep_streams()
        with open("/dev/null") as file:
            assert file.fileno() > 2, file.fileno()
        assert [os.get_inheritable(number) for number in range(3)] == [True] * 3
        print("\u20ac", file=sys.stderr)
    """
    command = ["/bin/sh", "-c", 'exec "$0" -c "$1" <&- >&- 2>&-', sys.executable, opened]
    assert subprocess.run(command, cwd=ROOT, check=False, timeout=60).returncode == 0
