"""The JSON documents of the command line. Keys are stable; times are ISO 8601 UTC."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any

import click

from modtui.cli.redacting import REDACT
from modtui.domain.charsets import is_utf8
from modtui.domain.commands import Command
from modtui.domain.frozen import dataclass
from modtui.domain.hours import Calendar, always
from modtui.domain.model import FOR_GOOD, Band, Claim, Event, Flag, Post, Restriction
from modtui.domain.outbox import Delivery
from modtui.domain.sla import Clock
from modtui.domain.stored import dump
from modtui.domain.timeleft import stands
from modtui.domain.views import Counts
from modtui.store.listing_port import Listed

Doc = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """What a row is looked at with: now, each policy's calendar, each account's connector."""

    now: datetime
    calendars: Mapping[str, Calendar]
    connectors: Mapping[str, str]


_ALWAYS = always()


def thread(one: Listed, moment: Moment) -> Doc:
    """Return one thread as `queue --json` lists it."""
    band, seconds = _stands(one, moment)
    return {
        "id": one.id,
        "account": one.account,
        "connector": moment.connectors.get(one.account) or one.realm.partition(":")[0],
        "channel": one.channel,
        "remote_id": one.subject,
        "url": one.url,
        "title": one.title,
        "author": one.author,
        "language": one.language,
        "state": one.state,
        "severity": one.severity,
        "flag_count": one.flag_count,
        "flags": [
            {"reason": reason, "by": by, "count": reports, "first_at": first_at}
            for reason, by, reports, first_at in one.flags
        ],
        "clock": one.clock,
        "due_at": one.due_at,
        "seconds_left": seconds,
        "band": band,
        "policy": one.policy,
        "claim": claim(one.claim),
        "revision": one.revision,
        "created_at": one.created_at,
        "first_flag_at": one.first_flag_at,
        "slow_mode": restriction(one.restriction),
        "help_route": one.help_route,
        "now_at": one.now_at,
        "now_due_at": one.now_due_at,
        "now_reason": one.now_reason or None,
        "resolved_at": one.resolved_at,
        "resolved_by": one.resolved_by,
        "pending": one.pending,
        "unknown": one.unknown,
    }


def _stands(one: Listed, moment: Moment) -> tuple[Band, int | None]:
    """Return the band, and the working seconds to the deadline, as `left` does."""
    if one.due_at is None:
        return Band.OK if one.clock is None and one.resumes_at is None else Band.PAUSED, None
    calendar = moment.calendars.get(one.policy, _ALWAYS)
    return stands(one.due_at, one.soon_at, calendar, moment.now)


def claim(held: Claim | None) -> Doc | None:
    """Return who holds a thread and until when (null: as long as the platform says), or None."""
    if held is None:
        return None
    return {"by": held.by, "until": None if held.until == FOR_GOOD else held.until}


def restriction(now: Restriction | None) -> Doc | None:
    """Return what slows or closes a channel, or None."""
    if now is None:
        return None
    return {
        "kind": now.kind,
        "seconds": now.seconds,
        "since": now.since,
        "until": now.until,
        "by": now.by,
        "reason": now.reason,
        "delivery": now.delivery,
        "ours": now.ours,
    }


def counts(numbers: Counts) -> Doc:
    """Return the numbers of the queue."""
    return {
        "open": numbers.open,
        "mine": numbers.mine,
        "unowned": numbers.unowned,
        "late": numbers.late,
        "now": numbers.now,
        "waiting": numbers.waiting,
        "snoozed": numbers.snoozed,
        "escalated": numbers.escalated,
        "resolved": numbers.resolved,
        "needs_human": numbers.needs_human,
        "drafts": numbers.drafts,
        "next_due_at": numbers.next_due_at,
    }


def post(one: Post) -> Doc:
    """Return one post with its raw text as evidence."""
    from modtui.domain.evidence import raw_base64, raw_bytes_of

    return {
        "remote_id": one.remote_id,
        "author": one.author.name,
        "author_id": one.author.remote_id,
        "role": one.role,
        "text": one.text,
        # Evidence may hold half a surrogate pair, which no JSON document can.
        "raw": raw_bytes_of(one.raw).decode(),
        "raw_base64": raw_base64(one.raw),
        "hidden_characters": one.hidden,
        "created_at": one.created_at,
        "edited_at": one.edited_at,
        "deleted_at": one.deleted_at,
        "held": one.held,
        "media": one.media,
        "is_subject": one.is_subject,
    }


def flag(one: Flag) -> Doc:
    """Return one flag."""
    return {
        "key": one.key,
        "reason": one.reason,
        "by": one.by,
        "note": one.note,
        "post": one.post,
        "at": one.at,
    }


def event(one: Event) -> Doc:
    """Return one line of a thread's history."""
    return {"kind": one.kind, "at": one.at, "actor": one.actor, "detail": dict(one.detail)}


def delivery(row: Delivery) -> Doc:
    """Return one row of the outbox as `deliveries --json` lists it."""
    receipt = row.receipt and {
        "remote_id": row.receipt.remote_id,
        "at": row.receipt.at,
        "evidence": row.receipt.evidence,
    }
    return {
        "id": row.id,
        "thread": row.thread or None,
        "kind": row.command.kind,
        "state": row.state,
        "attempts": row.attempts,
        "receipt": receipt,
        "error": row.error,
        "created_at": row.created_at,
        "account": row.account,
        "batch": row.batch,
        "by": row.by,
        "not_before": row.not_before,
        "next_at": row.next_at,
        "command": command(row.command),
    }


def command(one: Command) -> Doc:
    """Return a command as it is stored: its kind and its fields."""
    import json

    document: Doc = json.loads(dump(one))
    return document


def clock(one: Clock) -> Doc:
    """Return one clock of one cycle with the ledger that explains it, in seconds.

    The lines of the ledger are rounded so that their sum is `elapsed_seconds`.
    """
    sums = list(accumulate((line.counted for line in one.ledger), initial=timedelta()))
    whole = [int(total.total_seconds()) for total in sums]
    return {
        "clock": one.kind,
        "cycle": one.cycle,
        "started_at": one.started_at,
        "target_seconds": int(one.target.total_seconds()),
        "elapsed_seconds": int(one.elapsed.total_seconds()),
        "stopped_at": one.stopped_at,
        "paused": one.paused,
        "due_at": one.due_at,
        "breached_at": one.breached_at,
        "ledger": [
            {
                "start": line.start,
                "end": line.end,
                "counted_seconds": after - before,
                "cause": line.cause,
            }
            for line, (before, after) in zip(one.ledger, pairwise(whole), strict=True)
        ],
    }


# What JSON leaves as it is, and a terminal or a reader does not see, in UTF-8: DEL, C1, bidi
# controls, line separators, tags, invisible and private characters, and what is no character. By
# the byte that each begins with: a pattern with one beginning is found ten times as fast, and most
# of these begin nothing that is there.
_UNSEEN = {
    b"\x7f": b"",
    b"\xc2": rb"[\x80-\x9f\xad]",
    b"\xcd": rb"\x8f",
    b"\xd8": rb"\x9c",
    b"\xe1": rb"(?:\x85[\x9f\xa0]|\x9e[\xb4\xb5]|\xa0[\x8b-\x8f])",
    b"\xe2": rb"(?:\x80[\x8b\x8e\x8f\xa8-\xae]|\x81[\xa0-\xaf])",
    b"\xe3": rb"\x85\xa4",
    b"\xee": b"..",
    b"\xef": (
        rb"(?:[\x80-\xa3].|\xb7[\x90-\xaf]|\xb8[\x80-\x8d]|\xbb\xbf|\xbe\xa0"
        rb"|\xbf[\xb0-\xbb\xbe\xbf])"
    ),
    b"\xf0": rb"[\x9f\xaf\xbf]\xbf[\xbe\xbf]",
    b"\xf1": rb"[\x8f\x9f\xaf\xbf]\xbf[\xbe\xbf]",
    b"\xf2": rb"[\x8f\x9f\xaf\xbf]\xbf[\xbe\xbf]",
    b"\xf3": rb"(?:[\xa0-\xbf]..|[\x8f\x9f]\xbf[\xbe\xbf])",
    b"\xf4": b"...",
}
_HARMLESS = bytes(byte for byte in range(256) if bytes([byte]) not in _UNSEEN)
# More marks than any script writes over one letter.
_PILED = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{9,}")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def print_json(document: object) -> None:
    """Print one JSON document: indented for a person, compact for a program.

    What could steer a terminal is written as an escape, which a program reads as the same text.
    """
    import msgspec

    # Our own text types are subclasses that msgspec does not take as they are.
    packed = msgspec.json.encode(document, enc_hook=str)
    for byte in sorted(set(packed.translate(None, _HARMLESS))):
        first = bytes([byte])
        packed = re.sub(first + _UNSEEN[first], _escaped, packed, flags=re.DOTALL)
    if sys.stdout.isatty():
        packed = msgspec.json.format(packed, indent=2)
        foreign = _PILED if is_utf8(sys.stdout.encoding) else _NOT_ASCII
        packed = foreign.sub(lambda found: _escape(found[0]), packed.decode()).encode()
    # As bytes: of text, click looks for colours to take out, which takes as long as all else here.
    click.echo(REDACT.of_bytes(packed))


def _escaped(found: re.Match[bytes]) -> bytes:
    return _escape(found[0].decode()).encode()


def _escape(text: str) -> str:
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))
