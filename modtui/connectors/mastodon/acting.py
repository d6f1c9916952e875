"""What a moderator can have done on Mastodon, and whether it was done.

Source: the methods admin/reports, admin/accounts and statuses of the Mastodon API 4.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

import msgspec

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
from modtui.connectors.evidence import SO_ALREADY
from modtui.connectors.http import Call, Http, segment
from modtui.connectors.mastodon.facts import AdminAccount, Report, Status, holder_of
from modtui.connectors.reading import because, convert_each, iso_moment, plain_text, says
from modtui.domain.commands import (
    Assign,
    Audience,
    Command,
    Dismiss,
    DoExtra,
    Escalate,
    Extra,
    HandOver,
    LiftSanction,
    Reply,
    Sanction,
    SanctionKind,
)
from modtui.domain.outbox import Receipt

T = TypeVar("T")

API = "/api/v1"
ADMIN = f"{API}/admin"
_SKEW = timedelta(minutes=2)
_PAGE = 40
_MOST_PAGES = 5
_MENTIONS = re.compile(r"\A(?:@\S+\s+)+")
_VISIBLE = ("public", "unlisted", "private")


class _Way(NamedTuple):
    """The field of an account that says so, and what sets and ends it."""

    field: str
    verb: str
    end: str


_WAYS: Mapping[StrEnum, _Way] = {
    SanctionKind.MUTE: _Way("silenced", "silence", "unsilence"),
    SanctionKind.BAN: _Way("suspended", "suspend", "unsuspend"),
    Extra.SENSITIVE_MEDIA: _Way("sensitized", "sensitive", "unsensitive"),
    Extra.FREEZE: _Way("disabled", "disable", "enable"),
}


class Acting:
    """Performs commands for one account. `presets` maps a rule, or another name, to the id of a
    warning preset."""

    def __init__(
        self,
        http: Http,
        now: Callable[[], datetime],
        me: Callable[[], Awaitable[str]],
        presets: Mapping[str, str],
    ) -> None:
        self._http = http
        self._now = now
        self._me = me
        self._presets = presets

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        """Do it and return the proof. Raises the port's errors."""
        match command:
            case Reply():
                return await self._reply(ref, command, key)
            case Escalate(to=to, text=text) | HandOver(to=to, text=text):
                if not to.strip():
                    raise Rejected('say in `reach` whom to tell: channel = "@name@server"')
                form = {"status": f"@{to.strip().lstrip('@')} {text}", "visibility": "direct"}
                return await self._say(form, key)
            case Dismiss(approve=False):
                return await self._resolve(ref.subject)
            case Sanction(sanction=SanctionKind.WARN):
                return await self._warn(command)
            case Sanction(sanction=SanctionKind.MUTE | SanctionKind.BAN):
                text = command.text or because(command.rule, command.reason)
                told = {"text": "" if command.preset else text} | self._preset(command)
                return await self._restrain(ref, command.sanction, command.author, told)
            case LiftSanction(sanction=SanctionKind.MUTE | SanctionKind.BAN as kind):
                return await self._lift(kind, command.author)
            case DoExtra(extra=Extra.REOPEN, on=on):
                return await (self._reopen if on else self._resolve)(ref.subject)
            case DoExtra(extra=Extra.SENSITIVE_MEDIA | Extra.FREEZE as kind, on=True):
                return await self._restrain(ref, kind, ref.author, {"text": command.reason})
            case DoExtra(extra=Extra.SENSITIVE_MEDIA | Extra.FREEZE as kind):
                return await self._lift(kind, ref.author)
            case Assign():
                return await self._assign(ref.subject, command)
        raise Unsupported(f"Mastodon cannot do this: {command.kind}")

    def _done(self, evidence: str = "") -> Receipt:
        return Receipt(None, self._now(), evidence)

    async def report(self, report_id: str) -> Report:
        """Return a report as it stands now."""
        body = await self._http.get(f"{ADMIN}/reports/{segment(report_id)}")
        return _as(body, Report, "report")

    async def _reply(self, ref: ThreadRef, command: Reply, key: str) -> Receipt:
        report = await self.report(ref.subject)
        form = {"status": f"@{report.target_account.account.acct} {command.text}"}
        form["visibility"] = "direct"
        if report.statuses:
            original = report.statuses[0]
            form["in_reply_to_id"] = original.id
            if command.audience is Audience.EVERYONE and original.visibility in _VISIBLE:
                form["visibility"] = original.visibility
        elif command.audience is Audience.EVERYONE:
            form["visibility"] = "unlisted"
        if command.language:
            form["language"] = command.language
        return await self._say(form, key)

    async def _say(self, form: Mapping[str, str], key: str) -> Receipt:
        headers = {"Idempotency-Key": key}
        call = Call("POST", f"{API}/statuses", form=form, headers=headers, write=True)
        body = (await self._http.send(call)).body
        try:
            said = msgspec.convert(body, Status)
        except msgspec.ValidationError as error:
            raise Unknown("the server took it and named no post") from error
        if not said.id.isprintable():
            raise Unknown("the server took it and named no post")
        return Receipt(said.id, iso_moment(said.created_at, self._now()))

    async def _resolve(self, report_id: str) -> Receipt:
        if (await self.report(report_id)).action_taken:
            return self._done(SO_ALREADY)
        return await self._decided(report_id, "resolve", so=True)

    async def _reopen(self, report_id: str) -> Receipt:
        if not (await self.report(report_id)).action_taken:
            return self._done(SO_ALREADY)
        return await self._decided(report_id, "reopen", so=False)

    async def _decided(self, report_id: str, verb: str, *, so: bool) -> Receipt:
        path = f"{ADMIN}/reports/{segment(report_id)}/{verb}"
        body = (await self._http.send(Call("POST", path, write=True))).body
        try:
            after = msgspec.convert(body, Report)
        except msgspec.ValidationError as error:
            raise Unknown("the server took it and showed no report") from error
        if after.action_taken is not so:
            raise Rejected("the server answered, and the report is as it was")
        return self._done()

    async def _assign(self, report_id: str, command: Assign) -> Receipt:
        """Take a report, or give ours back. Raises Stale where somebody else has it and keeps it.

        Mastodon would hand it over without a word: who has it is read before.
        """
        me, report = await self._me(), await self.report(report_id)
        given = report.assigned_account
        ours = given is not None and given.id == me
        if not command.on and not ours:
            return self._done("not ours any more")
        if command.on and ours:
            return self._done("assigned")
        if command.on and given is not None and not command.over:
            raise Stale(f"{holder_of(report, me)} has taken it on Mastodon")
        verb = "assign_to_self" if command.on else "unassign"
        path = f"{ADMIN}/reports/{segment(report_id)}/{verb}"
        said = (await self._http.send(Call("POST", path, write=True))).body
        try:
            after = msgspec.convert(said, Report).assigned_account
        except msgspec.ValidationError as error:
            raise Unknown("the server took it and showed no report") from error
        if (after.id if after else None) != (me if command.on else None):
            raise Rejected("the server answered, and the report is as it was")
        return self._done("assigned" if command.on else "unassigned")

    async def _warn(self, command: Sanction) -> Receipt:
        text = "" if command.preset else command.text or command.reason
        if not (text.strip() or command.preset):
            raise Rejected("a warning needs words")
        form = {"type": "none", "text": text, "send_email_notification": "true"}
        return await self._act(command.author, form | self._preset(command))

    async def _restrain(
        self, ref: ThreadRef, kind: StrEnum, author: str, told: Mapping[str, str]
    ) -> Receipt:
        account = await self._account(author)
        if getattr(account, _WAYS[kind].field):
            return self._done(SO_ALREADY)
        if kind is Extra.FREEZE and account.domain is not None:
            raise Rejected("only an account of this server logs in here: limit or suspend it")
        form = {
            "type": _WAYS[kind].verb,
            "report_id": ref.subject,
            "send_email_notification": "true",
            **told,
        }
        receipt = await self._act(author, form)
        await self._verify(kind, author, so=True)
        return receipt

    async def _verify(self, kind: StrEnum, author: str, *, so: bool) -> None:
        """Raise Rejected where the server took an action and shows the account as it was; where it
        shows nothing now, its word is taken."""
        try:
            account = await self._account(author)
        except ConnectorError:
            return
        if getattr(account, _WAYS[kind].field) is not so:
            raise Rejected("the server answered, and the account is as it was")

    def _preset(self, command: Sanction) -> dict[str, str]:
        preset = self._presets.get(command.preset or command.rule or "")
        if command.preset and preset is None:
            raise Rejected(f'warning_presets names no "{command.preset}"')
        return {"warning_preset_id": preset} if preset else {}

    async def _act(self, account_id: str, form: Mapping[str, str]) -> Receipt:
        path = f"{ADMIN}/accounts/{segment(account_id)}/action"
        await self._http.send(Call("POST", path, form=form, write=True, any_answer=True))
        return self._done()

    async def _lift(self, kind: StrEnum, author: str) -> Receipt:
        if not getattr(await self._account(author), _WAYS[kind].field):
            return self._done("it was over already")
        path = f"{ADMIN}/accounts/{segment(author)}/{_WAYS[kind].end}"
        await self._http.send(Call("POST", path, write=True, any_answer=True))
        await self._verify(kind, author, so=False)
        return self._done()

    async def _account(self, account_id: str) -> AdminAccount:
        body = await self._http.get(f"{ADMIN}/accounts/{segment(account_id)}")
        return _as(body, AdminAccount, "account")

    # whether it was done
    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look whether `command` was done since `since`."""
        match command:
            case Reply(text=text) | Escalate(text=text) | HandOver(text=text):
                return await self._find_said(text, since, taken)
            case Dismiss():
                taken_care = (await self.report(ref.subject)).action_taken
                return Found(self._done()) if taken_care else Absent(strong=True)
            case Sanction(sanction=SanctionKind.WARN):
                return CannotTell("Mastodon does not list the warnings an account was given")
        return CannotTell("it sets a state: doing it again is harmless")

    async def _find_said(
        self, text: str, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        path = f"{API}/accounts/{segment(await self._me())}/statuses"
        params: dict[str, str | int] = {"limit": _PAGE, "exclude_reblogs": "true"}
        # One that cannot be read may be the one that is looked for.
        strong = True
        for _ in range(_MOST_PAGES):
            page = await self._http.get(path, params)
            if not isinstance(page, list):
                return CannotTell("the server gave no list of our posts")
            if not page:
                return Absent(strong=strong)
            good, bad = convert_each(page, Status, "statuses")
            strong = strong and not bad
            if not good:
                break
            for status in good:
                at = iso_moment(status.created_at, self._now())
                if at < since - _SKEW:
                    return Absent(strong=strong)
                said = _MENTIONS.sub("", plain_text(status.content))
                if status.id not in taken and says(said, text):
                    return Found(Receipt(status.id, at))
                params["max_id"] = status.id
        return CannotTell("too much was said since")


def _as(body: Any, kind: type[T], what: str) -> T:
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise Rejected(f"the server gave no {what} that can be read: is it a Mastodon?") from error
