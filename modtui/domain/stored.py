"""Commands as they are stored: JSON."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from modtui.domain.commands import KINDS, Audience, Command, Extra, SanctionKind, Then


def dump(command: Command) -> str:
    """Return `command` as JSON; `load` gives back an equal command."""

    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime) else value

    data = {f.name: plain(getattr(command, f.name)) for f in fields(command)}
    return json.dumps({"kind": command.kind, **data}, ensure_ascii=False, sort_keys=True)


_TIMES = {"until"}
_ENUMS: dict[str, type[StrEnum]] = {
    "audience": Audience, "then": Then, "sanction": SanctionKind,
    "extra": Extra,
}  # fmt: skip


def load(text: str) -> Command:
    """Return the command that `dump` wrote. Raises KeyError for an unknown kind."""
    data: dict[str, Any] = json.loads(text)
    kind = KINDS[data.pop("kind")]
    for name, value in data.items():
        if isinstance(value, list):
            data[name] = tuple(tuple(v) if isinstance(v, list) else v for v in value)
        elif name in _TIMES and value is not None:
            data[name] = datetime.fromisoformat(value)
        elif name in _ENUMS:
            data[name] = _ENUMS[name](value)
    return kind(**data)
