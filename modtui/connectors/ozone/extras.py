"""What Ozone alone can do: mute who reports, score, tag and divert a subject.

Source: tools.ozone.moderation.defs#modEventMuteReporter, #modEventUnmuteReporter,
#modEventPriorityScore, #modEventTag, #modEventDivert.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from modtui.connectors import Rejected, Unsupported
from modtui.connectors.evidence import SO_ALREADY, WAS
from modtui.connectors.ozone.facts import REPO, Status, Subject
from modtui.connectors.ozone.intake import Intake
from modtui.connectors.ozone.offers import HOUR
from modtui.domain.commands import DoExtra, Extra

Emit = Callable[[str, Mapping[str, Any], Subject, str], Awaitable[str]]
"""Emits an event on a subject, by its name, what it holds and its key; returns its number in words,
or that it was so already."""


async def perform(intake: Intake, emit: Emit, subject: str, command: DoExtra, key: str) -> str:
    """Do it to `subject`, or to whoever reported it; return the evidence."""
    match command.extra:
        case Extra.MUTE_REPORTER:
            return await _mute_reporter(intake, emit, command, key)
        case Extra.PRIORITY | Extra.TAG | Extra.DIVERT:
            status = await intake.status(subject)
            if status is None:
                raise Rejected("Ozone does not know this subject any more")
            return await _mark(intake, emit, status, command, key)
    raise Unsupported(f"Ozone cannot do this: {command.extra.value}")


async def _mute_reporter(intake: Intake, emit: Emit, command: DoExtra, key: str) -> str:
    reporter = Subject(REPO, did=await intake.reporter(command.value))
    if not command.on:
        return await emit("UnmuteReporter", {"comment": command.reason}, reporter, key)
    more: dict[str, Any] = {"comment": command.reason}
    if command.seconds is not None:
        if command.seconds < HOUR:
            raise Rejected("Ozone counts in hours: one at least")
        more["durationInHours"] = math.ceil(command.seconds / HOUR)
    if await intake.mutes_reports(reporter.name, command.seconds):
        return SO_ALREADY
    return await emit("MuteReporter", more, reporter, key)


async def _mark(intake: Intake, emit: Emit, status: Status, command: DoExtra, key: str) -> str:
    comment, subject = command.reason, status.subject
    match command.extra:
        case Extra.PRIORITY:
            score, before = int(command.value), status.priority_score or 0
            if score == before:
                return SO_ALREADY
            await emit("PriorityScore", {"score": score, "comment": comment}, subject, key)
            return f"{WAS}{before}"
        case Extra.TAG:
            tag = command.value.strip()
            if command.on is (tag in (status.tags or ())):
                return SO_ALREADY
            add, remove = ([tag], []) if command.on else ([], [tag])
            told = {"add": add, "remove": remove, "comment": comment}
            return await emit("Tag", told, subject, key)
    record = await intake.record(subject.name) if subject.kind != REPO else None
    blobs = blobs_of(record.value) if record else ()
    if not blobs:
        raise Rejected("there are no pictures or videos in it that could be diverted")
    media = msgspec.structs.replace(subject, blobs=blobs)
    return await emit("Divert", {"comment": comment}, media, key)


def blobs_of(value: Any) -> tuple[str, ...]:
    """Return the CIDs of the files that a record holds, in order and each once."""
    found: dict[str, None] = {}
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            ref = one.get("ref")
            link = ref.get("$link") if isinstance(ref, dict) else None
            if one.get("$type") == "blob" and isinstance(link, str):
                found.setdefault(link)
            waiting += reversed(one.values())
        elif isinstance(one, list):
            waiting += reversed(one)
    return tuple(found)
