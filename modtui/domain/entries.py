"""An entry of the FAQ library as it is written in a TOML file, checked key by key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from difflib import get_close_matches

from modtui.domain.blocks import INCLUDE
from modtui.domain.replies import PLACEHOLDER, Entry, ReplyError, Variant, follow_up
from modtui.domain.text import clean

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_LISTS = ("tags", "reasons", "keywords", "then", "examples")
_FIELDS = ("title", "body", "approved_by", "approved_at", "defaults")


def parse(table: Mapping[str, object], source: str, line: int = 1) -> Entry:
    """Return the entry that a TOML table describes, at `line` of `source`. Raises ReplyError."""
    known = ("id", *_LISTS)
    name = _text(table, "id", "")
    if not _ID.fullmatch(name):
        raise ReplyError('id must be lower-case letters, digits and "-"', "id")
    variants = {}
    for key, value in table.items():
        if isinstance(value, Mapping) and _LANGUAGE.fullmatch(key):
            variants[key] = _variant(key, value)
        elif key not in known:
            raise ReplyError(_unknown(key, (*known, "a language such as [reply.en]")), key)
    if not variants:
        raise ReplyError(f"{name}: no text: add [reply.en] with title and body", "id")
    lists = {key: _texts(table, key) for key in _LISTS}
    for text in lists["then"]:
        try:
            follow_up(text)
        except ReplyError as error:
            raise ReplyError(f"then: {error}", "then") from error
    for tag in lists["tags"]:
        if tag.startswith("pin:") and tag not in {f"pin:{n}" for n in range(1, 10)}:
            raise ReplyError(f"tags: {tag!r}: pin:1 to pin:9", "tags")
    return Entry(name, variants, source=source, line=line, **lists)


def _variant(language: str, table: Mapping[str, object]) -> Variant:
    for key in table:
        if key not in _FIELDS:
            raise ReplyError(f"{language}: {_unknown(key, _FIELDS)}", f"{language}.{key}")
    title, body = (_text(table, key, language).strip() for key in ("title", "body"))
    defaults = table.get("defaults", {})
    if not isinstance(defaults, Mapping) or not all(isinstance(v, str) for v in defaults.values()):
        raise ReplyError(f"{language}.defaults must be a table of texts", f"{language}.defaults")
    _check_defaults(language, defaults)
    for key, text in (("title", title), ("body", body)):
        where = f"{language}.{key}"
        if not text:
            raise ReplyError(f"{where} must not be empty", where)
        if clean(text).hidden or (key == "title" and "\n" in text):
            raise ReplyError(f"{where} holds hidden or control characters", where)
    if set("{}") & set(PLACEHOLDER.sub("", INCLUDE.sub("", body))):
        raise ReplyError(
            f"{language}.body: a placeholder is {{name}} in lower-case letters, a block"
            " {{include NAME}}",
            f"{language}.body",
        )
    approved = _text({"approved_by": "", **table}, "approved_by", language)
    return Variant(language, title, body, approved, dict(defaults), _day(table, language))


def _check_defaults(language: str, defaults: Mapping[str, str]) -> None:
    """A default goes out as it stands: what is in it is not looked at again."""
    for name, text in defaults.items():
        where = f"{language}.defaults.{name}"
        if set("{}") & set(text):
            raise ReplyError(f"{where} goes out as it stands: no braces", where)
        if clean(text).hidden:
            raise ReplyError(f"{where} holds hidden or control characters", where)


def _day(table: Mapping[str, object], language: str) -> date | None:
    value = table.get("approved_at")
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    where = f"{language}.approved_at"
    raise ReplyError(f"{where} must be a day, such as 2026-03-01 without quotes", where)


def _text(table: Mapping[str, object], key: str, within: str) -> str:
    value = table.get(key)
    where = f"{within}.{key}" if within else key
    if not isinstance(value, str):
        raise ReplyError(f"{where} must be a text" + ("" if key in table else ": missing"), where)
    return value


def _texts(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ReplyError(f"{key} must be a list of texts", key)
    return tuple(value)


def _unknown(key: str, allowed: Iterable[str]) -> str:
    names = tuple(allowed)
    near = get_close_matches(key, names, n=1)
    hint = f", did you mean {near[0]!r}?" if near else ""
    return f"{key!r} is not known{hint} (allowed: {', '.join(names)})"
