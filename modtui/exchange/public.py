"""The library's public part as a FAQ for the community: entries tagged `public`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from modtui.domain.replies import Entry, Variant, fill

PUBLIC = "public"
# A pair of round brackets belongs to a link, a closing one alone does not.
_LINK = re.compile(
    r"https?://(?:[^\s<>\"'()]|\([^\s<>\"'()]*\))*(?:[^\s<>\"'().,;:!?\]]|\([^\s<>\"'()]*\))"
)
_MARKUP = re.compile(r"([\\`*_\[\]<>#~]|&(?=#?\w+;)|^(?=\s*(?:=+|-[\s-]*)$))")
_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A question of the public FAQ and its answer, as plain text. `id` names it in links."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Faq:
    """The answers by language, and a line for each text that was left out and why."""

    answers: Mapping[str, Sequence[Answer]]
    left_out: tuple[str, ...]


def faq(entries: Sequence[Entry], languages: Sequence[str], values: Mapping[str, str]) -> Faq:
    """Return what may be published. `languages` empty: all; `values` fill placeholders before the
    defaults do. A text that nobody has approved, or that speaks of a thread, is left out."""
    answers: dict[str, list[Answer]] = {}
    left_out = []
    for entry in entries:
        if PUBLIC not in entry.tags:
            continue
        for variant in entry.variants.values():
            if languages and variant.language not in languages:
                continue
            why = _why_not(entry, variant, values)
            if why:
                left_out.append(
                    f"{entry.source}:{entry.line}: {entry.id}, {variant.language}: {why}"
                )
                continue
            text = fill(entry, variant, values).text.strip()
            answers.setdefault(variant.language, []).append(Answer(entry.id, variant.title, text))
    return Faq(answers, tuple(left_out))


def markdown(found: Faq, title: str) -> str:
    """Return the FAQ as a Markdown page; what would be markup in a text stands as it is read."""
    parts = [f"# {_inert(title)}"]
    for language, answers in found.answers.items():
        parts.append(f'<a id="{language}"></a>' if len(found.answers) > 1 else "")
        for answer in answers:
            lines = (_inert(line) for line in answer.text.splitlines())
            parts += [f"## {_inert(answer.title)}", "  \n".join(lines)]
    return "\n\n".join(part for part in parts if part) + "\n"


def html(found: Faq, title: str) -> str:
    """Return the FAQ as one page without scripts or styles."""
    sections = [_section(language, answers) for language, answers in found.answers.items()]
    language = next(iter(found.answers), "en")
    return _PAGE.format(language=language, title=escape(title), body="\n".join(sections))


def _section(language: str, answers: Sequence[Answer]) -> str:
    parts = [f'<section lang="{language}">']
    for answer in answers:
        paragraphs = "\n".join(f"<p>{_linked(p)}</p>" for p in answer.text.split("\n") if p.strip())
        parts.append(f'<h2 id="{answer.id}-{language}">{escape(answer.title)}</h2>\n{paragraphs}')
    return "\n".join((*parts, "</section>"))


def _linked(text: str) -> str:
    parts, last = [], 0
    for link in _LINK.finditer(text):
        href = escape(link[0])
        parts += [escape(text[last : link.start()]), f'<a href="{href}">{href}</a>']
        last = link.end()
    return "".join((*parts, escape(text[last:])))


def _inert(line: str) -> str:
    """A line whose markup is taken literally (CommonMark, backslash escapes); links stay links."""
    parts, last = [], 0
    for link in _LINK.finditer(line):
        parts += [_MARKUP.sub(r"\\\1", line[last : link.start()]), f"<{link[0]}>"]
        last = link.end()
    return "".join((*parts, _MARKUP.sub(r"\\\1", line[last:])))


def _why_not(entry: Entry, variant: Variant, values: Mapping[str, str]) -> str:
    if not variant.approved_by:
        return "not approved"
    missing = fill(entry, variant, values).missing
    return f"{{{missing[0]}}} has no default, and --set gives none" if missing else ""
