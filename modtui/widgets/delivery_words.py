"""Deliveries in words: the line of my latest, a single one, a batch of many. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from modtui.domain.frozen import dataclass
from modtui.domain.outbox import FINAL, Delivery, DeliveryState, stuck
from modtui.domain.views import Counts
from modtui.domain.words import act, titled
from modtui.keymap import Keymap
from modtui.widgets.cells import Piece, Row, age, clock, cut, one_line, spread, width_of
from modtui.widgets.host import Moment

SHORTEST_TITLE = 8
"""Cells under which a title says nothing, and how it stands matters more."""
_S = DeliveryState
_OVER = frozenset({*FINAL, _S.NEEDS_HUMAN})
_WELL = frozenset({_S.SENT, _S.CANCELLED})
_GOING = frozenset({_S.HELD, _S.QUEUED, _S.SENDING})


@dataclass(frozen=True, slots=True)
class Deeds:
    """My latest deliveries, newest first and one of each batch; what the threads they are for are
    called; the whole batch of the newest; and all that are older than it."""

    mine: tuple[Delivery, ...] = ()
    titles: Mapping[int, str] | None = None
    batch: tuple[Delivery, ...] = ()
    older: tuple[Delivery, ...] = ()

    def title(self, delivery: Delivery) -> str:
        """What the thread of `delivery` is called, "" if that is not known."""
        return (self.titles or {}).get(delivery.thread, "")


def status_line(deeds: Deeds, counts: Counts, moment: Moment) -> Row:
    """Return my last delivery and its state, and what needs me."""
    last = deeds.mine[0] if deeds.mine else None
    urgent = needs_you(counts, deeds.older, moment.now)
    end = [*urgent]
    if counts.drafts and (moment.wide or not urgent):
        noun = "draft" if counts.drafts == 1 else "drafts"
        where = "" if urgent else ": g d"
        after = "   " if moment.wide else " "
        end.append((f"  {counts.drafts} {noun}{where}{after}", "text"))
    left: Row = ()
    if last is not None and is_many(deeds.batch):
        held = next((d for d in deeds.batch if d.state is DeliveryState.HELD), last)
        window = _left(held.hold_until, moment.now)
        left = batch_words(deeds.batch, window, moment.zone, moment.keymap)
    elif last is not None:
        bare = delivery_words(last, "", moment)
        room = moment.width - width_of(tuple(end)) - width_of(bare) - len("  →    ")
        title = cut(one_line(deeds.title(last)), room) if room >= SHORTEST_TITLE else ""
        left = delivery_words(last, title, moment)
    if not urgent and width_of((*left, *end)) >= moment.width:
        # Drafts can wait for a line with room; how the last act stands cannot.
        end = []
    return spread(((" ", "text"), *left), tuple(end), moment.width)


def before_line(deeds: Deeds, moment: Moment) -> Row:
    """Return the two deliveries before the last one, in short."""
    parts = ["".join(t for t, _ in delivery_words(d, deeds.title(d), moment, brief=True))
             for d in deeds.mine[1:3]]  # fmt: skip
    text = f" before: {' · '.join(parts)}" if parts else ""
    last = f"{moment.keymap.key('room.deeds', 'U')} my last actions " if deeds.mine else ""
    return spread(((text, "muted"),), ((last, "muted"),), moment.width)


def delivery_words(
    delivery: Delivery, title: str, moment: Moment, *, brief: bool = False
) -> tuple[Piece, ...]:
    """Return one delivery in words: what, for which thread, and how it stands."""
    what = titled(act(delivery.command), one_line(title))
    state, why = delivery.state, f": {one_line(delivery.error)}" if delivery.error else ""
    since = age(delivery.created_at, moment.now)
    match state:
        case DeliveryState.HELD:
            left = _left(delivery.hold_until, moment.now)
            undo = moment.keymap.key("queue.undo", "u")
            pieces: tuple[Piece, ...] = ((f"pending {left} ", "soon"), (f" {what}", "text"))
            return pieces if brief else (*pieces, (f" · {undo} takes it back", "muted"))
        case DeliveryState.SENT:
            if delivery.practised:
                return (("practised, not sent  ", "soon"), (what, "text"))
            at = delivery.receipt.at if delivery.receipt else delivery.created_at
            return ((f"sent {clock(at, moment.zone)} ", "ok"), (what + _took(delivery), "text"))
        case DeliveryState.QUEUED if delivery.asks:
            return (("! waits for your word  ", "late"), (what, "text"))
        case DeliveryState.QUEUED | DeliveryState.SENDING:
            said = f"{'queued' if state is DeliveryState.QUEUED else 'sending'} {since} "
            begin = (f"! {said}", "late") if stuck(delivery, moment.now) else (said, "soon")
            return (begin, (f" {what}{why}", "text"))
        case DeliveryState.CANCELLED:
            return (("taken back ", "muted"), (what, "text"))
        case DeliveryState.REJECTED | DeliveryState.STALE:
            word = "refused" if state is DeliveryState.REJECTED else "it changed, not sent"
            return ((f"! {word}  ", "late"), (what + why, "text"))
        case DeliveryState.BLOCKED:
            return (("! waits for login  ", "late"), (f"{delivery.account}: {what}", "text"))
        case DeliveryState.NEEDS_HUMAN:
            return (("! outcome unknown  ", "late"), (what + why, "text"))
    return ((f"? unknown {since}, reading back  ", "late"), (what, "text"))


def _left(until: datetime | None, now: datetime) -> str:
    return f"{max(int((until - now).total_seconds()), 0)} s" if until else "–"


def _took(delivery: Delivery) -> str:
    if delivery.receipt is None or delivery.first_sent_at is None:
        return ""
    seconds = (delivery.receipt.at - delivery.first_sent_at).total_seconds()
    return f" · was {int(seconds)} s" if seconds >= 1 else ""


def one_of_each(rows: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """Return the delivery that speaks for each batch of `rows`, which are newest first: one that
    went wrong, else one that is on its way, else what the batch begins with."""
    batches: dict[str, list[Delivery]] = {}
    for row in rows:
        batches.setdefault(row.batch, []).append(row)
    return tuple(min(batch, key=lambda row: (_standing(row), row.id)) for batch in batches.values())


def needs_you(counts: Counts, others: Sequence[Delivery], now: datetime) -> tuple[Piece, ...]:
    """Return in words what of the outbox needs a person: what nobody can tell the outcome of,
    else what of `others` does not leave; () for nothing."""
    number, does = counts.needs_human, ("needs you", "need you")
    if not number:
        number, does = sum(stuck(row, now) for row in others), ("is stuck", "are stuck")
    one = number == 1
    said = f"! {number} {'delivery' if one else 'deliveries'} {does[0] if one else does[1]}: g d "
    return ((said, "late"),) if number else ()


def _standing(row: Delivery) -> int:
    if row.state in _WELL:
        return 2
    return 1 if row.state in _GOING else 0


def is_many(rows: Sequence[Delivery]) -> bool:
    """Whether a batch does one thing to several: a reply with what follows it does not."""
    kinds = Counter(row.command.kind for row in rows)
    return any(count > 1 for count in kinds.values())


def batch_words(
    rows: Sequence[Delivery], left: str, zone: str, keymap: Keymap
) -> tuple[Piece, ...]:
    """Return `5/12 sent  12 × remove post · 1 not done`; `left` is what the window has left."""
    kind, count = Counter(row.command.kind for row in rows).most_common(1)[0]
    one = next(row for row in rows if row.command.kind == kind)
    what = f"{count} × {act(one.command).partition(' of ')[0]}"
    sent = [row for row in rows if row.state is _S.SENT]
    bad = sum(row.state in _OVER and row.state is not _S.SENT for row in rows)
    if any(row.state is _S.HELD for row in rows):
        undo = keymap.key("queue.undo", "u")
        return (
            (f"pending {left} ", "soon"),
            (f" {what}", "text"),
            (f" · {undo} takes it back", "muted"),
        )
    missed: tuple[Piece, ...] = ((f" · {bad} not done", "late"),) if bad else ()
    if all(row.state is _S.CANCELLED for row in rows):
        return (("taken back ", "muted"), (what, "text"))
    if any(row.practised for row in sent):
        return (("practised, not sent  ", "soon"), (what, "text"), *missed)
    if len(sent) + bad == len(rows):
        at = max((row.receipt.at for row in sent if row.receipt), default=rows[0].created_at)
        return ((f"sent {clock(at, zone)} ", "ok"), (what, "text"), *missed)
    return ((f"{len(sent)}/{len(rows)} sent ", "soon"), (f" {what}", "text"), *missed)
