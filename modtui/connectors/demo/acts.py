"""What a command does to the pretend community, and what the platform says to it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from modtui.connectors import Rejected, Unsupported
from modtui.connectors.demo import extras
from modtui.connectors.demo.facts import US
from modtui.connectors.demo.world import Course, World
from modtui.connectors.evidence import LEFT_ALONE, removed
from modtui.domain.commands import (
    Audience,
    Command,
    Dismiss,
    DoExtra,
    Escalate,
    HandOver,
    Hide,
    LiftSanction,
    Lock,
    Reply,
    Restore,
    Sanction,
    SanctionKind,
    SetReadOnly,
    SetSlowMode,
    Unlock,
)
from modtui.domain.model import Post, Restriction, Role
from modtui.domain.outbox import Receipt
from modtui.domain.text import clean, clean_line

_FOR_EVER = timedelta(days=36_500)


def act(world: World, subject: str, command: Command, token: str) -> Receipt:
    """Let `command` happen at `world.now`. `token` names what it writes.

    Raises Rejected for a thread or a post that is not there, Unsupported for a local command.
    """
    if isinstance(command, Escalate | HandOver):
        note = command.note if isinstance(command, Escalate) else ""
        world.staff.append(command.text or note)
        return Receipt(f"staff-{token}", world.now, "posted to staff")
    course = world.course(subject)
    if course is None:
        raise Rejected(f"there is no thread {subject} here")
    course.touched = True
    match command:
        case Reply():
            return _reply(world, course, command, token)
        case Hide() | Restore() | Dismiss():
            return _review(world, course, command)
        case Lock() | Unlock():
            return _lock(world, course, command)
        case SetSlowMode() | SetReadOnly():
            return _restrict(world, course, command)
        case Sanction() | LiftSanction():
            return _sanction(world, course, command, token)
        case DoExtra():
            return extras.do(world, course, command)
    raise Unsupported(f"{command.kind} is not for a platform")


def _reply(world: World, course: Course, command: Reply, token: str) -> Receipt:
    remote_id = f"{course.facts.thread.subject}-r{token}"
    if course.locked:
        raise Rejected("the thread is locked")
    if command.audience is Audience.AUTHOR:
        world.stir(course, remote_id)
        return Receipt(remote_id, world.now, "private")
    cleaned = clean(command.text)
    subject = course.facts.thread.subject
    post = Post(remote_id, subject, US, Role.STAFF, cleaned.text, cleaned.raw, world.now)
    world.reply(course, post)
    return Receipt(remote_id, world.now)


def _review(world: World, course: Course, command: Hide | Restore | Dismiss) -> Receipt:
    for post in command.posts:
        if not post.startswith(f"{course.facts.thread.subject}-"):
            raise Rejected(f"there is no post {post} in this thread")
    match command:
        case Hide(posts=posts):
            evidence = removed(posts, course.hidden, "removed")
            course.hidden.update(posts)
            return Receipt(None, world.now, evidence)
        case Restore(posts=posts):
            course.hidden.difference_update(posts)
            return Receipt(None, world.now, "shown again")
        case Dismiss(flags=flags, approve=approve):
            course.keep(flags)
            course.approved = course.approved or approve
            return Receipt(None, world.now, "approved" if approve else "kept")


def _lock(world: World, course: Course, command: Lock | Unlock) -> Receipt:
    if isinstance(command, Unlock):
        if command.expect is not None and course.locked not in ("", command.expect):
            return Receipt(None, world.now, LEFT_ALONE)
        course.locked = ""
    else:
        course.locked = f"locked {world.now.isoformat()}"
        if command.until is not None:
            subject = course.facts.thread.subject
            world.due(command.until, "unlock", subject, course.locked)
    world.tell(course)
    return Receipt(None, world.now, course.locked)


def _restrict(world: World, course: Course, command: SetSlowMode | SetReadOnly) -> Receipt:
    channel = world.channels[course.facts.place.remote_id]
    standing = channel.restriction
    stands = _mark(standing, command)
    on = command.seconds > 0 if isinstance(command, SetSlowMode) else command.on
    if command.expect is not None and stands != command.expect and (on or stands):
        return Receipt(None, world.now, LEFT_ALONE)
    restriction = _restriction(world, command) if on else None
    world.restrict(replace(channel, restriction=restriction))
    return Receipt(None, world.now, str(_mark(restriction, command) or ""))


def _mark(standing: Restriction | None, command: SetSlowMode | SetReadOnly) -> str | int:
    """What `expect` is compared with: the seconds of a slow mode, else since when it stands."""
    if isinstance(command, SetSlowMode):
        slow = standing is not None and standing.kind == "slow"
        return (standing.seconds or 0) if standing is not None and slow else 0
    if standing is None or standing.kind != "read_only" or standing.since is None:
        return ""
    return f"read-only {standing.since.isoformat()}"


def _restriction(world: World, command: SetSlowMode | SetReadOnly) -> Restriction:
    slow = isinstance(command, SetSlowMode)
    ends = world.plan.profile == "forum"
    return Restriction(
        kind="slow" if slow else "read_only",
        seconds=command.seconds if isinstance(command, SetSlowMode) else None,
        since=world.now,
        until=command.until if ends else None,
        by=US.name,
        reason=clean_line(command.reason),
        ours=True,
    )


def _sanction(
    world: World, course: Course, command: Sanction | LiftSanction, token: str
) -> Receipt:
    if command.author != course.facts.thread.author.remote_id and not any(
        post.author.remote_id == command.author for post in course.posts.values()
    ):
        raise Rejected(f"{command.author} did not write in this thread")
    if isinstance(command, LiftSanction):
        own = command.author == course.facts.thread.author.remote_id
        if not (own and course.silence):
            return Receipt(None, world.now, "it was over already")
        if command.expect is not None and command.expect != course.silence:
            return Receipt(None, world.now, LEFT_ALONE)
        course.silence, course.silent_until = "", None
        return Receipt(None, world.now)
    if command.sanction is SanctionKind.WARN:
        world.stir(course, f"{course.facts.thread.subject}-w{token}")
        return Receipt(f"warning-{token}", world.now, "warned")
    evidence = f"{command.sanction.value} {world.now.isoformat()}"
    if command.author == course.facts.thread.author.remote_id:
        course.silence = evidence
        course.silent_until = world.now + _length(command.seconds)
    return Receipt(None, world.now, evidence)


def _length(seconds: int | None) -> timedelta:
    return _FOR_EVER if seconds is None else timedelta(seconds=seconds)


def token_of(key: str, at: datetime, attempt: int) -> str:
    """Return a name for what one execution writes, that no later process can repeat."""
    return hashlib.sha1(f"{key} {at.isoformat()} {attempt}".encode()).hexdigest()[:10]
