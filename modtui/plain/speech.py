"""Times, languages, threads and deliveries in words to be read aloud: no marks, no columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from modtui.domain.commands import Command, Reply
from modtui.domain.heat import heat
from modtui.domain.model import ELSEWHERE, Band, Health, State
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.domain.text import clean_line
from modtui.domain.timeleft import Left
from modtui.domain.views import AccountStatus, Counts, QueueRow
from modtui.domain.words import act

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_TO_THE_SECOND = 600
_NAMED = {"d": "day", "h": "hour", "min": "minute", "s": "second"}
_SHORT = re.compile(r"\b(\d+) (d|h|min|s)\b")
LANGUAGES = {
    "ar": "Arabic", "be": "Belarusian", "bg": "Bulgarian", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian",
    "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian",
    "hy": "Armenian", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh",
    "ko": "Korean", "ky": "Kyrgyz", "lt": "Lithuanian", "lv": "Latvian", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sr": "Serbian", "sv": "Swedish", "tg": "Tajik", "tr": "Turkish",
    "uk": "Ukrainian", "uz": "Uzbek", "zh": "Chinese",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hearer:
    """Who listens, when, and in which zone times are told."""

    me: str
    now: datetime
    zone: str


def counted(number: int, noun: str, many: str = "") -> str:
    """Return `1 flag`, `2 flags`; `many` is the plural where it is not an s."""
    return f"{number} {noun if number == 1 else many or noun + 's'}"


def duration(seconds: float) -> str:
    """Return about how long, in words: `4 minutes 12 seconds` under ten minutes, `12 minutes`,
    `2 hours 5 minutes`, `3 days`."""
    whole = max(int(seconds), 0)
    if whole >= 2 * 86_400:
        return counted(whole // 86_400, "day")
    if whole >= _TO_THE_SECOND:
        whole -= whole % 60
    parts = []
    for noun, size in _UNITS[1:]:
        number, whole = divmod(whole, size)
        if number:
            parts.append(counted(number, noun))
    return " ".join(parts) or "no time"


def length(seconds: int) -> str:
    """Return a setting's length exactly: `90 seconds`, `2 hours`, `7 days`."""
    noun, size = next(unit for unit in _UNITS if seconds >= unit[1] and not seconds % unit[1])
    return counted(seconds // size, noun)


def at(moment: datetime, hearer: Hearer) -> str:
    """Return a moment in the moderator's zone: `14:02`, with the day where it is another one."""
    local, today = moment.astimezone(ZoneInfo(hearer.zone)), hearer.now
    if abs(today - moment) > timedelta(hours=20):
        return f"{local.day} {local.strftime('%B %H:%M')}"
    return local.strftime("%H:%M")


def language(code: str | None) -> str:
    """Return what a language is called in English."""
    if not code:
        return "language unknown"
    return LANGUAGES.get(code) or f"language {clean_line(code)}"


def does(command: Command, author: str = "") -> str:
    """Return what a command does, in words."""
    return act(command, author, length)


def said(ours: str) -> str:
    """Return a line that is written for the screen as one to be read aloud."""
    for mark, word in ((" → ", ", on "), (" · ", ", "), (" – ", ", "), ("×", " times")):
        ours = ours.replace(mark, word)
    return _SHORT.sub(lambda found: counted(int(found[1]), _NAMED[found[2]]), ours)


def sentence(text: str) -> str:
    """Return `text` with a capital letter and a full stop."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text[-1:] in '.?!:' else '.'}" if text else ""


# the time left
def time_words(row: QueueRow, left: Left, hearer: Hearer) -> str:
    """Return how the deadline of a thread stands: `late by 12 minutes`, `NOW, 12 minutes left`."""
    if row.state is State.RESOLVED:
        by = "you" if row.resolved_by == hearer.me else row.resolved_by
        return "closed elsewhere" if by == ELSEWHERE else f"done by {by}" if by else "done"
    if left.lane and left.seconds is not None:
        return ", ".join(("NOW", _left_words(left.seconds), *_stage(row)))
    if row.state is State.SNOOZED:
        return f"snoozed until {at(left.resumes_at, hearer)}" if left.resumes_at else "snoozed"
    if row.state is State.WAITING:
        return "waiting for the author"
    if left.band is Band.PAUSED:
        return "paused"
    if left.seconds is None:
        return "no deadline"
    if left.band is not Band.BREACHED and left.opens_at is not None:
        return f"closed now, opens at {at(left.opens_at, hearer)}"
    return _left_words(left.seconds)


def _left_words(seconds: int) -> str:
    if seconds >= 0:
        return f"{duration(seconds)} left"
    return f"late by {duration(max(-seconds // 60, 1) * 60)}"


def _stage(row: QueueRow) -> tuple[str, ...]:
    if row.state is State.WAITING:
        return ("answered",)
    if row.state is State.SNOOZED:
        return ("snoozed",)
    return () if row.flag_count else ("needs an outcome",)


# threads
def thread_line(row: QueueRow, left: Left, hearer: Hearer) -> str:
    """Return a thread of the queue in one line: time, why, language, flags, title, place, who."""
    pace = heat(row.flag_count, row.lately, hearer.now) if row.lately else 0
    parts = [
        time_words(row, left, hearer),
        "outcome unknown" if row.unknown else "sending" if row.pending else "",
        "escalated" if row.state is State.ESCALATED else clean_line(row.now_reason or row.why),
        language(row.language),
        counted(row.flag_count, "flag") if row.flag_count else "",
        f"{pace} flags a minute" if pace else "",
        "help route open" if row.help_route and row.now_at is None else "",
        "held for review" if row.held and row.why != "held post" else "",
        clean_line(row.title),
        place(row.account, row.channel),
        holder(row, hearer),
        "your draft is kept" if row.has_draft else "",
    ]
    return ", ".join(part for part in parts if part)


def place(account: str, channel: str) -> str:
    """Return `account/channel`."""
    name = clean_line(channel)
    return f"{account}/{name}" if name else account


def holder(row: QueueRow, hearer: Hearer) -> str:
    """Return who holds a thread, in words."""
    if row.state is State.RESOLVED:
        return ""
    if row.claim is None or row.claim.until <= hearer.now:
        return "nobody holds it"
    return "you hold it" if row.claim.by == hearer.me else f"{row.claim.by} holds it"


# totals
def totals(counts: Counts, accounts: Sequence[AccountStatus], now: datetime) -> str:
    """Return the numbers of the queue, and which accounts are not live, in one line."""
    parts = [f"{counts.now} NOW"] if counts.now else []
    parts.append(f"{counts.late} late")
    if counts.next_due_at is not None and counts.next_due_at > now:
        parts.append(f"next due in {duration((counts.next_due_at - now).total_seconds())}")
    parts += [f"{counts.open} open", f"{counts.mine} mine"]
    live = sum(account.health is Health.LIVE for account in accounts)
    stand = [f"live {live} of {len(accounts)}"]
    stand += [f"{a.name} {word}" for a in accounts if (word := health(a, now))]
    needs = ""
    if counts.needs_human:
        verb = "needs" if counts.needs_human == 1 else "need"
        needs = f"; {counts.needs_human} of your deliveries {verb} you"
    return f"{', '.join(parts)}; {', '.join(stand)}{needs}"


def health(account: AccountStatus, now: datetime) -> str:
    """Return what is wrong with an account, in words; "" when it is live."""
    wait = (account.until - now).total_seconds() if account.until else 0
    limited = f"limited for {duration(wait)}" if wait > 0 else "limited"
    if account.stale_since is not None:
        seconds = int((now - account.stale_since).total_seconds())
        stale = f"stale {duration(seconds - seconds % 60 if seconds >= 60 else seconds)}"
        match account.health:
            case Health.RATE_LIMITED:
                return f"{stale}: {limited}"
            case Health.NEEDS_LOGIN:
                return f"{stale}: needs a login"
            case Health.OFFLINE:
                return f"{stale}: offline"
        return stale
    if account.reading:
        return f"is being read, {counted(account.reading, 'thread')} so far"
    if account.health is Health.RATE_LIMITED:
        return limited
    return "" if account.health is Health.LIVE else "starting"


# deliveries
_STANDS = {
    DeliveryState.SENT: "sent",
    DeliveryState.REJECTED: "refused",
    DeliveryState.STALE: "not sent, it changed",
    DeliveryState.CANCELLED: "taken back",
    DeliveryState.BLOCKED: "waits for login",
    DeliveryState.UNKNOWN: "outcome unknown, reading back",
    DeliveryState.RECONCILING: "outcome unknown, reading back",
    DeliveryState.NEEDS_HUMAN: "outcome unknown, it needs you",
    DeliveryState.QUEUED: "queued",
    DeliveryState.SENDING: "sending",
    DeliveryState.HELD: "pending",
}


def stands(row: Delivery) -> str:
    """Return how a delivery stands: `sent`, `refused`, `outcome unknown, it needs you`."""
    if row.practised:
        return "practised, not sent"
    if row.asks:
        return "waits for your word"
    return _STANDS[row.state]


def delivery_line(row: Delivery, title: str) -> str:
    """Return a delivery in one line: `sent: reply, on Deposit limit`."""
    why = f": {clean_line(row.error)}" if row.error else ""
    return f"{stands(row)}: {on(row.command, title)}{why}"


def on(command: Command, title: str, author: str = "") -> str:
    """Return an act with the thread it is for: `reply to Deposit limit`."""
    what, title = does(command, author), clean_line(title)
    if not title:
        return what
    return f"{what} to {title}" if isinstance(command, Reply) else f"{what}, on {title}"
