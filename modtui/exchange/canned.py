"""Canned responses as Discourse, Zendesk and Chatwoot give them: JSON of their own APIs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from modtui.connectors.reading import letter_text
from modtui.exchange import Found, Unreadable, attempt
from modtui.exchange.placeholders import defaults, fallbacks, liquid, percent

_Row = Mapping[str, Any]
_PUBLIC = "comment_mode_is_public"
_INTERNAL = (False, "false")
_FOLLOWS = {"solved": "resolve", "closed": "resolve"}


def discourse(text: str) -> tuple[Found, ...]:
    """Return the templates of Discourse: the answer of `/discourse_templates`, or the `replies` of
    the older canned-replies plugin. Raises Unreadable."""
    return _each(_rows(text, "templates", "replies"), _template)


def chatwoot(text: str) -> tuple[Found, ...]:
    """Return Chatwoot's canned responses: the list that its API answers. Raises Unreadable."""
    return _each(_rows(text, "payload", "data"), _response)


def zendesk(text: str) -> tuple[Found, ...]:
    """Return Zendesk's active macros that hold a comment; one that solves a ticket resolves the
    thread, and its tags are kept. One that writes an internal note is named and left out: as a
    reply it would be public. Raises Unreadable.

    Source: Zendesk's API reference, Macros and Actions.
    """
    rows = _rows(text, "macros")
    found = _each(rows, _macro)
    return (*(each for each in found if each.body or each.flaw), *_more(text, len(rows)))


def _more(text: str, count: int) -> tuple[Found, ...]:
    """A flaw where the file is one page of several."""
    document = json.loads(text)
    links = document.get("links") if isinstance(document, dict) else None
    after = document.get("next_page") if isinstance(document, dict) else None
    if isinstance(links, dict):
        after = after or links.get("next")
    if not after:
        return ()
    why = f"the macros after number {count} are in a file of their own: {after}"
    return (Found(count, "", "", flaw=why, counted=True),)


def _each(rows: Sequence[_Row], read: Callable[[_Row, int], Found]) -> tuple[Found, ...]:
    found = (attempt(n, partial(read, row, n)) for n, row in enumerate(rows, 1))
    return tuple(replace(each, counted=True) for each in found)


def _template(row: _Row, number: int) -> Found:
    title, content = _text(row, "title", number), _text(row, "content", number)
    variant = _variant(fallbacks(content))
    return Found(number, title, percent(content), more=_tags(row), variant=variant)


def _response(row: _Row, number: int) -> Found:
    code, content = (_text(row, key, number) for key in ("short_code", "content"))
    variant = _variant(defaults(content))
    return Found(number, code.replace("_", " "), liquid(content), variant=variant)


def _variant(otherwise: Mapping[str, str]) -> Mapping[str, object] | None:
    return {"defaults": otherwise} if otherwise else None


def _macro(row: _Row, number: int) -> Found:
    """A macro; without a text where it is not active or says nothing."""
    said, more, internal = "", {}, False
    for field, value in _actions(row, number):
        if field == _PUBLIC:
            internal = value in _INTERNAL
        elif not isinstance(value, str):
            continue
        elif field == "comment_value_html":
            said = said or letter_text(value)
        elif field == "comment_value":
            said = said or value
        elif field == "status" and value in _FOLLOWS:
            more["then"] = [_FOLLOWS[value]]
        elif field in ("current_tags", "set_tags"):
            more["tags"] = value.split()
    if not said or not row.get("active", True):
        return Found(number, "", "")
    title = _text(row, "title", number).replace("::", " · ")
    if internal:
        raise Unreadable(f"{title} is an internal note there: as a reply it would be public")
    return Found(number, title, liquid(said), more=more, variant=_variant(defaults(said)))


def _actions(row: _Row, number: int) -> Iterator[tuple[str, object]]:
    """The actions of a macro. A comment's value may be a pair of its channel and its text."""
    actions = row.get("actions") if isinstance(row, dict) else None
    if not isinstance(actions, list):
        raise Unreadable(f"macro {number} has no actions", number)
    for action in actions:
        value = action.get("value") if isinstance(action, dict) else None
        if isinstance(value, list) and value:
            value = value[-1]
        if isinstance(action, dict):
            yield str(action.get("field")), value


def _rows(text: str, *names: str) -> Sequence[_Row]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error.msg}", error.lineno) from error
    except RecursionError as error:
        raise Unreadable("not JSON of replies: brackets in brackets without end") from error
    if isinstance(document, dict):
        document = next((document[name] for name in names if name in document), None)
    if not isinstance(document, list):
        raise Unreadable(f"there is no list of replies: a list, or one under {names[0]!r}")
    return document


def _text(row: _Row, key: str, number: int) -> str:
    value = row.get(key) if isinstance(row, dict) else None
    if not isinstance(value, str):
        raise Unreadable(f"reply {number} has no {key}", number)
    return value


def _tags(row: _Row) -> Mapping[str, list[str]]:
    """The tags of a row: names, or tables with a name, as newer versions write them."""
    tags = row.get("tags")
    if not isinstance(tags, list):
        return {}
    named = [t.get("name") if isinstance(t, dict) else t for t in tags]
    return {"tags": [t for t in named if isinstance(t, str)]}
