"""What the social one of the pretend platforms alone can do, as Mastodon and Ozone can."""

from __future__ import annotations

from datetime import datetime, timedelta

from modtui.connectors import Rejected, Unsupported
from modtui.connectors.demo.world import FROZEN, Course, World
from modtui.connectors.evidence import SO_ALREADY, WAS
from modtui.domain.commands import DoExtra, Extra
from modtui.domain.outbox import Receipt
from modtui.domain.text import clean_line

_FOR_EVER = timedelta(days=36_500)
_MARKS = {Extra.SENSITIVE_MEDIA: "media sensitive", Extra.FREEZE: FROZEN}


def do(world: World, course: Course, command: DoExtra) -> Receipt:
    """Do it to a thread, its author or a reporter. Raises Rejected where nobody is meant."""
    match command.extra:
        case Extra.REOPEN:
            so = _reopen(world, course, on=command.on)
        case Extra.MUTE_REPORTER:
            so = _mute(world, course, command)
        case Extra.PRIORITY:
            before, course.score = course.score, int(command.value)
            world.tell(course)
            evidence = SO_ALREADY if course.score == before else f"{WAS}{before}"
            return Receipt(None, world.now, evidence)
        case Extra.TAG:
            so = _mark(course, str(clean_line(command.value.strip(), limit=50)), on=command.on)
        case Extra.SENSITIVE_MEDIA | Extra.FREEZE:
            so = _mark(course, _MARKS[command.extra], on=command.on)
        case _:
            raise Unsupported(f"this platform cannot do this: {command.extra.value}")
    world.tell(course)
    return Receipt(None, world.now, SO_ALREADY if so else "")


def _mark(course: Course, tag: str, *, on: bool) -> bool:
    """Put a tag on, or take it off; return whether it was so already."""
    if (tag in course.tags) is on:
        return True
    course.tags = (*course.tags, tag) if on else tuple(t for t in course.tags if t != tag)
    return False


def _reopen(world: World, course: Course, *, on: bool) -> bool:
    """Open what was kept, or keep it again; return whether it was so already."""
    if on:
        course.taken_up, course.kept = course.kept, ()
        world.raise_again(course, course.taken_up)
        return not course.taken_up
    again, course.taken_up = course.taken_up, ()
    course.keep(again)
    return not again


def _mute(world: World, course: Course, command: DoExtra) -> bool:
    by = course.reporters.get(command.value)
    if by is None:
        raise Rejected("nobody is known to have reported this: nobody to mute")
    if not command.on:
        return world.muted.pop(by, None) is None
    until = _until(world.now, command.seconds)
    so = world.muted.get(by, world.now) >= until
    if not so:
        world.muted[by] = until
    return so


def _until(now: datetime, seconds: int | None) -> datetime:
    return now + (_FOR_EVER if seconds is None else timedelta(seconds=seconds))
