"""What is read from Helix and subscribed through it, for one channel and one moderator.

Source: Twitch's API reference.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeVar

import msgspec

from modtui.connectors import ConnectorError, Rejected, Stale
from modtui.connectors.http import Call, RejectedByServer
from modtui.connectors.reading import convert_each
from modtui.connectors.twitch.facts import Banned, Place, Shield, SlowMode
from modtui.connectors.twitch.offers import KINDS, SHIELD, SOURCES, UNBANS, Kind, allows
from modtui.connectors.twitch.session import Session

T = TypeVar("T")

_PAGE = 100
_MOST_PAGES = 50
REFUSED = (400, 401, 403, 404)


class _Broadcaster(msgspec.Struct):
    id: str
    login: str


class Helix:
    """Asks Helix about the channel that an account moderates."""

    def __init__(self, session: Session, broadcaster: str) -> None:
        self.session = session
        self._named = broadcaster
        self._broadcaster: _Broadcaster | None = None

    async def place(self) -> Place:
        """Return the channel, without how it stands. Raises Rejected where there is none."""
        if self._broadcaster is None:
            kind = "id" if self._named.isdigit() else "login"
            found = self.rows(await self.session.get("/users", {kind: self._named}))
            if not found:
                raise Rejected(f"Twitch knows no channel {self._named}: check broadcaster")
            self._broadcaster = self.one(found, _Broadcaster)
        return Place(self._broadcaster.id, self._broadcaster.login)

    async def ids(self) -> dict[str, str | int]:
        """Return the parameters that name the channel and us as its moderator."""
        place, holder = await self.place(), await self.session.holder()
        return {"broadcaster_id": place.id, "moderator_id": holder.user_id}

    async def scopes(self) -> frozenset[str]:
        """Return what the token may do."""
        return frozenset((await self.session.holder()).scopes or ())

    # how the channel stands
    async def slow_mode(self) -> SlowMode:
        """Return the channel's slow mode."""
        body = await self.session.get("/chat/settings", await self.ids())
        return self.one(self.rows(body), SlowMode)

    async def shield(self) -> Shield:
        """Return the channel's shield mode."""
        body = await self.session.get("/moderation/shield_mode", await self.ids())
        return self.one(self.rows(body), Shield)

    async def standing(self) -> Place:
        """Return the channel and what slows it, as far as the token may know."""
        place, slow, shielded = await self.place(), 0, False
        try:
            slow = (await self.slow_mode()).seconds
            if allows(await self.scopes(), SHIELD):
                shielded = (await self.shield()).is_active
        except RejectedByServer as error:
            if error.status not in REFUSED:
                raise
        return Place(place.id, place.login, slow, shielded)

    async def banned(self, user: str) -> Banned | None:
        """Return the ban of a user that stands; None where there is none, or where the token may
        not know, as one that is not the broadcaster's own."""
        ids = await self.ids()
        if ids["broadcaster_id"] != ids["moderator_id"]:
            return None
        params = {"broadcaster_id": ids["broadcaster_id"], "user_id": user}
        try:
            rows = self.rows(await self.session.get("/moderation/banned", params))
        except RejectedByServer as error:
            if error.status not in REFUSED:
                raise
            return None
        found = convert_each(rows, Banned, "bans")[0]
        return next((one for one in found if one.user_id == user), None)

    # unban requests
    async def unban_requests(self, status: str, user: str = "") -> AsyncIterator[list[Any]]:
        """Yield the pages of unban requests of a status, of one user or of all."""
        params = {**await self.ids(), "status": status, "first": _PAGE}
        if user:
            params["user_id"] = user
        for _ in range(_MOST_PAGES):
            body = await self.session.get("/moderation/unban_requests", params)
            yield self.rows(body)
            pages = body.get("pagination")
            after = pages.get("cursor") if isinstance(pages, dict) else None
            if not isinstance(after, str) or not after or after == params.get("after"):
                return
            params["after"] = after
        raise Rejected(f"Twitch lists more than {_MOST_PAGES * _PAGE} unban requests")

    async def lists_unbans(self) -> bool:
        """Return whether the token may list unban requests."""
        return allows(await self.scopes(), UNBANS)

    # subscriptions
    async def subscribe(self, session: str) -> None:
        """Subscribe, on the EventSub session, to all that the token may be told. Raises Rejected
        where nothing that brings work is told."""
        refused: list[ConnectorError] = []
        scopes, told = await self.scopes(), 0
        for kind in KINDS:
            if not allows(scopes, kind.right):
                continue
            try:
                await self._subscribe(kind, session)
                told += kind.right in SOURCES
            except Stale:
                # It was made, and the answer to that was lost.
                told += kind.right in SOURCES
            except RejectedByServer as error:
                if error.status not in REFUSED:
                    raise
                refused.append(error)
        if not told:
            why = str(refused[0]) if refused else "the token lacks every scope that allows it"
            raise Rejected(f"Twitch tells this account of no held message, suspect or unban: {why}")

    async def _subscribe(self, kind: Kind, session: str) -> None:
        ids = await self.ids()
        who = "user_id" if kind.reads else "moderator_user_id"
        wanted = {
            "type": kind.type,
            "version": kind.version,
            "condition": {
                "broadcaster_user_id": ids["broadcaster_id"],
                who: ids["moderator_id"],
            },
            "transport": {"method": "websocket", "session_id": session},
        }
        # It ends with the session: made twice it does no harm. The session ends without it in
        # seconds, so it cannot wait.
        await self.session.send(Call("POST", "/eventsub/subscriptions", json=wanted, patient=False))

    # answers
    def rows(self, body: Any) -> list[Any]:
        """Return the list in an answer. Raises Rejected for what is no answer of Helix."""
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, list):
            raise Rejected(f"{self.session.http.origin} gave no list: is it Twitch's Helix?")
        return data

    def one(self, rows: list[Any], kind: type[T]) -> T:
        """Return the first of a list. Raises Rejected where it cannot be read."""
        try:
            return msgspec.convert(rows[0] if rows else None, kind)
        except msgspec.ValidationError as error:
            raise Rejected("Twitch gave an answer that cannot be read") from error
