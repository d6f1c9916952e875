"""Canned responses as Discourse, Zendesk and Chatwoot give them: JSON of their own APIs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from modtui.connectors.reading import plain_text
from modtui.exchange import Found, Unreadable
from modtui.exchange.placeholders import liquid, percent

_FOLLOWS = {"solved": "resolve", "closed": "resolve"}


def discourse(text: str) -> tuple[Found, ...]:
    """Return the templates of Discourse: the answer of `/discourse_templates`, or the `replies` of
    the older canned-replies plugin. Raises Unreadable."""
    rows = _rows(text, "templates", "replies")
    return tuple(
        Found(n, _text(row, "title", n), percent(_text(row, "content", n)), more=_tags(row))
        for n, row in rows
    )


def chatwoot(text: str) -> tuple[Found, ...]:
    """Return Chatwoot's canned responses: the list that its API answers. Raises Unreadable."""
    rows = _rows(text, "payload", "data")
    found = []
    for number, row in rows:
        code = _text(row, "short_code", number)
        found.append(Found(number, code.replace("_", " "), liquid(_text(row, "content", number))))
    return tuple(found)


def zendesk(text: str) -> tuple[Found, ...]:
    """Return Zendesk's active macros that hold a comment; one that solves a ticket resolves the
    thread, and its tags are kept. Raises Unreadable.

    Source: Zendesk's API reference, Macros and Actions.
    """
    found = []
    for number, row in _rows(text, "macros"):
        said, more = "", {}
        for field, value in _actions(row, number):
            if field == "comment_value_html":
                said = said or plain_text(value)
            elif field == "comment_value":
                said = said or value
            elif field == "status" and value in _FOLLOWS:
                more["then"] = [_FOLLOWS[value]]
            elif field in ("current_tags", "set_tags"):
                more["tags"] = value.split()
        if said and row.get("active", True):
            title = _text(row, "title", number).replace("::", " · ")
            found.append(Found(number, title, liquid(said), more=more))
    return tuple(found)


def _actions(row: Mapping[str, Any], number: int) -> Iterator[tuple[str, str]]:
    """The actions of a macro. A comment's value may be a pair of its channel and its text."""
    actions = row.get("actions")
    if not isinstance(actions, list):
        raise Unreadable(f"macro {number} has no actions", number)
    for action in actions:
        value = action.get("value") if isinstance(action, dict) else None
        if isinstance(value, list) and value:
            value = value[-1]
        if isinstance(value, str):
            yield str(action.get("field")), value


def _rows(text: str, *names: str) -> tuple[tuple[int, Mapping[str, Any]], ...]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error.msg}", error.lineno) from error
    if isinstance(document, dict):
        document = next((document[name] for name in names if name in document), None)
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise Unreadable(f"there is no list of replies: a list, or one under {names[0]!r}")
    return tuple(enumerate(document, 1))


def _text(row: Mapping[str, Any], key: str, number: int) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise Unreadable(f"reply {number} has no {key}", number)
    return value


def _tags(row: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """The tags of a row: names, or tables with a name, as newer versions write them."""
    tags = row.get("tags")
    named = [t.get("name") if isinstance(t, dict) else t for t in tags] if tags else []
    return {"tags": [t for t in named if isinstance(t, str)]}
