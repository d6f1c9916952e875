"""The labels that moderators put on a subject, and whose each is.

Source: tools.ozone.moderation.defs#modEventLabel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from modtui.connectors.ozone.facts import DEFS
from modtui.connectors.ozone.session import Session
from modtui.connectors.reading import convert_each

_PAGE = 100


class _Deed(msgspec.Struct, rename="camel"):
    create_label_vals: list[str] = []
    negate_label_vals: list[str] = []


class _Labelled(msgspec.Struct, rename="camel"):
    event: _Deed
    created_by: str


async def labels_on(session: Session, subject: str) -> Mapping[str, str]:
    """Return the labels on a subject, each with the DID of who put it there first; as far as the
    last hundred events on labels tell."""
    params: dict[str, str | int | Sequence[str]] = {
        "subject": subject, "types": (f"{DEFS}modEventLabel",), "sortDirection": "desc",
        "limit": _PAGE,
    }  # fmt: skip
    body = await session.ask("tools.ozone.moderation.queryEvents", params)
    raw = body.get("events") if isinstance(body, dict) else None
    events = convert_each(raw if isinstance(raw, list) else [], _Labelled, "events")[0]
    standing: dict[str, str] = {}
    for each in reversed(events):
        for label in each.event.negate_label_vals:
            standing.pop(label, None)
        for label in each.event.create_label_vals:
            standing.setdefault(label, each.created_by)
    return standing
