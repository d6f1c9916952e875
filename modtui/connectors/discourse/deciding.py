"""Decisions on items of the review queue: what the item offers, claimed first where it must be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from modtui.connectors import ConnectorError, Rejected, Retryable, Stale, Unknown
from modtui.connectors.discourse.choosing import Wish, choose, name_of
from modtui.connectors.discourse.facts import (
    PENDING,
    STATUSES,
    Action,
    Reviewable,
    Side,
    User,
    side_of,
)
from modtui.connectors.discourse.line import Line, understood
from modtui.connectors.http import RejectedByServer, segment
from modtui.domain.commands import Assign
from modtui.domain.text import clean_line


class _Result(msgspec.Struct):
    success: bool = False
    errors: list[str] | None = None


class _Performed(msgspec.Struct):
    reviewable_perform_result: _Result


class _SiteSettings(msgspec.Struct):
    reviewable_claiming: str = "disabled"


class Deciding:
    """`told` maps an item to the version that the queue was told."""

    def __init__(
        self, line: Line, me: Callable[[], Awaitable[User]], told: Mapping[str, int]
    ) -> None:
        self._line = line
        self._me = me
        self._told = told
        self._claiming: str | None = None

    async def item(self, subject: str) -> tuple[Reviewable, Side]:
        """Return an item of the review queue as it stands now, and what hangs on it."""
        body = await self._line.read(f"/review/{segment(subject)}.json")
        told: Mapping[str, Any] = body if isinstance(body, dict) else {}
        return understood(told.get("reviewable"), Reviewable, "item of its queue"), side_of(told)

    async def decide(self, subject: str, wish: Wish, reason: str = "") -> str:
        """Have it decided; return what there is to say about that.

        Raises Stale where the item is another than the moderator saw, or was decided on.
        """
        item, side = await self.item(subject)
        if item.status != PENDING:
            return _decided(item, wish)
        claimed = await self._claim(item)
        try:
            if claimed:
                item, side = await self.item(subject)
            action = choose(side.actions_of(item), item.id, wish)
            if action is None:
                raise Rejected(_not_offered(side.actions_of(item), item, wish))
            await self._perform(item, action, reason)
        finally:
            if claimed:
                await self._release(item)
        return name_of(action, item.id)

    async def _perform(self, item: Reviewable, action: Action, reason: str) -> None:
        seen = self._told.get(str(item.id))
        form = {"version": str(item.version if seen is None else seen)}
        if action.require_reject_reason:
            form["reject_reason"] = reason
        name = segment(name_of(action, item.id))
        body = await self._line.write("PUT", f"/review/{item.id}/perform/{name}.json", form=form)
        try:
            result = msgspec.convert(body, _Performed).reviewable_perform_result
        except msgspec.ValidationError as error:
            raise Unknown("the forum took it and did not say whether it did it") from error
        if not result.success:
            why = "; ".join(result.errors or ()) or "it gave no reason"
            raise Rejected(f"the forum did not do it: {clean_line(why, limit=200)}")

    async def _claim(self, item: Reviewable) -> bool:
        """Claim the topic where the forum wants that; return whether it was claimed here."""
        if item.topic_id is None or await self._claims() == "disabled":
            return False
        holder, name = item.holder
        if holder is not None:
            if holder != (await self._me()).id:
                raise Stale(_taken(name))
            return False
        if await self._claims() != "required":
            return False
        try:
            await self._take(item)
        except Unknown as error:
            raise Retryable(f"the topic could not be claimed: {error}") from error
        return True

    async def claims(self) -> bool:
        """Return whether the forum lets topics be claimed."""
        return await self._claims() != "disabled"

    async def assign(self, subject: str, command: Assign) -> str:
        """Claim the topic of an item, or let it go; return what there is to say about that.

        Raises Stale where somebody else has it and it is not to be taken over.
        """
        item, _ = await self.item(subject)
        if item.topic_id is None:
            return "what belongs to no topic yet is not claimed on a forum"
        holder, name = item.holder
        mine = holder is not None and holder == (await self._me()).id
        if not command.on:
            if mine:
                await self._let_go(item)
            return "released" if mine else "not ours any more"
        if mine:
            return "it was ours already"
        if holder is not None:
            if not command.over:
                raise Stale(_taken(name))
            await self._let_go(item)
        await self._take(item)
        return "claimed"

    async def _take(self, item: Reviewable) -> None:
        wanted = {"reviewable_claimed_topic": {"topic_id": item.topic_id}}
        try:
            await self._line.write("POST", "/reviewable_claimed_topics.json", wanted)
        except Stale as error:
            raise Stale("somebody else has just claimed this topic on the forum") from error

    async def _let_go(self, item: Reviewable) -> None:
        await self._line.write("DELETE", f"/reviewable_claimed_topics/{item.topic_id}.json")

    async def _release(self, item: Reviewable) -> None:
        try:
            await self._let_go(item)
        except ConnectorError:
            # What became of the decision is what counts; staff can release a claim by hand.
            return

    async def _claims(self) -> str:
        """Return the forum's setting reviewable_claiming; where it is not told, disabled."""
        if self._claiming is None:
            try:
                body = await self._line.read("/site/settings.json")
            except RejectedByServer:
                body = {}
            self._claiming = understood(body, _SiteSettings, "settings").reviewable_claiming
        return self._claiming


def _decided(item: Reviewable, wish: Wish) -> str:
    status = STATUSES[item.status] if 0 <= item.status < len(STATUSES) else "decided on"
    if not wish.done(item):
        raise Stale(f"somebody decided on it meanwhile: it is {status}")
    return f"it was {status} already"


def _taken(name: str) -> str:
    return f"{name or 'somebody else'} has claimed this topic on the forum"


def _not_offered(actions: tuple[Action, ...], item: Reviewable, wish: Wish) -> str:
    names = ", ".join(name_of(action, item.id) for action in actions) or "nothing"
    return f"the forum offers no way to {wish.words} here, only {clean_line(names, limit=150)}"
