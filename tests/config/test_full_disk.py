"""Files beside the queue on a full disk: one line each, and what was there before stays whole."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from modtui.config import write_private
from modtui.credentials import CredentialsError, Need, Vault, Wanted
from modtui.credentials.vault import Cost, VaultFailed
from modtui.domain.secret import Secret
from modtui.engine.entry_files import copy
from modtui.engine.library import Library
from modtui.screens.editor import Editing
from modtui.terminal.app import TerminalApp
from tests.disks import fill, small_disk
from tests.pty.community import command, environment, settle_in, told


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", megabytes=8) as folder:
        yield folder


def test_a_file_of_the_configuration_is_written_whole_or_not_at_all(disk: Path) -> None:
    file = disk / "config.d" / "forum.toml"
    write_private(file, b'theme = "night"\n')
    fill(disk)
    with pytest.raises(OSError, match="No space left") as caught:
        write_private(file, b"x" * 100_000)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(file))
    assert file.read_bytes() == b'theme = "night"\n'
    assert [path.name for path in file.parent.iterdir()] == ["forum.toml"]


def test_a_text_for_the_editor_without_room_leaves_nothing_to_be_told_of(disk: Path) -> None:
    fill(disk)
    with pytest.raises(OSError, match="No space left"):
        Editing.begin(disk / "editing", "x" * 100_000)
    assert list((disk / "editing").iterdir()) == []


def test_an_entry_of_the_library_is_not_half_copied(disk: Path) -> None:
    entry = Library([]).entries()[0]
    folder = disk / "replies"
    folder.mkdir()
    fill(disk)
    with pytest.raises(OSError, match="No space left"):
        copy(entry, folder)
    assert list(folder.iterdir()) == []


def test_replies_that_are_brought_in_are_whole_or_not_there(disk: Path) -> None:
    settle_in(disk)
    table = disk / "replies.csv"
    table.write_text(f"title,body\nFees,{'None. ' * 20_000}\n")
    fill(disk)
    done = command(disk, "faq", "import", str(table), "--into", str(disk / "mine"))
    assert done.returncode == 4
    assert done.stderr.endswith("No space left on device\n")
    assert done.stderr.count("\n") == 1
    assert not any((disk / "mine").glob("*"))
    (disk / "filling").unlink()
    assert command(disk, "faq", "import", str(table), "--into", str(disk / "mine")).returncode == 0


def test_a_vault_without_room_keeps_what_it_had(disk: Path) -> None:
    def vault() -> Vault:
        opened = Vault(disk / "vault" / "vault.json", write_private, Cost(memory_kib=64, passes=1))
        opened.unlock(Secret("correct horse"))
        return opened

    forum = Wanted("forum", "https://f.example:443", ("token",), ("password",), "vault")
    vault().keep(forum, {"token": Secret("t0ken")})
    fill(disk)
    with pytest.raises(VaultFailed, match=r"nothing was saved: .*No space left"):
        vault().keep(forum, {"token": Secret("x" * 100_000)})
    kept = vault().read([Need(forum, ("token",))])["forum"]
    assert not isinstance(kept, CredentialsError)
    assert kept["token"].reveal() == "t0ken"


def test_a_crash_without_room_for_its_report_says_so(disk: Path) -> None:
    folder = disk / "reports"
    folder.mkdir()
    fill(disk)
    app = TerminalApp[None](crash_folder=folder)
    assert "no report could be written" in app.write_report(ValueError("x" * 100_000))


def test_commands_on_a_full_disk_end_with_four_and_one_line(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=8) as home:
        settle_in(home)
        assert command(home, "sync", "--once").returncode == 0
        before = told(home, "queue")["counts"]["open"]
        fill(home)
        full = command(home, "note", "1", "word " * 20_000)
        assert full.returncode == 4
        assert "the disk is full" in full.stderr
        assert full.stderr.count("\n") == 1
        # Not even the index of the log finds room, without which nothing can be read.
        assert command(home, "queue").returncode == 4
        (home / "filling").unlink()
        assert told(home, "queue")["counts"]["open"] == before
        assert command(home, "note", "1", "a note").returncode == 0


def test_a_sound_queue_on_a_full_disk_is_not_made_anew(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=8) as home:
        settle_in(home)
        assert command(home, "sync", "--once").returncode == 0
        fill(home)
        done = command(home, "doctor", "--recover")
        assert done.returncode == 4
        assert done.stdout == ""
        assert "the disk is full" in done.stderr
        assert not (home / "modtui" / "state" / "modtui.db.new").exists()
        (home / "filling").unlink()
        assert "is sound" in command(home, "doctor", "--recover").stdout


def test_a_damaged_queue_that_finds_no_room_to_be_made_anew_stays_alone(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=8) as home:
        settle_in(home)
        assert command(home, "sync", "--once").returncode == 0
        state = home / "modtui" / "state"
        torn = (state / "modtui.db").read_bytes()[:-8192]
        (state / "modtui.db").write_bytes(torn)
        fill(home, but=100_000)
        done = command(home, "doctor", "--recover")
        assert done.returncode == 4
        assert "the disk is full" in done.stderr
        assert (state / "modtui.db").read_bytes() == torn
        assert not list(state.glob("modtui.db.new*"))


def test_a_first_start_on_a_full_disk_ends_with_four_and_one_line(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=8) as home:
        settle_in(home)
        fill(home)
        done = subprocess.run(
            [sys.executable, "-m", "modtui", "sync", "--once"],
            env=environment(home), capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 4, done.stderr
        assert "Traceback" not in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words", [("queue", "--json"), ("status",), ("faq", "export"), ("--help",)]
)
def test_output_that_finds_no_room_is_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    settle_in(tmp_path)
    with Path("/dev/full").open("wb") as nowhere:
        done = subprocess.run(
            [sys.executable, "-m", "modtui", *words],
            env=environment(tmp_path), stdout=nowhere, stderr=subprocess.PIPE, text=True,
            check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 4
    said = "modtui: what was to be told found no room: No space left on device\n"
    assert done.stderr == said
