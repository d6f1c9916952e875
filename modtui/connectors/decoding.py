"""What the body of an answer holds: JSON, and the platform's words for a refusal. Pure."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from modtui.domain.text import clean_line

_HALF = re.compile("[\ud800-\udfff]")
_REASONS = ("error", "message", "detail", "error_description", "reason", "errcode")


def decode_json(content: bytes | None) -> tuple[Any, bool]:
    """Return (value, readable). An empty body is a readable None."""
    if content is None:
        return None, False
    if not content.strip():
        return None, True
    try:
        return msgspec.json.decode(content), True
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return msgspec.json.decode(_halves_spelled(content)), True
    except (ValueError, msgspec.DecodeError, RecursionError):
        return None, False


def _halves_spelled(content: bytes) -> bytes:
    """Return JSON with half a surrogate pair, which no encoding can store, spelled as `\\udXXX`.

    msgspec refuses an answer with one in it; the other items in it must not be lost. Raises
    ValueError for what is no JSON.
    """
    import json

    whole = json.dumps(json.loads(content), ensure_ascii=False)
    return _HALF.sub(lambda half: f"\\\\u{ord(half[0]):04x}", whole).encode()


def reason_of(body: Any, phrase: str) -> str:
    """Return the platform's own words, on one line, or nothing. `phrase` is what HTTP says of the
    status: some repeat it beside words that tell more."""
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], str):
        return clean_line(errors[0], limit=200)
    for name in _REASONS:
        value = body.get(name)
        if isinstance(value, str) and value.strip() and value != phrase:
            return clean_line(value, limit=200)
    return ""
