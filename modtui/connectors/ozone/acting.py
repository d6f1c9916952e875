"""What a moderator can have done by a labeler, and whether it was done.

Source: the lexicons tools.ozone.moderation.emitEvent and tools.ozone.report.*. An event with an
`externalId` is taken once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from modtui.connectors import (
    Absent,
    CannotTell,
    ConnectorError,
    Found,
    Rejected,
    Stale,
    ThreadRef,
    Unknown,
    Unsupported,
)
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY, removed
from modtui.connectors.http import RejectedByServer
from modtui.connectors.ozone import extras
from modtui.connectors.ozone.assigning import Assigning
from modtui.connectors.ozone.facts import (
    DEFS,
    ESCALATED,
    OPEN,
    REPO,
    Status,
    Subject,
    owner,
)
from modtui.connectors.ozone.intake import Intake
from modtui.connectors.ozone.labels import labels_on
from modtui.connectors.ozone.mail import of_words
from modtui.connectors.ozone.offers import HOUR
from modtui.connectors.ozone.saying import Saying
from modtui.connectors.ozone.session import Session, error_name
from modtui.connectors.reading import because
from modtui.domain.commands import (
    Assign,
    Audience,
    Command,
    Comment,
    Dismiss,
    DoExtra,
    Escalate,
    Hide,
    LiftSanction,
    Reply,
    Restore,
    Sanction,
    SanctionKind,
)
from modtui.domain.outbox import Receipt

_TOOL = {"name": "modtui"}
_ALREADY = {
    "Takedown": ("subject is already taken down",),
    "ReverseTakedown": ("subject is not taken down",),
}


class Acting:
    """Performs commands for one account. `told` holds the subjects that the queue was told open;
    `templates`, `labels` and `tags` map a rule to what stands for it."""

    def __init__(
        self, session: Session, intake: Intake, told: set[str], settings: Mapping[str, Any]
    ) -> None:
        self._session = session
        self._intake = intake
        self._told = told
        self._assigning = Assigning(session, intake)
        self._saying = Saying(session, intake)
        self._templates = pairs(settings, "templates")
        self._labels = pairs(settings, "labels")
        self._tags = pairs(settings, "tags")
        self._notes = settings.get("notes") == "ozone"

    async def perform(self, ref: ThreadRef, command: Command, key: str, now: datetime) -> Receipt:
        """Do it and return the proof. Raises the port's errors."""
        match command:
            case Reply(audience=Audience.EVERYONE, text=text):
                return await self._saying.answer(ref, text, now)
            case Reply(text=text):
                mail = {"subjectLine": "About your account", "content": of_words(text)}
                said = await self._emit("Email", mail, _account(ref.author), key)
            case Sanction(sanction=SanctionKind.WARN):
                said = await self._warn(command, key)
            case Hide():
                said = await self._hide(ref, command, key)
            case Restore(posts=posts):
                said = "; ".join([await self._restore(post, key) for post in posts])
            case Dismiss(approve=False):
                said = await self._acknowledge(ref, command, key)
            case Escalate(note=note, text=text):
                said = await self._escalate(ref, note or text, key)
            case Comment(text=text) if self._notes:
                said = await self._comment(ref, text, key)
            case DoExtra():
                said = await extras.perform(self._intake, self._emit, ref.subject, command, key)
            case Assign():
                said = await self._assigning.assign(ref.subject, command)
            case Sanction(sanction=SanctionKind.MUTE | SanctionKind.BAN):
                said = await self._restrain(command, key)
            case LiftSanction(sanction=SanctionKind.MUTE | SanctionKind.BAN):
                said = await self._lift(command, key)
            case _:
                raise Unsupported(f"Ozone cannot do this: {command.kind}")
        return Receipt(None, now, said)

    async def _emit(
        self,
        name: str,
        more: Mapping[str, Any],
        subject: Subject,
        key: str,
        reports: Sequence[int] = (),
    ) -> str:
        """Emit an event, which closes `reports`; return its number in words, or that it was so
        already."""
        event = {"$type": f"{DEFS}modEvent{name}", **{k: v for k, v in more.items() if v != ""}}
        told: dict[str, Any] = {
            "event": event,
            "subject": subject.told(),
            "createdBy": (await self._session.who()).did,
            "externalId": key,
            "modTool": _TOOL,
        }
        if subject.blobs:
            told["subjectBlobCids"] = list(subject.blobs)
        if reports:
            told["reportAction"] = {"ids": list(reports)}
        try:
            body = await self._session.tell("tools.ozone.moderation.emitEvent", told)
        except RejectedByServer as error:
            kind, words = error_name(error), str(error).lower()
            so_already = words in _ALREADY.get(name, ())
            if kind in ("DuplicateExternalId", "SubjectHasAction") or so_already:
                return SO_ALREADY
            if kind in ("InvalidStateTransition", "AlreadyInTargetState"):
                raise Stale(f"it changed in Ozone meanwhile: {error}") from error
            raise
        number = body.get("id") if isinstance(body, dict) else None
        if not isinstance(number, int):
            raise Unknown("Ozone took it and named no event")
        return f"event {number}"

    async def _subject(self, uri: str) -> Subject:
        """Return a record as an event names it. Raises Rejected where it is gone."""
        if not uri.startswith("at://"):
            raise Rejected("an account is not removed but taken down, by a ban")
        record = await self._intake.record(uri)
        if record is not None:
            return Subject("com.atproto.repo.strongRef", uri=uri, cid=record.cid)
        status = await self._intake.status(uri)
        if status is None:
            raise Rejected("the post is gone, and Ozone kept nothing of it")
        return status.subject

    # decisions
    async def _standing(self, name: str) -> Status:
        """Return how a subject stands. Raises Stale, once, where it was closed since."""
        status = await self._intake.status(name)
        if status is None:
            raise Rejected("Ozone does not know this subject any more")
        if name in self._told and status.review_state not in (OPEN, ESCALATED):
            self._told.discard(name)
            taken = "taken down" if status.takendown else "closed"
            raise Stale(f"somebody in Ozone decided on it meanwhile: it is {taken}")
        return status

    async def _hide(self, ref: ThreadRef, command: Hide, key: str) -> str:
        said: list[str] = []
        before: set[str] = set()
        comment = because(command.rule, command.reason)
        for post in command.posts:
            if post == ref.subject:
                status = await self._standing(post)
                if status.takendown:
                    before.add(post)
                    await self._close_again(status, comment, key)
                    continue
            label = self._labels.get(command.rule or "")
            subject = await self._subject(post)
            reports = [one.id for one in await self._intake.open_reports(post)]
            if label:
                done = await self._label(label, comment, subject, key)
                if post == ref.subject:
                    await self._emit("Acknowledge", {"comment": comment}, subject, key, reports)
            else:
                event = {"comment": comment}
                done = await self._emit("Takedown", event, subject, key, reports)
            if done == SO_ALREADY:
                before.add(post)
            else:
                said.append(done)
            self._told.discard(post)
            said += await self._tag(command.rule, subject, key)
        return removed(command.posts, before, "; ".join(said))

    async def _close_again(self, status: Status, comment: str, key: str) -> None:
        """Close what was reported anew after the takedown: nothing else would close it in Ozone."""
        name = status.subject.name
        if status.review_state in (OPEN, ESCALATED):
            reports = [one.id for one in await self._intake.open_reports(name)]
            await self._emit("Acknowledge", {"comment": comment}, status.subject, key, reports)
            self._told.discard(name)

    async def _label(self, label: str, comment: str, subject: Subject, key: str) -> str:
        """Put a label on, unless another has; return what `_emit` does."""
        by = (await labels_on(self._session, subject.name)).get(label)
        if by is not None and by != (await self._session.who()).did:
            return SO_ALREADY
        more = {"createLabelVals": [label], "negateLabelVals": [], "comment": comment}
        return await self._emit("Label", more, subject, key)

    async def _tag(self, rule: str | None, subject: Subject, key: str) -> tuple[str, ...]:
        """Put on the tag that stands for `rule`, after what was done; return what there is to say
        where that fails: to do it all again would help nobody."""
        tag = self._tags.get(rule or "")
        if not tag:
            return ()
        try:
            await self._emit("Tag", {"add": [tag], "remove": []}, subject, key)
        except ConnectorError as error:
            return (f"without the tag {tag}: {error}",)
        return ()

    async def _restore(self, post: str, key: str) -> str:
        subject, status = await self._subject(post), await self._intake.status(post)
        if status is not None and not status.takendown and self._labels:
            standing, me = await labels_on(self._session, post), (await self._session.who()).did
            ours = [one for one in sorted(set(self._labels.values())) if standing.get(one) == me]
            if not ours:
                return "none of our labels is on it"
            off = {"createLabelVals": [], "negateLabelVals": ours}
            return await self._emit("Label", off, subject, key)
        if await self._anothers(post, "Takedown", "ReverseTakedown"):
            raise Stale("another moderator has taken it down anew since: it is theirs to reverse")
        return await self._emit("ReverseTakedown", {}, subject, key)

    async def _anothers(self, name: str, begins: str, ends: str) -> bool:
        """Whether what stands was begun by another moderator."""
        last = await self._intake.last(name, begins, ends)
        stands = last is not None and last.event.kind == f"{DEFS}modEvent{begins}"
        return last is not None and stands and last.created_by != (await self._session.who()).did

    async def _acknowledge(self, ref: ThreadRef, command: Dismiss, key: str) -> str:
        status = await self._standing(ref.subject)
        if status.review_state not in (OPEN, ESCALATED):
            return SO_ALREADY
        events, _ = await self._intake.events(ref.subject, ())
        later = {str(event.id) for event in events} - set(command.flags)
        if later and not command.further:
            raise Stale(f"{len(later)} more reported it meanwhile: look again, then act")
        if status.appealed:
            await self._emit("ResolveAppeal", {}, status.subject, key)
        seen = set(command.flags) | (later if command.further else set())
        listed = await self._intake.open_reports(ref.subject)
        reports = [one.id for one in listed if str(one.event_id) in seen]
        said = await self._emit("Acknowledge", {}, status.subject, key, reports)
        self._told.discard(ref.subject)
        return said

    async def _escalate(self, ref: ThreadRef, note: str, key: str) -> str:
        if not ref.subject.startswith(("at://", "did:")):
            raise Rejected("Ozone escalates only what was reported to it: use another account")
        status = await self._standing(ref.subject)
        return await self._emit("Escalate", {"comment": note}, status.subject, key)

    async def _comment(self, ref: ThreadRef, text: str, key: str) -> str:
        if not text.strip():
            raise Rejected("a note needs words: an empty one would clear what is pinned there")
        status = await self._intake.status(ref.subject)
        if status is None:
            raise Rejected("Ozone does not know this subject any more")
        return await self._emit("Comment", {"comment": text}, status.subject, key)

    # people
    async def _restrain(self, command: Sanction, key: str) -> str:
        comment = because(command.rule, command.reason)
        more: dict[str, Any] = {"comment": comment}
        if command.seconds is not None:
            if command.seconds < HOUR:
                raise Rejected("Ozone counts in hours: one at least")
            more["durationInHours"] = math.ceil(command.seconds / HOUR)
        mutes, account = command.sanction is SanctionKind.MUTE, _account(command.author)
        if mutes and command.seconds is None:
            raise Rejected("Ozone mutes for a time only: say for how long")
        name = "Mute" if mutes else "Takedown"
        if mutes and not command.renews and await self._intake.mutes(account.name, command.seconds):
            return SO_ALREADY
        said = await self._emit(name, more, account, key)
        if not mutes and said == SO_ALREADY and command.renews:
            # What stands is ours, with another end: Ozone takes down only what is not.
            await self._emit("ReverseTakedown", {"comment": comment}, account, key)
            said = await self._emit(name, more, account, key)
        return "; ".join((said, *await self._tag(command.rule, account, key)))

    async def _lift(self, command: LiftSanction, key: str) -> str:
        """End it, unless another moderator has set it anew since."""
        mutes, account = command.sanction is SanctionKind.MUTE, _account(command.author)
        begins, ends = ("Mute", "Unmute") if mutes else ("Takedown", "ReverseTakedown")
        if await self._anothers(account.name, begins, ends):
            return LEFT_ALONE
        return await self._emit(ends, {}, account, key)

    async def _warn(self, command: Sanction, key: str) -> str:
        account = _account(command.author)
        named = command.preset or self._templates.get(command.rule or "")
        words = command.text or command.reason
        mail = {"subjectLine": "About your account", "content": of_words(words)}
        if named:
            mail = await self._saying.mail(named, account.name)
        if not mail["content"].strip():
            raise Rejected("a warning needs words")
        mail["comment"] = because(command.rule, command.reason)
        said = await self._emit("Email", mail, account, key)
        return "; ".join((said, *await self._tag(command.rule, account, key)))

    async def templates(self) -> tuple[str, ...]:
        """Return the names of the e-mail templates; none where we may not read them."""
        return await self._saying.templates()

    # whether it was done
    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look whether `command` was done since `since`."""
        match command:
            case Reply(audience=Audience.EVERYONE, text=text):
                return await self._saying.find(ref, text, since, taken)
        return CannotTell("Ozone takes an event with the same id once: it can be sent again")


def pairs(settings: Mapping[str, Any], name: str) -> Mapping[str, str]:
    """Return a list of "rule=word" as a mapping. Raises Rejected for what is none."""
    found: dict[str, str] = {}
    for one in settings.get(name) or ():
        rule, equals, word = str(one).partition("=")
        if not (equals and rule.strip() and word.strip()):
            raise Rejected(f'{name}: "{one}" is not "rule=name"')
        found[rule.strip()] = word.strip()
    return found


def _account(subject: str) -> Subject:
    return Subject(REPO, did=owner(subject))
