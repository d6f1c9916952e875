"""Notes that moderators left on the platform, as notes of the team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modtui.domain.model import Event, EventKind, Remark
from modtui.engine.history import happen
from modtui.engine.telling import Scene
from modtui.store import Tx

_NOTE = EventKind.STAFF_NOTE


async def put_remarks(
    tx: Tx, remarks: Mapping[str, Sequence[Remark]], scene: Scene
) -> frozenset[int]:
    """Add what is new of `remarks`, by subject, to the history of their threads; return those. What
    says the same as a note that is there is one that went out from here."""
    changed: set[int] = set()
    known = await tx.threads_by_subject(scene.source.realm, list(remarks))
    for subject, record in known.items():
        there = [event for event in await tx.events(record.id) if event.kind is _NOTE]
        told = {event.get("remark") for event in there} | {event.get("text") for event in there}
        fresh = [
            _event(remark, scene)
            for remark in sorted(remarks[subject], key=lambda remark: remark.at)
            if not told & {remark.remote_id, remark.text}
        ]
        if fresh:
            await happen(tx, record, fresh, scene.parts)
            changed.add(record.id)
    return frozenset(changed)


def _event(remark: Remark, scene: Scene) -> Event:
    who = f"{remark.by} on {scene.source.account}"
    detail = (("text", str(remark.text)), ("remark", remark.remote_id))
    return Event(_NOTE, min(remark.at, scene.now), who, detail)
