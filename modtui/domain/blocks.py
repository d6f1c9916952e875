"""Blocks: a text that several entries share, put where `{{include NAME}}` stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from modtui.domain.frozen import dataclass
from modtui.domain.replies import PLACEHOLDER, Entry, ReplyError, Variant
from modtui.domain.text import clean

INCLUDE = re.compile(r"\{\{\s*include\s+([a-z0-9][a-z0-9-]*)\s*\}\}")
_ID = r"[a-z0-9][a-z0-9-]*"
_LANGUAGE = r"[a-z]{2,3}"


@dataclass(frozen=True, slots=True)
class Block:
    """A shared text, by language; it stands in the file `source` from `line` on."""

    id: str
    texts: Mapping[str, str]
    source: str = ""
    line: int = 1


def parse_block(table: Mapping[str, object], source: str, line: int) -> Block:
    """Return the block that a TOML table describes: `id`, and a text for each language. Raises
    ReplyError."""
    name = table.get("id")
    if not isinstance(name, str) or not re.fullmatch(_ID, name):
        raise ReplyError('block: id must be lower-case letters, digits and "-"')
    texts = {}
    for key, text in table.items():
        if key == "id":
            continue
        if not re.fullmatch(_LANGUAGE, key) or not isinstance(text, str) or not text.strip():
            raise ReplyError(f'block {name}: {key} must be a language and its text: en = "..."')
        if clean(text).hidden:
            raise ReplyError(f"block {name}: {key} holds hidden or control characters")
        if INCLUDE.search(text):
            raise ReplyError(f"block {name}: {key} includes another block: write its text")
        if set("{}") & set(PLACEHOLDER.sub("", text)):
            raise ReplyError(f"block {name}: {key}: a placeholder is {{name}}")
        texts[key] = text.strip()
    if not texts:
        raise ReplyError(f'block {name}: no text: add en = "..."')
    return Block(name, texts, source, line)


def expand(entry: Entry, blocks: Mapping[str, Block]) -> tuple[Entry | None, tuple[str, ...]]:
    """Return the entry with its blocks put in, and what is wrong in words.

    A text whose block does not exist in its language is not offered; an entry without any text
    left is None.
    """
    kept: dict[str, Variant] = {}
    problems = []
    for language, variant in entry.variants.items():
        names = dict.fromkeys(INCLUDE.findall(variant.body))
        missing = [n for n in names if n not in blocks or language not in blocks[n].texts]
        problems += [f"{entry.id}: {_missing(language, name, blocks)}" for name in missing]
        if not missing:
            kept[language] = _with(variant, language, blocks) if names else variant
    if kept == entry.variants:
        return entry, ()
    return (replace(entry, variants=kept) if kept else None), tuple(problems)


def _with(variant: Variant, language: str, blocks: Mapping[str, Block]) -> Variant:
    body = INCLUDE.sub(lambda found: blocks[found[1]].texts[language], variant.body)
    return replace(variant, body=body)


def _missing(language: str, name: str, blocks: Mapping[str, Block]) -> str:
    if name in blocks:
        return f"block {name} has no text in {language}: the reply is not offered in it"
    return f"no block is {name}: the reply is not offered in {language}"
