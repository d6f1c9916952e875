"""POSTs one JSON document for each escalation and hand-over to the account's url."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Capabilities,
    Context,
    Dedupe,
    Environment,
    Found,
    Identity,
    Key,
    Limits,
    Nothing,
    Rejected,
    ThreadRef,
    Unsupported,
)
from modtui.connectors.http import Call, Http, origin_of, site_of
from modtui.domain.address import flaw
from modtui.domain.commands import Capability, Command, Escalate, HandOver
from modtui.domain.outbox import Receipt

_PAUSE = 3600.0


def create(env: Environment) -> Webhook:
    """Return the connector of one account; nothing is sent yet."""
    return Webhook(env)


def _address(env: Environment) -> str | None:
    """Return where it posts to: the address that is kept as a secret, else the account's url. None
    for one that is not at that url: a secret goes to the origin that it was stored for."""
    url = str(env.settings["url"])
    kept = env.secrets.get("address")
    if kept is None:
        return url
    address = kept.reveal()
    return None if flaw(address) or origin_of(address) != origin_of(url) else address


class Webhook:
    """Tells; never reads."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        token = env.secrets.get("token")
        headers = {"Authorization": ("Bearer ", token)} if token else {}
        address = _address(env)
        self._astray = address is None
        self._http = Http(site_of(env, headers, url=address or ""))
        self.realm = f"webhook:{self._http.origin}"
        hours = float(env.settings.get("dedupe_hours") or 0)
        dedupe: Dedupe = Key(timedelta(hours=hours)) if hours > 0 else Nothing()
        self.capabilities = Capabilities({Capability.NOTIFY: Limits("webhook", dedupe)})

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield an empty batch now and then: there is nothing to read."""
        while True:
            yield Batch(cursor="", caught_up=True)
            await self._env.sleep(_PAUSE)

    async def context(self, ref: ThreadRef) -> Context:
        raise Unsupported("a webhook has no threads")

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        """POST {text, team, to, thread_url, id}; `id` and Idempotency-Key are the key.

        A hand-over is no team's and no thread's: both are null.
        """
        if not isinstance(command, Escalate | HandOver):
            raise Unsupported("a webhook can only tell a team")
        self._check()
        document = {
            "text": command.text,
            "team": command.team if isinstance(command, Escalate) else None,
            "to": command.to,
            "thread_url": ref.url,
            "id": key,
        }
        headers = {"Idempotency-Key": key}
        answer = await self._http.send(
            Call("POST", "", json=document, headers=headers, write=True, any_answer=True)
        )
        return Receipt(None, self._env.now(), f"HTTP {answer.status}")

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        return CannotTell("a webhook cannot be asked what it received")

    async def identity(self) -> Identity:
        """Return where it posts to, under no name. Nothing is sent, so a wrong token shows at the
        first use. Raises Rejected where the address that is kept is elsewhere."""
        self._check()
        return Identity(self._http.origin, "", "notify only", ("tell a team",))

    def _check(self) -> None:
        if self._astray:
            at, account = self._http.origin, self._env.account
            raise Rejected(f"its address is not one at {at}: modtui login {account}")

    async def aclose(self) -> None:
        await self._http.aclose()
