"""`modtui faq`: from a file into the library and out again, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modtui.engine.library import Library
from tests.cli.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = Shell(tmp_path / "home", monkeypatch)
    shell.config(
        '[moderator]\nname = "mod-a"\ntimezone = "UTC"\nlanguages = ["en"]\n'
        f'[library]\nfolders = ["{tmp_path}/replies"]\n'
    )
    return shell


def csv(folder: Path, *rows: str) -> Path:
    path = folder / "Our Replies.csv"
    path.write_text("\n".join(("id,title,body,keywords", *rows, "")), "utf-8")
    return path


def test_what_is_brought_in_is_in_the_library(shell: Shell, tmp_path: Path) -> None:
    done = shell("faq", "import", csv(tmp_path, "fees,Fees,None.,fee;cost"))
    assert (done.code, done.err) == (0, "")
    written = tmp_path / "replies" / "our-replies.toml"
    assert done.out == f"1 entries, in {written}\n"
    assert written.stat().st_mode & 0o777 == 0o600
    [entry] = [e for e in Library([tmp_path / "replies"]).entries() if e.id == "fees"]
    assert entry.keywords == ("fee", "cost")


def test_a_second_import_leaves_out_what_is_there_and_says_so(shell: Shell, tmp_path: Path) -> None:
    shell("faq", "import", csv(tmp_path, "fees,Fees,None.,"))
    done = shell("faq", "import", csv(tmp_path, "fees,Fees,Five.,", "new,New,Yes.,"))
    assert done.code == 1
    first = tmp_path / "replies" / "our-replies.toml"
    assert done.err == f"modtui: {tmp_path}/Our Replies.csv:2: fees is already in {first}:1\n"
    assert done.out == f"1 entries, in {first.with_name('our-replies-2.toml')}\n"
    assert Library([tmp_path / "replies"]).problems() == ()


def test_one_bad_row_takes_no_other_down(shell: Shell, tmp_path: Path) -> None:
    done = shell("faq", "import", csv(tmp_path, "fees,Fees,{oops,", "new,New,Yes.,"))
    assert done.code == 1
    assert "Our Replies.csv:2: en.body: a placeholder is {name}" in done.err
    assert done.out.startswith("1 entries")


def test_a_dry_run_writes_nothing(shell: Shell, tmp_path: Path) -> None:
    done = shell("faq", "import", "--dry-run", csv(tmp_path, "fees,Fees,None.,"))
    assert done.code == 0
    assert 'id = "fees"' in done.out
    assert not (tmp_path / "replies").exists()


def test_a_file_whose_kind_is_not_said_or_that_is_none(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "macros.json"
    file.write_text("{", "utf-8")
    assert "say what it is: --format" in shell("faq", "import", file).err
    done = shell("faq", "import", file, "--format", "zendesk")
    assert (done.code, done.err.startswith(f"modtui: {file}:1: not JSON")) == (1, True)
    file.write_bytes(b"\xff")
    assert "not UTF-8" in shell("faq", "import", file, "--format", "csv").err
    assert "No such file" in shell("faq", "import", tmp_path / "none.csv").err


@pytest.mark.parametrize("kind", ["csv", "markdown"])
def test_what_is_given_out_can_be_brought_in_elsewhere(
    shell: Shell, tmp_path: Path, kind: str
) -> None:
    shell("faq", "import", csv(tmp_path, "fees,Fees,None.,fee"))
    file = tmp_path / "out"
    file.write_text(shell("faq", "export", "--format", kind).out, "utf-8")
    other = tmp_path / "other"
    done = shell("faq", "import", file, "--format", kind, "--into", other)
    assert (done.code, done.err) == (0, "")
    assert [e.id for e in Library([other]).entries() if Path(e.source).parent == other] == ["fees"]


def test_lint_names_what_is_broken_and_what_surprises(shell: Shell, tmp_path: Path) -> None:
    shell("faq", "import", csv(tmp_path, "fees,Fees,{days} days.,"))
    assert shell("faq", "lint").code == 0
    done = shell("faq", "lint", "--strict", "--json")
    assert done.code == 1
    whats = [remark["what"] for remark in json.loads(done.out)["remarks"]]
    assert "en: asks for {days} each time" in whats
    (tmp_path / "replies" / "bad.toml").write_text("x =", "utf-8")
    done = shell("faq", "lint")
    assert done.code == 1
    assert f"{tmp_path}/replies/bad.toml:1: " in done.out


def test_the_public_part_is_printed_and_what_is_left_out_is_named(
    shell: Shell, tmp_path: Path
) -> None:
    folder = tmp_path / "replies"
    folder.mkdir()
    (folder / "a.toml").write_text(
        '[[reply]]\nid = "fees"\ntags = ["public"]\n[reply.en]\ntitle = "Fees"\nbody = "None."\n'
        'approved_by = "lead"\n[reply.ru]\ntitle = "Комиссия"\nbody = "Нет."\n',
        "utf-8",
    )
    done = shell("faq", "export", "--public")
    assert (done.code, done.out) == (1, "# Questions and answers\n\n## Fees\n\nNone.\n")
    assert "fees, ru: not approved" in done.err
    done = shell("faq", "export", "--public", "--format", "html", "--language", "en")
    assert (done.code, done.err) == (0, "")
    assert "<h2" in done.out


@pytest.mark.parametrize(
    "args", [("--format", "html"), ("--public", "--format", "csv"), ("--set", "a=b"),
             ("--public", "--set", "a")],
)  # fmt: skip
def test_options_that_do_not_go_together_are_refused(shell: Shell, args: tuple[str, ...]) -> None:
    assert shell("faq", "export", *args).code == 2
