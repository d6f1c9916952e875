"""The library on disk: the starter entries, overriding them, and files that are broken."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event
from typing import NoReturn

import pytest

from modtui.domain import rating
from modtui.domain.blocks import Block
from modtui.domain.language import guess
from modtui.domain.replies import Asked, Entry, fill, follow_up, slots
from modtui.engine import library
from modtui.engine.kept_entries import KeptEntries
from modtui.engine.library import STARTER, Library, source_of

GOOD = """
[[reply]]
id = "{id}"
[reply.en]
title = "{title}"
body = "Text"
"""
PLAIN = str.maketrans("./#", "---")
ROUTES = ("self-harm", "gambling", "self-exclusion", "threat", "doxxing", "minors", "any")


def write(folder: Path, name: str, text: str, at: int = 1) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    os.utime(path, ns=(at, at))
    return path


@pytest.fixture(scope="module")
def starter() -> Library:
    return Library([])


def test_every_starter_entry_is_there_in_all_five_languages(starter: Library) -> None:
    assert starter.problems() == ()
    entries = starter.entries()
    assert len(entries) >= 35
    assert all(set(entry.variants) == {"en", "ru", "pl", "ka", "kk"} for entry in entries)
    assert len({entry.id for entry in entries}) == len(entries)


def test_each_help_route_has_an_entry_that_can_be_sent_at_once(starter: Library) -> None:
    for route in ROUTES:
        helping = [e for e in starter.entries() if e.helps(route) and not e.light]
        assert helping, route
        for variant in helping[0].variants.values():
            assert fill(helping[0], variant, {}).missing == (), (route, variant.language)


def test_nothing_in_the_starter_library_claims_to_be_approved(starter: Library) -> None:
    variants = [v for e in starter.entries() for v in e.variants.values()]
    assert {v.approved_by for v in variants} == {""}
    assert any(e.light for e in starter.entries())


def test_the_languages_of_an_entry_ask_for_the_same_placeholders(starter: Library) -> None:
    for entry in starter.entries():
        asks = {frozenset(fill(entry, v, {}).missing) for v in entry.variants.values()}
        assert len(asks) == 1, entry.id
        for text in entry.then:
            follow_up(text)


def test_each_text_is_written_in_the_script_of_its_language(starter: Library) -> None:
    for entry in starter.entries():
        for language, variant in entry.variants.items():
            found = guess(variant.body)
            assert found in (language, None) or (found, language) == ("ru", "kk"), entry.id


def test_the_starter_library_lies_in_the_package() -> None:
    assert STARTER.parent.name == "modtui"
    assert len(list(STARTER.glob("*.toml"))) >= 4


def test_an_entry_of_ours_stands_in_for_the_starter_one(tmp_path: Path) -> None:
    first, second, base = (tmp_path / name for name in ("first", "second", "base"))
    for folder, title in ((first, "first"), (second, "second"), (base, "base")):
        folder.mkdir()
        write(folder, "a.toml", GOOD.format(id="shared", title=title))
        write(folder, "b.toml", GOOD.format(id=title, title=title))
    library = Library([first, second], base)
    titles = {e.id: e.variants["en"].title for e in library.entries()}
    assert titles == {"shared": "first", "first": "first", "second": "second", "base": "base"}
    assert library.problems() == ()


CONFLICT = """
[[reply]]
id = "limits"
[reply.en]
title = "Limits"
body = \"\"\"
<<<<<<< HEAD
Ours
=======
Theirs
>>>>>>> theirs
\"\"\"
"""


def test_marks_of_a_conflict_within_a_text_are_not_sent(tmp_path: Path) -> None:
    file = write(tmp_path, "a.toml", CONFLICT)
    library = Library([tmp_path], tmp_path / "none")
    assert library.entries() == ()
    assert library.problems()[0].startswith(f"{file}:7: git left a conflict here")
    write(tmp_path, "a.toml", CONFLICT.replace("<<<<<<< ", "<< ").replace(">>>>>>> ", ">> "), 2)
    assert library.reload_if_changed()
    assert [entry.id for entry in library.entries()] == ["limits"]


def test_a_quotation_mark_that_is_missing_is_said_in_words(tmp_path: Path) -> None:
    file = write(tmp_path, "a.toml", '[[reply]]\nid = "x\n')
    problem = Library([tmp_path], tmp_path / "none").problems()[0]
    assert problem == f"{file}:2: a text is not closed: its quotation mark is missing"


def test_what_is_named_like_a_file_and_is_none_is_not_waited_for(tmp_path: Path) -> None:
    folder, pipe = tmp_path / "a.toml", tmp_path / "b.toml"
    folder.mkdir()
    os.mkfifo(pipe)
    write(tmp_path, "c.toml", GOOD.format(id="fine", title="t"))
    library = Library([tmp_path], tmp_path / "none")
    assert [entry.id for entry in library.entries()] == ["fine"]
    assert library.problems()[:2] == (
        f"{folder}: is a folder, and named like a file: it is not read",
        f"{pipe}: is no file: it is not read",
    )


def test_a_broken_file_is_one_line_and_takes_no_other_down(tmp_path: Path) -> None:
    broken = write(tmp_path, "a.toml", '[[reply]]\nid = "x"\ntitle = \n')
    cut = write(tmp_path, "b.toml", '[[reply]]\nid = "x')
    bytes_ = tmp_path / "c.toml"
    bytes_.write_bytes(b"[[reply]]\n\xff\xfe")
    write(tmp_path, "d.toml", GOOD.format(id="fine", title="t"))
    other = write(tmp_path, "e.toml", "[settings]\nx = 1\n")
    huge = write(tmp_path, "f.toml", f"[[reply]]\nid = {'9' * 5000}\n")
    open_ = write(tmp_path, "g.toml", '[[reply]]\nid = """x\n')
    library = Library([tmp_path], tmp_path / "none")
    assert [e.id for e in library.entries()] == ["fine"]
    lines = library.problems()
    assert lines[0].startswith(f"{broken}:3: Invalid value")
    assert lines[1].startswith(f"{cut}:2: ")
    assert lines[2] == f"{bytes_}:2: not UTF-8 text: save it as UTF-8"
    assert lines[3].startswith(f"{other}:1: a library file holds [[reply]] and [[block]]")
    assert lines[4].startswith(f"{huge}:3: Exceeds the limit")
    assert lines[5].startswith(f"{open_}:3: ")
    assert lines[6] == f"{tmp_path / 'none'}: no such folder"
    assert len(lines) == 7


def test_a_folder_that_may_not_be_read_is_told_and_is_not_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path, *_: object, **__: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    write(tmp_path, "a.toml", GOOD.format(id="fine", title="t"))
    for name in ("iterdir", "stat", "read_text"):
        monkeypatch.setattr(Path, name, closed)
    library = Library([tmp_path], tmp_path)
    assert library.entries() == ()
    assert library.problems() == (f"{tmp_path}:1: Permission denied",)


def test_a_broken_entry_names_its_line_and_leaves_the_others(tmp_path: Path) -> None:
    text = GOOD.format(id="one", title="t") + GOOD.format(id="two", title="t")
    text += '[reply.ru]\ntitle = "t"\nbdy = "x"\nbody = "y"\n' + GOOD.format(id="one", title="t")
    path = write(tmp_path, "a.toml", text)
    library = Library([tmp_path], tmp_path)
    assert [e.id for e in library.entries()] == ["one"]
    number = text.splitlines().index('bdy = "x"') + 1
    again = len(text.splitlines()) - 3
    assert library.problems()[0].startswith(f"{path}:{number}: ru: 'bdy' is not known")
    assert library.problems()[1] == f"{path}:{again}: one stands twice in this file"


def test_folders_below_are_read_but_for_hidden_ones(tmp_path: Path) -> None:
    library = Library([tmp_path], STARTER)
    for name in ("a.toml", "ru/a.toml", "ru/deep/b.toml", ".git/c.toml", ".#a.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path, name, GOOD.format(id=f"of-{name}".translate(PLAIN), title="t"))
    (tmp_path / "ru" / "round").symlink_to(tmp_path)
    ours = [each for each in library.entries() if Path(each.source).parent != STARTER]
    assert [each.id for each in ours] == ["of-a-toml", "of-ru-a-toml", "of-ru-deep-b-toml"]
    assert library.problems() == ()
    second = write(tmp_path, "ru/deep/c.toml", GOOD.format(id="of-a-toml", title="t"))
    assert library.reload_if_changed()
    assert library.problems() == (f"{second}:2: of-a-toml is already in {tmp_path / 'a.toml'}",)


def test_a_folder_of_thousands_is_not_gone_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modtui.engine.library.FOLDERS", 3)
    for name in "abcdef":
        (tmp_path / name).mkdir()
        write(tmp_path / name, "x.toml", GOOD.format(id=name, title="t"))
    library = Library([tmp_path], STARTER)
    ours = [each.id for each in library.entries() if Path(each.source).parent != STARTER]
    assert ours == ["a", "b", "c"]
    why = "is not read, nor what follows: more than 3 folders are in the library"
    assert library.problems() == (f"{tmp_path / 'd'}: {why}",)


def test_a_link_that_leads_nowhere_a_mark_of_windows_and_a_conflict_of_git(tmp_path: Path) -> None:
    marked = tmp_path / "a.toml"
    marked.write_text(GOOD.format(id="fine", title="t").lstrip(), "utf-8-sig")
    conflict = f"{GOOD.format(id='b', title='t')}<<<<<<< HEAD\n"
    conflicting = write(tmp_path, "b.toml", conflict)
    link = tmp_path / "c.toml"
    link.symlink_to("/nowhere/x.toml")
    library = Library([tmp_path], STARTER)
    assert "fine" in [entry.id for entry in library.entries()]
    assert library.problems() == (
        f"{conflicting}:7: git left a conflict here: choose one of the two texts, "
        "take the marks away",
        f"{link}:1: it links to /nowhere/x.toml, which is not there",
    )


def test_one_id_in_two_files_of_a_folder_is_said(tmp_path: Path) -> None:
    first = write(tmp_path, "a.toml", GOOD.format(id="one", title="a"))
    second = write(tmp_path, "b.toml", GOOD.format(id="one", title="b"))
    library = Library([], tmp_path)
    assert [e.variants["en"].title for e in library.entries()] == ["a"]
    assert library.problems() == (f"{second}:2: one is already in {first}",)


def test_who_asks_while_another_thread_reads_gets_the_whole_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, go_on = Event(), Event()
    whole = library.expand

    def slowly(entry: Entry, blocks: Mapping[str, Block]) -> tuple[Entry | None, tuple[str, ...]]:
        reading.set()
        assert go_on.wait(30)
        return whole(entry, blocks)

    monkeypatch.setattr(library, "expand", slowly)
    shared = Library(())
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(shared.entries)
        assert reading.wait(30)
        second = pool.submit(shared.entries)
        wait((second,), timeout=0.2)
        go_on.set()
        assert second.result() == first.result() != ()


def test_keywords_are_looked_through_where_the_library_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = Library(()).entries()
    assert any(entry.keywords for entry in entries)
    looked: list[str] = []
    stems = rating._stems_of

    def noted(text: str) -> list[str]:
        looked.append(text)
        return stems(text)

    monkeypatch.setattr(rating, "_stems_of", noted)
    for route in (None, "self-harm"):
        asked = Asked("where is my withdrawal", "en", ("question",), route)
        assert slots(entries, asked, {}, None, {})
    assert looked == ["where is my withdrawal"] * 2


def test_files_are_read_again_when_they_changed(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", GOOD.format(id="one", title="old"))
    library = Library([], tmp_path)
    assert library.entries()[0].variants["en"].title == "old"
    assert not library.reload_if_changed()
    write(tmp_path, "a.toml", GOOD.format(id="one", title="new"), at=2)
    write(tmp_path, "b.toml", "broken", at=2)
    assert library.reload_if_changed()
    assert library.entries()[0].variants["en"].title == "new"
    assert len(library.problems()) == 1
    (tmp_path / "a.toml").unlink()
    (tmp_path / "b.toml").unlink()
    assert library.reload_if_changed()
    assert (library.entries(), library.problems()) == ((), ())


def test_what_a_broken_file_held_stays_in_use_until_it_is_mended(tmp_path: Path) -> None:
    good = GOOD.format(id="one", title="good") + GOOD.format(id="two", title="good")
    path = write(tmp_path, "a.toml", good)
    library = Library([], tmp_path)
    assert library.problems() == ()
    write(tmp_path, "a.toml", good + 'id = "', at=2)
    assert library.reload_if_changed()
    assert library.problems()[0].startswith(f"{path}:")
    assert [e.variants["en"].title for e in library.entries()] == ["good", "good"]
    write(tmp_path, "a.toml", good.replace("good", "new").replace("body", "bdy", 1), at=3)
    assert library.reload_if_changed()
    titles = {e.id: e.variants["en"].title for e in library.entries()}
    assert titles == {"one": "good", "two": "new"}
    write(tmp_path, "a.toml", GOOD.format(id="two", title="mended"), at=4)
    assert library.reload_if_changed()
    assert library.problems() == ()
    assert {e.id: e.variants["en"].title for e in library.entries()} == {"two": "mended"}


def test_an_entry_knows_its_line_and_its_own_text(tmp_path: Path) -> None:
    first, second = GOOD.format(id="one", title="a"), GOOD.format(id="two", title="b")
    text = f"# ours\n{first}# about two\n{second}"
    path = write(tmp_path, "a.toml", text)
    one, two = Library([], tmp_path).entries()
    lines = text.splitlines()
    assert [lines[e.line - 1] for e in (one, two)] == ["[[reply]]", "[[reply]]"]
    assert (one.line, two.line) == (3, 10)
    assert source_of(one) == first.lstrip()
    assert source_of(two) == second.lstrip()
    assert one.source == str(path)
    for entry in Library([]).entries():
        assert source_of(entry).startswith(f'[[reply]]\nid = "{entry.id}"\n')


@pytest.mark.parametrize("quotes", ['"' * 3, "'" * 3])
def test_lines_are_those_of_the_file_whatever_stands_in_a_text(tmp_path: Path, quotes: str) -> None:
    odd = f"[[reply]]\n[[block]]\none\u2028two\x85three {'=' * 3}\n"
    first = f'[[reply]]\nid = "one"\n[reply.en]\ntitle = "a"\nbody = {quotes}\n{odd}{quotes}\n'
    text = f"# it has three {quotes}\n{first}" + GOOD.format(id="two", title="b")
    text += 'bdy = "x"\n' + GOOD.format(id="three", title="c") + '[[block]]\nid = "bye"\nen = ""\n'
    path = write(tmp_path, "a.toml", text)
    library = Library([], tmp_path)
    one, three = library.entries()
    lines = text.split("\n")
    assert lines.index('id = "three"') == three.line
    assert source_of(one) == first
    key, block = lines.index('bdy = "x"') + 1, lines.index('id = "bye"')
    places = [problem.partition(": ")[0] for problem in library.problems()]
    assert places == [f"{path}:{key}", f"{path}:{block}"]


WITH_BLOCK = """
[[block]]
id = "bye"
en = "Yours, {team}"

[[reply]]
id = "fees"
[reply.en]
title = "Fees"
body = "None.\\n{{include bye}}"
[reply.ru]
title = "Комиссия"
body = "Нет. {{ include bye }}"
"""


def test_a_block_stands_where_it_is_included(tmp_path: Path) -> None:
    file = write(tmp_path, "a.toml", WITH_BLOCK)
    library = Library([tmp_path], starter=tmp_path / "none")
    [entry] = library.entries()
    assert entry.variants["en"].body == "None.\nYours, {team}"
    assert entry.variants["en"].placeholders == ("team",)
    assert set(entry.variants) == {"en"}
    why = "fees: block bye has no text in ru: the reply is not offered in it"
    assert f"{file}:6: {why}" in library.problems()
    assert "[[block]]" not in source_of(entry)


def test_a_block_of_another_file_is_found_also_when_the_entries_are_kept(tmp_path: Path) -> None:
    team = tmp_path / "team"
    team.mkdir()
    write(team, "a.toml", GOOD.format(id="fees", title="Fees").replace("Text", "{{include bye}}"))
    kept = KeptEntries(tmp_path / "kept.json")
    library = Library([team], starter=tmp_path / "none", kept=kept)
    assert library.entries() == ()
    why = "fees: no block is bye: the reply is not offered in en"
    assert f"{team / 'a.toml'}:2: {why}" in library.problems()
    write(team, "b.toml", '[[block]]\nid = "bye"\nen = "Bye!"\n')
    assert library.reload_if_changed()
    for each in (library, Library([team], starter=tmp_path / "none", kept=kept)):
        assert [e.variants["en"].body for e in each.entries()] == ["Bye!"]
    write(team, "b.toml", '[[block]]\nid = "bye"\nen = "Ciao!"\n', at=2)
    assert library.reload_if_changed()
    assert [e.variants["en"].body for e in library.entries()] == ["Ciao!"]


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ('id = "A"\nen = "x"', "id must be lower-case"),
        ('id = "a"', "no text"),
        ('id = "a"\nen = ""', "en must be a language and its text"),
        ('id = "a"\ntags = ["x"]', "tags must be a language and its text"),
        ('id = "a"\nen = "{{include b}}"', "includes another block"),
        ('id = "a"\nen = "{x y}"', "a placeholder is {name}"),
        ('id = "a"\nen = "x\\u202e"', "hidden or control"),
    ],
)
def test_a_broken_block_is_named_and_takes_no_other_down(
    tmp_path: Path, block: str, why: str
) -> None:
    text = f'[[block]]\nid = "ok"\nen = "x"\n\n[[block]]\n{block}\n'
    file = write(tmp_path, "a.toml", text + GOOD.format(id="fees", title="Fees"))
    library = Library([tmp_path], starter=tmp_path / "none")
    [problem] = [line for line in library.problems() if "none" not in line]
    assert problem.startswith(f"{file}:5: block")
    assert why in problem
    assert [e.id for e in library.entries()] == ["fees"]
