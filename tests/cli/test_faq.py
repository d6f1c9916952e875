"""`modtui faq`: from a file into the library and out again, on the command line."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
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
    assert done.out == f"1 entry, in {written}\n"
    assert written.stat().st_mode & 0o777 == 0o600
    [entry] = [e for e in Library([tmp_path / "replies"]).entries() if e.id == "fees"]
    assert entry.keywords == ("fee", "cost")


def test_a_second_import_leaves_out_what_is_there_and_says_so(shell: Shell, tmp_path: Path) -> None:
    shell("faq", "import", csv(tmp_path, "fees,Fees,None.,"))
    done = shell("faq", "import", csv(tmp_path, "fees,Fees,Five.,", "new,New,Yes.,"))
    assert done.code == 1
    first = tmp_path / "replies" / "our-replies.toml"
    assert done.err == f"modtui: {tmp_path}/Our Replies.csv:2: fees is already in {first}:1\n"
    assert done.out == f"1 entry, in {first.with_name('our-replies-2.toml')}\n"
    assert Library([tmp_path / "replies"]).problems() == ()


def test_one_bad_row_takes_no_other_down(shell: Shell, tmp_path: Path) -> None:
    done = shell("faq", "import", csv(tmp_path, "fees,Fees,{oops,", "new,New,Yes.,"))
    assert done.code == 1
    assert "Our Replies.csv:2: en.body: a placeholder is {name}" in done.err
    assert done.out.startswith("1 entry")


def test_a_file_may_begin_with_a_byte_order_mark(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "codes.json"
    file.write_text('[{"short_code": "fees", "content": "None."}]', "utf-8-sig")
    done = shell("faq", "import", file, "--format", "chatwoot", "--dry-run")
    assert (done.code, done.err) == (0, "")
    page = tmp_path / "page.md"
    page.write_text("# fees\n\nNone.\n", "utf-8-sig")
    assert shell("faq", "import", page, "--dry-run").out == done.out


@pytest.mark.parametrize(
    ("written", "said"), [("cp1251", ("--encoding", "cp1251")), ("utf-16", ()), ("utf-8", ())]
)
def test_a_table_in_another_encoding(
    shell: Shell, tmp_path: Path, written: str, said: tuple[str, ...]
) -> None:
    file = tmp_path / "tabs.csv"
    file.write_text("title\tbody\nСроки\tТри дня\n", written)
    done = shell("faq", "import", file, "--language", "ru", *said)
    assert (done.code, done.err) == (0, "")
    [entry] = [e for e in Library([tmp_path / "replies"]).entries() if e.id == "sroki"]
    assert entry.variants["ru"].body == "Три дня"


def test_an_encoding_that_is_not_said_or_not_known(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "tabs.csv"
    file.write_text("title,body\nСроки,Три дня\n", "cp1251")
    done = shell("faq", "import", file)
    hint = "save it as UTF-8, or say what it is: --encoding cp1251"
    assert (done.code, done.err) == (1, f"modtui: {file}:2: not UTF-8 text: {hint}\n")
    done = shell("faq", "import", file, "--encoding", "ascii")
    assert (done.code, done.err) == (1, f"modtui: {file}:2: not ascii text\n")
    done = shell("faq", "import", file, "--encoding", "cp1")
    assert (done.code, done.err) == (2, "modtui: --encoding cp1: not known; such as cp1251\n")


def test_a_second_file_whose_titles_no_id_is_made_of_is_brought_in_too(
    shell: Shell, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("title,body\n費用,a\n", "utf-8")
    second.write_text("title,body\n時間,b\n", "utf-8")
    for file in (first, second):
        done = shell("faq", "import", file)
        assert (done.code, done.err) == (0, "")
    done = shell("faq", "import", second)
    assert done.code == 1
    assert f"second.csv:2: reply-2 is already in {tmp_path}/replies/second.toml:1" in done.err


@pytest.mark.parametrize("command", ["import", "bench"])
@pytest.mark.parametrize(
    ("name", "why"), [("nosuch.csv", "does not exist"), ("", "is a directory")]
)
def test_a_file_that_is_none_is_a_wrong_argument(
    shell: Shell, tmp_path: Path, command: str, name: str, why: str
) -> None:
    done = shell("faq", command, tmp_path / name)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert why in done.err
    assert f"see modtui faq {command} --help" in done.err


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
    file.write_bytes(b"title,body\n\xcf\xf0")
    assert f"{file}:2: not UTF-8 text" in shell("faq", "import", file, "--format", "csv").err
    assert "does not exist" in shell("faq", "import", tmp_path / "none.csv").err


def test_a_library_file_is_not_imported_and_a_language_that_was_guessed_is_said(
    shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "ours.toml"
    file.write_text("", "utf-8")
    assert "is a library file: put it into a folder" in shell("faq", "import", file).err
    table = csv(tmp_path, "fees,Комиссия,Вывод на карту ничего не стоит.,")
    said = shell("faq", "import", table).out
    assert "1 text without a language, kept as en; it looks like ru: --language ru" in said


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


def test_what_is_given_out_is_utf_8_whatever_the_locale(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "replies").mkdir()
    done = shell.process("faq", "export", "--starter", PYTHONUTF8="0", PYTHONIOENCODING="latin-1")
    assert (done.code, done.err) == (0, "")
    assert "Сроки вывода" in done.out


def test_without_a_public_entry_it_says_so(shell: Shell) -> None:
    done = shell("faq", "export", "--public")
    assert done.code == 1
    assert 'no entry is tagged "public": there is nothing to publish' in done.err


@pytest.mark.parametrize(
    "args", [("--format", "html"), ("--public", "--format", "csv"), ("--set", "a=b"),
             ("--public", "--set", "a")],
)  # fmt: skip
def test_options_that_do_not_go_together_are_refused(shell: Shell, args: tuple[str, ...]) -> None:
    assert shell("faq", "export", *args).code == 2


TWO = """
[[reply]]
id = "fees"
examples = ["what do you charge me"]
[reply.en]
title = "Fees of a withdrawal"
body = "A withdrawal by card costs nothing."
[reply.ru]
title = "Комиссия за вывод"
body = "Вывод на карту без комиссии."
[[reply]]
id = "wheel"
[reply.en]
title = "The wheel hangs"
body = "Reload the page, the spin is kept."
"""


@pytest.fixture
def two(shell: Shell, tmp_path: Path) -> Shell:
    """A library with two entries besides those that came with modtui."""
    (tmp_path / "replies").mkdir()
    (tmp_path / "replies" / "two.toml").write_text(TWO, "utf-8")
    return shell


def test_suggest_ranks_without_a_queue_and_marks_what_is_weak(two: Shell, tmp_path: Path) -> None:
    done = two("faq", "suggest", "the wheel hangs, do I reload the page?", "--json")
    assert (done.code, done.err) == (0, "")
    found = done.json["suggestions"]
    assert (found[0]["id"], found[0]["weak"]) == ("wheel", False)
    assert found[0]["fit"] >= 1
    assert len(found) <= 9
    assert [one["weak"] for one in found] == [one["fit"] < 1 for one in found]
    assert any(one["weak"] for one in found)
    assert (done.json["language"], done.json["choices"]) == ("en", 0)
    assert not list((tmp_path / "home").rglob("*.db"))
    first = two("faq", "suggest", "the wheel hangs, do I reload the page?").out.splitlines()[0]
    assert first.split()[1:] == ["good", "wheel", "en", "The", "wheel", "hangs"]


def test_suggest_shows_the_text_of_the_language(two: Shell) -> None:
    said = two("faq", "suggest", "комиссия за вывод на карту", "--json").json
    assert (said["language"], said["suggestions"][0]["title"]) == ("ru", "Комиссия за вывод")
    said = two("faq", "suggest", "fees withdrawal card", "--language", "ru", "--json").json
    assert [one["language"] for one in said["suggestions"] if one["id"] == "fees"] == ["ru"]


def test_suggest_puts_help_first_where_the_words_open_a_route(two: Shell) -> None:
    said = two("faq", "suggest", "I want to die, the wheel hangs", "--json").json
    assert said["help_route"] == "self-harm"
    weak = {one["id"]: one["weak"] for one in said["suggestions"]}
    assert (next(iter(weak)), weak["help-self-harm"], weak["wheel"]) == (
        "help-self-harm", False, True,
    )  # fmt: skip
    said = two("faq", "suggest", "I want to die").out
    assert said.endswith("its words open the help route self-harm\n")


def test_suggest_knows_what_was_chosen_before(two: Shell) -> None:
    odd = "qqq www"
    assert two("faq", "suggest", odd).out == "nothing fits\n"
    learned(two.home, "wheel", odd)
    said = two("faq", "suggest", odd, "--json").json
    assert (said["choices"], said["suggestions"][0]["id"]) == (3, "wheel")


def learned(home: Path, entry: str, text: str) -> None:
    """Keep in the queue that `entry` answered `text` three times."""
    from modtui.cli.compose import open_store, set_up
    from modtui.domain.features import lesson

    store = open_store(set_up().paths.store)
    at = datetime(2026, 3, 2, tzinfo=UTC)

    async def work() -> None:
        for _ in range(3):
            await store.write(lambda tx: tx.count_sent(entry, 1, "mod-a", at, lesson(text)))
        await store.close()

    asyncio.run(work())


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_bench_says_how_often_the_right_entry_is_found(
    two: Shell, tmp_path: Path, kind: str
) -> None:
    asked = [("the wheel hangs", "wheel"), ("what do you charge me", "fees"), ("qqq www", "fees")]
    file = tmp_path / f"questions.{kind}"
    rows = [json.dumps({"text": text, "id": name}) for text, name in asked]
    if kind == "csv":
        rows = ["text,id", *(f"{text},{name}" for text, name in asked)]
    file.write_text("\n".join(rows) + "\n", "utf-8")
    done = two("faq", "bench", file, "--json")
    assert (done.code, done.err) == (0, "")
    assert (done.json["questions"], done.json["examples"]) == (3, 1)
    assert done.json["recall"] == {"1": 0.6667, "3": 0.6667, "9": 0.6667}
    last = 4 if kind == "csv" else 3
    assert done.json["missed"] == [{"line": last, "id": "fees", "first": ""}]
    assert two("faq", "bench", file).out == (
        f"{file}:{last}: fees is not among nine; first is none\n"
        "in the first 1: 66.7%\nin the first 3: 66.7%\nin the first 9: 66.7%\n"
        "3 questions, 1 of them examples in the library, 0 cannot be used\n"
    )


def test_bench_names_each_question_that_cannot_be_used(two: Shell, tmp_path: Path) -> None:
    file = tmp_path / "q.csv"
    file.write_text("text,id\nthe wheel hangs,wheel\nwhat,nowhere\n,fees\nshort\n", "utf-8")
    done = two("faq", "bench", file)
    assert done.code == 1
    assert done.err.splitlines() == [
        f"modtui: {file}:3: there is no entry nowhere",
        f"modtui: {file}:4: a question has text and id",
        f"modtui: {file}:5: there is no entry without an id",
    ]
    assert done.out.endswith("1 question, 3 cannot be used\n")
    lines = tmp_path / "q.jsonl"
    lines.write_text('{"text": "the wheel hangs", "id": "wheel"}\nnot json\n[1]\n', "utf-8")
    assert two("faq", "bench", lines, "--json").json["problems"] == [
        f"{lines}:2: a question has text and id", f"{lines}:3: a question has text and id",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"question,id\na,b\n", "q.csv:1: the header has no column 'text'"),
        (b"\xff", "q.csv:1: not UTF-8 text"),
        (b'text,id\n"open,fees\n', "not a CSV table"),
        (b"text,id\n", ""),
    ],
)
def test_bench_without_any_question_fails(
    two: Shell, tmp_path: Path, said: bytes, why: str
) -> None:
    file = tmp_path / "q.csv"
    file.write_bytes(said)
    done = two("faq", "bench", file)
    assert done.code == 1
    assert why in done.err


def test_suggest_marks_help_as_weak_and_last_where_no_route_is_open(
    two: Shell, tmp_path: Path
) -> None:
    care = TWO.replace('id = "fees"', 'id = "care"\ntags = ["help:self-harm"]')
    (tmp_path / "replies" / "two.toml").write_text(care, "utf-8")
    said = two("faq", "suggest", "fees of a withdrawal by card, the wheel hangs", "--json").json
    found = {one["id"]: (one["fit"] >= 1, one["weak"]) for one in said["suggestions"]}
    assert (said["help_route"], found["care"], found["wheel"]) == (
        None, (True, True), (True, False),
    )  # fmt: skip
    assert list(found).index("wheel") < list(found).index("care")
