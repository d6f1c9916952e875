"""Answers that are not of the shape they were to be: a part that is not there, or another kind."""

from __future__ import annotations

from typing import Any

from modtui.connectors import Unknown


def keyed(value: Any) -> dict[str, Any]:
    """Return `value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """Return `value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def named(body: Any, key: str) -> str:
    """Return what a write's answer calls the thing it made. Raises Unknown where it does not."""
    found = keyed(body).get(key)
    if not isinstance(found, str) or not found or not found.isprintable():
        raise Unknown(f"the server took it, and did not name the {key} that came of it")
    return found
