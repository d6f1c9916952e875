"""Silencing and suspending: read, compare, set. The forum ends both by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from modtui.connectors import Rejected
from modtui.connectors.discourse.line import Line, understood
from modtui.connectors.discourse.reading import moment_ahead
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.connectors.http import segment
from modtui.connectors.reading import because
from modtui.domain.commands import LiftSanction, Sanction, SanctionKind

_FOR_GOOD = timedelta(days=1000 * 365)
"""What the forum's own pages write for ever."""
_NEAR = timedelta(minutes=5)


class _Person(msgspec.Struct):
    id: int
    silenced_till: str | None = None
    suspended_till: str | None = None


class _Penalty(msgspec.Struct):
    silenced: bool | None = None
    suspended: bool | None = None


class _Given(msgspec.Struct):
    silence: _Penalty | None = None
    suspension: _Penalty | None = None


class People:
    """What is done to authors."""

    def __init__(self, line: Line, now: Callable[[], datetime]) -> None:
        self._line = line
        self._now = now

    async def restrain(self, command: Sanction) -> str:
        """Silence or suspend until a moment; return what there is to say about it."""
        now = self._now()
        ahead = _FOR_GOOD if command.seconds is None else timedelta(seconds=command.seconds)
        until = now + ahead
        stands = await self._until(command.sanction, command.author)
        if stands is not None and stands > now:
            if abs(stands - until) <= _NEAR or (stands > until and not command.renews):
                return SO_ALREADY
            # The forum refuses to change what stands: it is set anew.
            await self._send(command.author, f"un{_VERBS[command.sanction]}", None)
        reason = because(command.rule, command.reason) or "decided by a moderator"
        body = {_UNTIL[command.sanction]: _stamp(until), "reason": reason}
        if command.text.strip():
            body["message"] = command.text
        given = await self._send(command.author, _VERBS[command.sanction], body)
        if given is False:
            raise Rejected(f"the forum says that it did not {_VERBS[command.sanction]} them")
        return _stamp(until)

    async def lift(self, command: LiftSanction) -> str:
        """End it; return what there is to say about that."""
        stands = await self._until(command.sanction, command.author)
        if stands is None or stands <= self._now():
            return "it was over already"
        if command.expect and moment_ahead(command.expect) not in (None, stands):
            return LEFT_ALONE
        await self._send(command.author, f"un{_VERBS[command.sanction]}", None)
        return ""

    async def _until(self, kind: SanctionKind, author: str) -> datetime | None:
        body = await self._line.read(f"/admin/users/{segment(author)}.json")
        person = understood(body, _Person, "person")
        silence = kind is SanctionKind.MUTE
        return moment_ahead(person.silenced_till if silence else person.suspended_till)

    async def _send(self, author: str, verb: str, body: dict[str, str] | None) -> bool | None:
        """Return what the forum says that it did, None where it says nothing."""
        path = f"/admin/users/{segment(author)}/{verb}.json"
        answer = await self._line.write("PUT", path, body)
        try:
            given = msgspec.convert(answer, _Given)
        except msgspec.ValidationError:
            # It was taken: an answer without our words says nothing against that.
            return None
        if given.silence is not None:
            return given.silence.silenced
        return given.suspension.suspended if given.suspension is not None else None


_VERBS = {SanctionKind.MUTE: "silence", SanctionKind.BAN: "suspend"}
_UNTIL = {SanctionKind.MUTE: "silenced_till", SanctionKind.BAN: "suspend_until"}


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
