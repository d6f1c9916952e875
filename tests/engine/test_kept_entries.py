"""What was read of the library is kept for the next start, and counts for nothing else."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from modtui.engine import kept_entries, library
from modtui.engine.kept_entries import KeptEntries
from modtui.engine.library import Library


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that holds the starter entries."""
    path = tmp_path / "cache" / "replies.json"
    Library([], kept=KeptEntries(path)).entries()
    return path


def unread(*args: object) -> None:
    raise AssertionError(f"parsed: {args}")


def test_the_next_start_has_the_same_entries_and_parses_none(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = Library([]).entries()
    monkeypatch.setattr(library, "_load", unread)
    kept = Library([], kept=KeptEntries(file))
    assert kept.entries() == parsed
    assert kept.problems() == ()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_was_read_of_the_file_is_let_go_when_the_entries_are_there(file: Path) -> None:
    kept, path = KeptEntries(file), next(library.STARTER.glob("*.toml"))
    found = path.stat()
    stamp = (found.st_mtime_ns, found.st_size)
    assert kept.get(path, stamp) is not None
    Library([], kept=kept).entries()
    file.unlink()
    assert kept.get(path, stamp) is None


def test_nothing_that_is_read_or_written_in_one_go_is_longer_than_an_entry(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []

    def loads(line: bytes) -> object:
        read.append(line)
        return json.loads(line)

    monkeypatch.setattr(kept_entries, "json", SimpleNamespace(loads=loads, dumps=json.dumps))
    entries = Library([], kept=KeptEntries(file)).entries()
    assert len(read) > len(entries)
    assert max(map(len, read)) < len(file.read_bytes()) / 8
    lines = file.read_bytes().splitlines()
    assert len(lines) > len(entries)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"version": 1}', b"\xff"])
def test_a_damaged_file_counts_for_nothing_and_is_written_again(file: Path, damage: bytes) -> None:
    whole = file.read_bytes()
    file.write_bytes(damage)
    assert Library([], kept=KeptEntries(file)).entries() == Library([]).entries()
    assert file.read_bytes() == whole


def test_what_another_version_kept_counts_for_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_entries, "__version__", "another")
    path = next(library.STARTER.glob("*.toml"))
    found = path.stat()
    assert KeptEntries(file).get(path, (found.st_mtime_ns, found.st_size)) is None


def test_a_file_that_changed_is_parsed_and_what_a_broken_one_held_stays(tmp_path: Path) -> None:
    folder, kept = tmp_path / "mine", tmp_path / "replies.json"
    folder.mkdir()
    text = '[[reply]]\nid = "one"\n[reply.en]\ntitle = "{}"\nbody = "Text"\n'
    mine = folder / "a.toml"

    def title() -> tuple[str, ...]:
        found = Library([], folder, KeptEntries(kept))
        return tuple(entry.variants["en"].title for entry in found.entries()) + found.problems()

    for number, words in enumerate(("first", "second")):
        mine.write_text(text.format(words), "utf-8")
        os.utime(mine, ns=(number, number))
        assert title() == title() == (words,)
    mine.write_text("broken", "utf-8")
    for number in range(3):
        good, problem = title()
        assert good == "second"
        assert problem.startswith(f"{mine}:1: ")
        # Another file is read and kept meanwhile.
        other = folder / "0.toml"
        other.write_text(f'[[block]]\nid = "b"\nen = "{number}"\n', "utf-8")
        (folder / "1.toml").write_text(f"# {number}\n", "utf-8")
    mine.write_text(text.format("third"), "utf-8")
    assert title() == ("third",)


def test_an_entry_that_cannot_be_read_is_there_as_it_was_after_a_start_too(tmp_path: Path) -> None:
    folder, kept = tmp_path / "mine", tmp_path / "replies.json"
    folder.mkdir()
    one = '[[reply]]\nid = "one"\n[reply.en]\ntitle = "One"\nbody = "Text"\n'
    two = one.replace("one", "two").replace("One", "Two")
    mine = folder / "a.toml"
    mine.write_text(one + two, "utf-8")
    Library([], folder, KeptEntries(kept)).entries()
    mine.write_text(one.replace("One", "First") + two + "bdy = 1\n", "utf-8")
    for _ in range(2):
        found = Library([], folder, KeptEntries(kept))
        titles = [entry.variants["en"].title for entry in found.entries()]
        assert titles == ["First", "Two"]
        assert found.problems() == (
            f"{mine}:11: en: 'bdy' is not known, did you mean 'body'? (allowed: title, body,"
            " approved_by, approved_at, defaults)",
        )


def test_where_it_cannot_be_written_the_entries_are_there_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in place of the folder")
    kept = KeptEntries(tmp_path / "cache" / "replies.json")
    assert Library([], kept=kept).entries() == Library([]).entries()
