"""Plain lines for a person at a shell: no colour, no markup, one thing a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click

from modtui.cli.redacting import REDACT
from modtui.domain.evidence import raw_base64, raw_bytes_of
from modtui.domain.model import Post, Severity
from modtui.domain.outbox import Delivery
from modtui.domain.sla import Clock
from modtui.domain.text import clean, show_hosts
from modtui.domain.views import Counts, QueueRow

_LONGEST = 100_000
_MARKS = {Severity.URGENT: "!!", Severity.HIGH: "!", Severity.NORMAL: "", Severity.LOW: ""}


def say(text: str) -> None:
    """Print text on stdout; what a platform put into it cannot steer the terminal."""
    click.echo(clean(REDACT(text), limit=_LONGEST).text)


def warn(text: str) -> None:
    """Print one line on stderr, as errors are printed."""
    click.echo(f"modtui: {clean(REDACT(text)).text}", err=True)


def table(rows: Iterable[Sequence[str]]) -> None:
    """Print rows with their columns in line; the last column is as long as it is."""
    lines = [tuple(row) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)][:-1]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        say("  ".join([*cells, line[-1]]).rstrip())


def at(moment: datetime, zone: str) -> str:
    """Return a moment in the moderator's zone, to the minute."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def queue_line(row: QueueRow, left: str) -> tuple[str, ...]:
    """Return the cells of one thread: number, time left, place, title."""
    reason = row.now_reason or row.why
    why = f"{reason} x{row.flag_count}" if row.flag_count > 1 else reason
    notes = [row.state.value] if row.state.value != "open" else []
    notes += ["needs an outcome"] if row.now_at and not row.flag_count else []
    notes += [f"held by {row.claim.by}"] if row.claim else []
    notes += ["sending"] if row.pending else []
    notes += ["unknown outcome"] if row.unknown else []
    tail = f" ({', '.join(notes)})" if notes else ""
    return (
        str(row.id),
        left,
        _MARKS[row.severity],
        f"{row.account}/{row.channel}",
        row.language or "",
        why,
        row.author,
        f"{row.title}{tail}",
    )


def counts_line(counts: Counts) -> str:
    """Return the counts as one line."""
    return (
        f"{f'{counts.now} NOW · ' if counts.now else ''}"
        f"{counts.open} open · {counts.mine} mine · {counts.late} late · {counts.waiting} waiting"
        f" · {counts.snoozed} snoozed · {counts.escalated} escalated"
        f" · {counts.needs_human} need a human"
    )


def post_lines(post: Post, zone: str) -> list[str]:
    """Return a post as lines: who and when, then the text, indented."""
    notes = [
        word
        for word, holds in (
            ("flagged", post.is_subject),
            ("held", post.held),
            ("edited", post.edited_at),
            ("deleted there", post.deleted_at),
            (f"contains hidden characters ({post.hidden})", post.hidden),
        )
        if holds
    ]
    tail = f" · {', '.join(notes)}" if notes else ""
    head = f"{at(post.created_at, zone)} {post.author.name} ({post.role.value}){tail}"
    return [head, *(f"    {line}" for line in show_hosts(post.text).splitlines() or [""])]


def evidence(post: Post) -> None:
    """Print a post as evidence: whose it is, and a line with its raw text in base64."""
    edited = f", edited {post.edited_at.isoformat()}" if post.edited_at else ""
    said = (
        f"post {post.remote_id} by {post.author.remote_id} at {post.created_at.isoformat()}"
        f"{edited}, {len(raw_bytes_of(post.raw))} bytes, {post.hidden} hidden characters"
    )
    say(" ".join(said.split()))
    click.echo(raw_base64(post.raw))


def delivery_line(row: Delivery, zone: str) -> tuple[str, ...]:
    """Return the cells of one delivery."""
    detail = row.error or (row.receipt and row.receipt.remote_id) or ""
    return (
        str(row.id),
        at(row.created_at, zone),
        f"thread {row.thread}" if row.thread else "no thread",
        row.command.kind,
        row.state.value.replace("_", " "),
        f"{row.attempts}x",
        detail,
    )


def clock_line(clock: Clock, zone: str) -> str:
    """Return how one clock stands."""
    name = clock.kind.value.replace("_", " ")
    spent = f"{span(clock.elapsed)} of {span(clock.target)} used"
    if clock.stopped_at:
        end = f"stopped {at(clock.stopped_at, zone)}"
    elif clock.due_at:
        end = f"due {at(clock.due_at, zone)}"
    else:
        end = "paused"
    late = f", breached {at(clock.breached_at, zone)}" if clock.breached_at else ""
    return f"{name} (cycle {clock.cycle}): {spent}, {end}{late}"


def span(value: timedelta) -> str:
    """Return a duration as it is written in the configuration: 1h30m, 45m, 20s."""
    seconds = int(abs(value.total_seconds()))
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "m"))
    text = "".join(f"{number}{unit}" for number, unit in parts if number)
    return text or f"{seconds}s"
