"""What a key would do on the thread and post under the cursor, in words. No Textual here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath

from modtui.domain.asking import able_extras
from modtui.domain.commands import Capability
from modtui.domain.decide import Case
from modtui.domain.flagged import flags_of
from modtui.domain.people import CLEAR
from modtui.widgets.cells import cut, one_line
from modtui.widgets.thread_head import place

TITLE = 26


def says(verb: str, case: Case) -> str:
    """Return what `verb` (the part after `queue.`) would do now, or "" where nothing more can be
    said than what it does everywhere."""
    made = _WORDS.get(verb)
    return made(case) if made is not None else ""


def _title(case: Case) -> str:
    return f'"{cut(one_line(case.detail.row.title), TITLE)}"'


def _author(case: Case) -> str:
    author = case.post.author if case.post else case.detail.record.thread.author
    return one_line(author.name)


def _post(case: Case) -> str:
    return f"{_author(case)}'s post" if case.post else "the post"


def _reply(case: Case) -> str:
    return f"write a reply to {_author(case)}, as {one_line(case.detail.our_name)}"


def _keep(case: Case) -> str:
    post = case.post
    if post is not None and post.held:
        return f"keep: approve {_post(case)}, which is held{_unseen(case)}"
    count = len(flags_of(case.detail, post)) if post else 0
    count = count or len(case.detail.flags)
    return (
        f"keep: dismiss {count} {'flag' if count == 1 else 'flags'} on {_post(case)}{_unseen(case)}"
    )


def _translator(case: Case) -> str:
    command = case.desk.translate
    return PurePath(command[0]).name if command else "your own command: none is configured"


def _unseen(case: Case) -> str:
    words = case.detail.folding.unseen(case.post) if case.post else ()
    return "".join(f", {word}" for word in words)


def _unfold(case: Case) -> str:
    fold = case.detail.folding.of(case.post.remote_id) if case.post else None
    return f"show {_post(case)}, {fold.words}" if fold is not None else f"fold {_post(case)} again"


def _done(case: Case) -> str:
    if case.in_lane:
        return f"say how {_title(case)} ended, which closes it"
    return f"call {_title(case)} done"


def _remove(case: Case) -> str:
    offer = case.offer(Capability.HIDE)
    word = offer.name if offer is not None else "remove"
    good = ", for good" if offer is not None and offer.for_good else ""
    text = cut(one_line(case.post.text), TITLE) if case.post else ""
    quoted = f': "{text}"' if text else ""
    return f"{word} {_post(case)}{good}{quoted}"


def _slow(case: Case) -> str:
    offer = case.offer(Capability.SLOW_MODE, Capability.READ_ONLY, Capability.CROWD_CONTROL)
    if offer is not None and offer.capability is Capability.CROWD_CONTROL:
        return f"{offer.name} of {_title(case)}"
    return f"{offer.name if offer is not None else 'slow mode'} in {place(case.detail)}"


def _sanction(case: Case) -> str:
    able = [
        kind.value
        for kind in (Capability.WARN, Capability.MUTE, Capability.KICK, Capability.BAN)
        if (offer := case.detail.offers.get(kind)) is not None and offer.able
    ]
    return f"{', '.join(able)} {_author(case)}" if able else ""


def _extra(case: Case) -> str:
    names = [case.detail.offers[Capability(e.value)].name for e in able_extras(case.detail)]
    return f"{', '.join(names)}: {_title(case)}" if names else ""


def _lock(case: Case) -> str:
    locked = case.detail.locked
    return f"{'unlock' if locked else 'lock'} {_title(case)}"


def _claim(case: Case) -> str:
    return f"{'release' if case.mine else 'claim'} {_title(case)}"


def _take_over(case: Case) -> str:
    return f"take {_title(case)} over from {case.holder}" if case.holder else ""


def _record(case: Case) -> str:
    if not case.detail.whole:
        return ""
    author = case.post.author if case.post else case.detail.record.thread.author
    brief = case.detail.briefs.get(author.remote_id, CLEAR)
    return f"the record of {one_line(author.name)}: {brief.words}"


_WORDS: Mapping[str, Callable[[Case], str]] = {
    "reply": _reply,
    "find": lambda case: f"find a reply to {_author(case)} in the library",
    "keep": _keep,
    "remove": _remove,
    "done": _done,
    "escalate": lambda case: f"escalate {_title(case)} to a team, with a note",
    "slow": _slow,
    "sanction": _sanction,
    "extra": _extra,
    "lock": _lock,
    "claim": _claim,
    "take-over": _take_over,
    "snooze": lambda case: f"snooze {_title(case)}",
    "note": lambda case: f"note for the team on {_title(case)}",
    "author": _record,
    "unfold": _unfold,
    "translate": lambda case: f"translate {_post(case)} by {_translator(case)}",
    "link": lambda case: f"link, raw text and media of {_post(case)}",
}
