"""faq: the library of quick replies on the line: looked over, brought in, given out."""

from __future__ import annotations

import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from modtui.cli import plain
from modtui.cli.compose import set_up, shelf
from modtui.cli.exits import Exit, Failure
from modtui.cli.failure import failing
from modtui.cli.reading import AS_JSON
from modtui.domain.replies import Entry
from modtui.engine.library import Library
from modtui.exchange import Found

_READS = ("csv", "markdown", "discourse", "zendesk", "chatwoot")
_WRITES = ("toml", "csv", "markdown", "html")
_TOLD_APART = ("ka", "kk", "ru", "pl", "en")
_SUFFIXES = {".csv": "csv", ".md": "markdown", ".markdown": "markdown"}
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(invoke_without_command=True)
@click.pass_context
def faq(context: click.Context) -> None:
    """Check, fill and give out the library of quick replies."""
    if context.invoked_subcommand is None:
        raise click.UsageError(f"which one: {', '.join(sorted(faq.commands))}", context)


@faq.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Remarks count too: exit with 1 where there is one.")
@AS_JSON
def lint(folders: Sequence[Path], strict: bool, as_json: bool) -> int:
    """Look FOLDERS over, or yours.

    Names what cannot be read, and what will surprise a sender. Exits with 1 where a file or an
    entry cannot be read.
    """
    from modtui.domain.lint import House, lint
    from modtui.engine.answers import fillable

    with failing():
        setup = set_up()
        ours = (Path(folder) for folder in setup.config.desk.library_folders)
        library = Library(folders or tuple(ours))
        entries, problems = _own(library), library.problems()
    desk = setup.config.desk
    wanted = dict.fromkeys(lang for team in desk.teams for lang in team.languages)
    house = House(
        tuple(dict.fromkeys((*desk.moderator.languages, *wanted))),
        fillable(desk),
        {team.name for team in desk.teams},
    )
    remarks = lint(entries, house)
    if as_json:
        from modtui.cli.shapes import print_json

        rows = [{"file": r.source, "line": r.line, "id": r.entry, "what": r.what} for r in remarks]
        document = {"entries": len(entries), "problems": list(problems), "remarks": rows}
        print_json(document)
    else:
        for line in (*problems, *map(str, remarks)):
            plain.say(line)
        counts = _entries(len(entries)), _counted(len(problems), "problem")
        plain.say(", ".join((*counts, _counted(len(remarks), "remark"))))
    return Exit.FAILED if problems or (strict and remarks) else Exit.DONE


@faq.command("import")
@click.argument("file", type=_FILE)
@click.option("--format", "kind", type=click.Choice(_READS), help="What FILE is; else its suffix.")
@click.option("--language", help="The language of texts that name none; else your first one.")
@click.option("--into", type=click.Path(path_type=Path), help="A folder; else your first one.")
@click.option("--encoding", help="What the text of FILE is in, such as cp1251; else UTF-8.")
@click.option("--dry-run", is_flag=True, help="Print what would be written, and write nothing.")
def import_(
    file: Path,
    kind: str | None,
    language: str | None,
    into: Path | None,
    encoding: str | None,
    dry_run: bool,
) -> int:
    """Bring replies in from FILE.

    CSV, Markdown, or canned responses of Discourse, Zendesk or Chatwoot (the JSON of their APIs).
    They go into a new file of your first folder. An entry whose id is there already is left out
    and named; what cannot be read is named with its place, and the rest is brought in. Exits with
    1 where anything was left out.
    """
    from modtui.exchange import entries_of, library_file

    with failing():
        setup = set_up()
        desk = setup.config.desk
        found = _read(file, kind or _kind_of(file), encoding)
        spoken = language or next(iter(desk.moderator.languages), "en")
        folder = into or next((Path(each) for each in desk.library_folders), None)
        if folder is None and not dry_run:
            raise Failure(
                Exit.USAGE, "no folder: --into FOLDER, or [library] folders in config.toml"
            )
        there = _there(folder) if folder is not None else {}
        entries, problems = entries_of(found, str(file), spoken, there)
        problems += _doubles(entries, there, counted=any(text.counted for text in found))
        entries = tuple(entry for entry in entries if entry.id not in there)
        text = library_file(entries)
        if dry_run:
            click.echo(text, nl=False)
        elif entries and folder is not None:
            path = _write(folder, file, text)
            plain.say(f"{_entries(len(entries))}, in {path}")
            if language is None and (unsaid := _unsaid(found, spoken)):
                plain.say(unsaid)
            if folder.expanduser() not in Library(tuple(map(Path, desk.library_folders))).folders:
                plain.say(f'to use them: folders = ["{folder}"] under [library] in config.toml')
    for line in problems:
        plain.warn(line)
    if not entries:
        plain.warn(f"{file}: nothing to bring in")
    return Exit.DONE if entries and not problems else Exit.FAILED


@faq.command()
@click.option("--format", "kind", type=click.Choice(_WRITES), help="Else toml; markdown if public.")
@click.option("--public", is_flag=True, help="The entries tagged public, as a FAQ to publish.")
@click.option("--language", "languages", multiple=True, help="Only texts in it; may be repeated.")
@click.option("--title", default="Questions and answers", show_default=True)
@click.option("--set", "sets", multiple=True, metavar="NAME=VALUE", help="Fills {NAME}: --public.")
@click.option("--starter", is_flag=True, help="The entries that came with modtui too.")
def export(
    kind: str | None,
    public: bool,
    languages: Sequence[str],
    title: str,
    sets: Sequence[str],
    starter: bool,
) -> int:
    """Print your library.

    As a library file, a CSV table, a Markdown page; or with --public as a FAQ. A public FAQ holds
    the approved texts of entries tagged "public"; each that is left out is named on stderr, with
    the reason, and the exit code is 1.
    """
    from modtui.exchange.public import PUBLIC

    kind = kind or ("markdown" if public else "toml")
    if kind not in (("markdown", "html") if public else ("toml", "csv", "markdown")):
        other = "markdown or html" if public else "toml, csv or markdown; html needs --public"
        raise click.UsageError(f"--format {kind} cannot be had: {other}")
    if sets and not public:
        raise click.UsageError("--set goes with --public")
    with failing():
        library = shelf(set_up())
        entries = library.entries() if starter else _own(library)
        problems = library.problems()
    if public:
        text, left_out = _published(entries, languages, title, sets, kind)
        if not any(PUBLIC in entry.tags for entry in entries):
            left_out = ('no entry is tagged "public": there is nothing to publish',)
        problems += left_out
    else:
        text = _written([e for e in (_only(e, languages) for e in entries) if e], kind)
    _print_file(text)
    for line in problems:
        plain.warn(line)
    return Exit.FAILED if problems else Exit.DONE


def _print_file(text: str) -> None:
    """Print a file for others, whatever the locale here: a library file and a page of HTML are
    UTF-8. A terminal of another charset would hear its bytes as its own."""
    if sys.stdout.isatty():
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())


@faq.command()
@click.argument("text")
@click.option("--language", help="What TEXT is in; else it is guessed.")
@AS_JSON
def suggest(text: str, language: str | None, as_json: bool) -> int:
    """Print the nine replies that fit TEXT best.

    Each with how well: from 1 on a match is good. What was chosen before counts where there is a
    queue. Pins do not. Words that open a help route put its help entries first.
    """
    from modtui.cli.suggesting import Suggester

    with failing():
        setup = set_up()
        library = shelf(setup)
        entries, problems = library.entries(), library.problems()
        suggester = Suggester(entries, setup.config.desk)
        choices = suggester.learn(setup)
    found = suggester.suggest(text, language)
    reads = setup.config.desk.moderator.languages
    spoken = [found.language] if found.language else []
    titles = [(fit, fit.entry.variant(spoken)) for fit in found.fits]
    if as_json:
        from modtui.cli.shapes import print_json

        rows = [
            {"id": fit.entry.id, "title": variant.title, "language": variant.language,
             "fit": round(fit.fit, 3), "weak": fit.weak}
            for fit, variant in titles
        ]  # fmt: skip
        print_json({"language": found.language, "help_route": found.help_route,
                    "choices": choices, "suggestions": rows})  # fmt: skip
    else:
        plain.table(
            (f"{fit.fit:.2f}", "weak" if fit.weak else "good", fit.entry.id, variant.language,
             fit.entry.title(variant, reads))
            for fit, variant in titles
        )  # fmt: skip
        if found.help_route is not None:
            plain.say(f"its words open the help route {found.help_route}")
        if not found.fits:
            plain.say("nothing fits")
    for line in problems:
        plain.warn(line)
    return Exit.DONE


@faq.command()
@click.argument("file", type=_FILE)
@AS_JSON
def bench(file: Path, as_json: bool) -> int:
    """Say how often the right reply is found.

    For the questions in FILE: first, among three, among nine. FILE is a CSV table with the columns
    text and id (and language), or JSON lines (.jsonl) with these keys; id is the entry that answers
    the text. The texts of the library are tried alone: what was chosen before does not count. Exits
    with 1 where a question cannot be used.
    """
    from modtui.cli.suggesting import RANKS, Suggester, questions, ranks, recall

    with failing():
        setup = set_up()
        entries = shelf(setup).entries()
        asked, problems = questions(file, {entry.id: entry for entry in entries})
    found = ranks(Suggester(entries, setup.config.desk), asked)
    examples = {(entry.id, said) for entry in entries for said in entry.examples}
    known = sum((each.id, each.text) in examples for each in asked)
    missed = [rank for rank in found if rank.place is None]
    if as_json:
        from modtui.cli.shapes import print_json

        rows = [{"line": r.question.line, "id": r.question.id, "first": r.first} for r in missed]
        shares = {str(most): round(recall(found, most), 4) for most in RANKS}
        print_json({"questions": len(found), "examples": known, "recall": shares, "missed": rows,
                    "problems": problems})  # fmt: skip
    else:
        for line in problems:
            plain.warn(line)
        for number, name, first in ((r.question.line, r.question.id, r.first) for r in missed):
            plain.say(f"{file}:{number}: {name} is not among nine; first is {first or 'none'}")
        for most in RANKS if found else ():
            plain.say(f"in the first {most}: {recall(found, most):.1%}")
        same = f", {known} of them examples in the library" if known else ""
        asked_for = _counted(len(found), "question")
        plain.say(f"{asked_for}{same}, {len(problems)} cannot be used")
    return Exit.FAILED if problems or not found else Exit.DONE


def _published(
    entries: Sequence[Entry], languages: Sequence[str], title: str, sets: Sequence[str], kind: str
) -> tuple[str, tuple[str, ...]]:
    from modtui.exchange.public import faq, html, markdown

    found = faq(entries, languages, _values(sets))
    page = html if kind == "html" else markdown
    return page(found, title), found.left_out


def _values(sets: Sequence[str]) -> Mapping[str, str]:
    pairs = [text.partition("=") for text in sets]
    wrong = next((name for name, equals, _ in pairs if not (name and equals)), None)
    if wrong is not None:
        raise click.UsageError(f"--set {wrong}: NAME=VALUE is wanted")
    return {name: value for name, _, value in pairs}


def _written(entries: Sequence[Entry], kind: str) -> str:
    from modtui.exchange import library_file, markdown, spreadsheet

    writers = {"toml": library_file, "csv": spreadsheet.write, "markdown": markdown.write}
    return writers[kind](entries)


def _read(file: Path, kind: str, encoding: str | None) -> tuple[Found, ...]:
    from modtui.exchange import Unreadable, canned, markdown, spreadsheet

    readers = {
        "csv": spreadsheet.read, "markdown": markdown.read, "discourse": canned.discourse,
        "zendesk": canned.zendesk, "chatwoot": canned.chatwoot,
    }  # fmt: skip
    try:
        return readers[kind](_text_of(file, encoding))
    except Unreadable as error:
        raise Failure(Exit.FAILED, f"{file}:{error.line}: {error}") from error


def _text_of(file: Path, encoding: str | None) -> str:
    """The text of `file`; without `encoding` it is UTF-8, or what its byte order mark says."""
    with file.open("rb") as begin:
        marked = begin.read(2) in (BOM_UTF16_LE, BOM_UTF16_BE)
    try:
        return file.read_text(encoding or ("utf-16" if marked else "utf-8-sig"))
    except LookupError as error:
        raise Failure(Exit.USAGE, f"--encoding {encoding}: not known; such as cp1251") from error
    except UnicodeError as error:
        wrong = error.object[: error.start] if isinstance(error, UnicodeDecodeError) else b""
        line = wrong.count(b"\n") + 1
        what = f"not {encoding} text" if encoding else "not UTF-8 text: save it as UTF-8, or say"
        hint = "" if encoding else " what it is: --encoding cp1251"
        raise Failure(Exit.FAILED, f"{file}:{line}: {what}{hint}") from error


def _unsaid(found: Sequence[Found], spoken: str) -> str:
    """Say which language was taken for texts that name none, where they look like another."""
    from modtui.domain.language import guess

    texts = [each.body for each in found if not (each.language or each.flaw)]
    if not texts:
        return ""
    looks = guess(" ".join(texts)) if spoken in _TOLD_APART else None
    if looks in (None, spoken):
        return ""
    texts_of = f"{_counted(len(texts), 'text')} without a language, kept as {spoken}"
    return f"{texts_of}; it looks like {looks}: --language {looks}"


def _kind_of(file: Path) -> str:
    kind = _SUFFIXES.get(file.suffix.lower())
    if file.suffix.lower() == ".toml":
        raise Failure(Exit.USAGE, f"{file} is a library file: put it into a folder of yours")
    if kind is None:
        raise Failure(Exit.USAGE, f"{file}: say what it is: --format {'|'.join(_READS)}")
    return kind


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _own(library: Library) -> tuple[Entry, ...]:
    entries = library.entries()
    return tuple(e for e in entries if Path(e.source).parent != library.starter)


def _only(entry: Entry, languages: Sequence[str]) -> Entry | None:
    """The entry with its texts in `languages`, all where none is named; None without any."""
    from dataclasses import replace

    if not languages:
        return entry
    kept = {lang: text for lang, text in entry.variants.items() if lang in languages}
    return replace(entry, variants=kept) if kept else None


def _there(folder: Path) -> Mapping[str, Entry]:
    """The entries of `folder` by their ids."""
    if not folder.expanduser().is_dir():
        return {}
    return {entry.id: entry for entry in _own(Library([folder]))}


def _doubles(
    entries: Sequence[Entry], there: Mapping[str, Entry], *, counted: bool
) -> tuple[str, ...]:
    """A line for each of `entries` whose id is `there`. `counted`: their lines are numbers."""
    place = ": reply " if counted else ":"
    twice = ((entry, there[entry.id]) for entry in entries if entry.id in there)
    return tuple(
        f"{new.source}{place}{new.line}: {new.id} is already in {old.source}:{old.line}"
        for new, old in twice
    )


def _write(folder: Path, file: Path, text: str) -> Path:
    from modtui.engine.entry_files import write_new
    from modtui.exchange import slug

    return write_new(folder.expanduser(), slug(file.stem) or "imported", text)
