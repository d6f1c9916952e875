"""Items of a shift, in short."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from modtui.domain.settings import Reach
from modtui.domain.shift import Item, Leaving, Part
from modtui.domain.text import literal

SIX = datetime(2026, 3, 2, 5, 2, tzinfo=UTC)


def item(part: Part, title: str = "Deposit limit", **changes: object) -> Item:
    """An item of a thread, in short."""
    plain = Item(f"{part.value}-1", part, 1, literal(title), literal("forum/general"), "open")
    return replace(plain, **changes)


def leaving(*items: Item, **changes: object) -> Leaving:
    """What mod-a leaves at six in the morning."""
    began = SIX - timedelta(hours=8)
    reach = Reach("ops", "#shift")
    plain = Leaving("mod-a", SIX, began, "Europe/Warsaw", items, reach)
    return replace(plain, **changes)
