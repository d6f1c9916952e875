"""What becomes of everything that a connector offers on a line that fails: inherit the class beside
`ConnectorContract`, give it a `fresh` line with a far end.

Each request that acts is lost or refused in turn, for every command of every capability that is
declared, and then dealt with as the outbox does. What stands at the far end after that is what
stands where nothing failed: done once. Where nobody can tell, a moderator is asked, and it is not
done again.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import (
    Absent,
    CannotTell,
    ConnectorError,
    Found,
    Idempotent,
    Key,
    RateLimited,
    ReadBack,
    Rejected,
    Retryable,
    Stale,
    StateSetting,
    Unauthorized,
    Unknown,
    Unsupported,
)
from modtui.domain.commands import Capability, Command
from modtui.domain.outbox import Receipt
from tests.connectors.contract import Line
from tests.connectors.far import Endless, Far, Fault, OverHttp
from tests.connectors.platform import Answer, Platform

KEY = "once"
REFUSALS: tuple[tuple[int, type[ConnectorError]], ...] = (
    (400, Rejected), (401, Unauthorized), (403, Rejected), (404, Rejected), (409, Stale),
    (408, Unknown), (500, Unknown), (504, Unknown),
)  # fmt: skip
WAIT = {"Retry-After": "30"}
GARBAGE = {"Retry-After": "soon", "X-RateLimit-Reset": "\u00fc", "X-RateLimit-Limit": ""}
UNDOES = {Capability.RESTORE: Capability.HIDE, Capability.REOPEN: Capability.DISMISS}
NO_ANSWERS: tuple[Fault, ...] = (
    lambda request: httpx.Response(200, content=b"42"),
    lambda request: httpx.Response(200, content=b"{}"),
    lambda request: httpx.Response(200, content=b'{"a": [{"b": 1'),
)
HARMLESS = (StateSetting, Idempotent)
WRITTEN = re.compile("A contract reply|A private reply|A note for the others|Please|look")
MOVED = httpx.Response(307, headers={"location": "https://evil.test/"})


@dataclass(frozen=True)
class Case:
    """A command, by how many requests it acts, and what stands after it."""

    capability: Capability
    number: int
    command: Command
    acts: int
    after: object


_CASES: dict[type, dict[Capability, list[Case]]] = {}
"""Found out once for each class, as what was done plainly is the same each time."""


@dataclass
class Try:
    """A line on which a command is about to be done, and what stands there."""

    line: Line
    far: Far
    case: Case
    before: object

    async def perform(self) -> Receipt:
        return await self.line.connector.perform(self.line.ref, self.case.command, KEY)

    async def find(self) -> Found | Absent | CannotTell:
        line = self.line
        return await line.connector.find(line.ref, self.case.command, line.now, frozenset())

    def once(self) -> None:
        """It stands there as if nothing had failed."""
        assert self.far.state() == self.case.after


class OutcomeContract:
    """Override `fresh`, and name the `kind` of connector.

    `sequels` are capabilities whose later requests may fail although it is done, which the
    evidence says. `silent` are those for which nothing is sent. `decides`: it can be decided there
    once, so a repeat of what was lost is told that it changed.
    """

    kind: str
    sequels: frozenset[Capability] = frozenset()
    silent: frozenset[Capability] = frozenset()
    decides: frozenset[Capability] = frozenset()

    async def fresh(self) -> Line:
        """Return a line on which nothing was done yet: the same one each time."""
        raise NotImplementedError("give the contract a line with a far end")

    @pytest.fixture
    async def line(self) -> Line:
        return await self.fresh()

    async def ready(self, capability: Capability, number: int) -> tuple[Line, Far]:
        """Return a line on which the commands before this one are done, and its far end."""
        line = await self.fresh()
        commands = line.commands(capability)
        offers = line.connector.capabilities.offers
        if capability in UNDOES and capability in offers:
            undone = line.commands(UNDOES[capability])
            commands, number = (*undone, *commands), number + len(undone)
        for before, command in enumerate(commands[:number]):
            await line.connector.perform(line.ref, command, f"before-{before}")
        assert line.far is not None
        line.far.heal()
        return line, line.far

    async def cases(self, capability: Capability) -> list[Case]:
        """Return the commands of a capability, if it is offered: each acts there."""
        known = _CASES.setdefault(type(self), {})
        if capability not in known:
            known[capability] = [one async for one in self._cases(capability)]
        return known[capability]

    async def _cases(self, capability: Capability) -> AsyncIterator[Case]:
        line = await self.fresh()
        if capability not in line.connector.capabilities.offers:
            return
        commands = line.commands(capability)
        assert commands
        for number, command in enumerate(commands):
            line, far = await self.ready(capability, number)
            before = far.state()
            await line.connector.perform(line.ref, command, KEY)
            await line.connector.aclose()
            acts = 0 if capability in self.silent else 1
            assert min(far.acts, 1) == acts
            assert (far.state() == before) is not bool(acts), "what is done shows there"
            yield Case(capability, number, command, far.acts, far.state())

    async def tries(self, capability: Capability) -> AsyncIterator[tuple[Try, int]]:
        """Yield a try of each command, and a request of it, for each of its requests."""
        for case in await self.cases(capability):
            for act in range(case.acts):
                line, far = await self.ready(capability, case.number)
                yield Try(line, far, case, far.state()), act
                await line.connector.aclose()

    def test_it_is_of_its_kind(self, line: Line) -> None:
        packages = type(line.connector).__module__.split(".")
        assert self.kind in (packages[2:3] or [packages[0].removeprefix("modtui_")])

    @pytest.mark.parametrize("capability", Capability)
    async def test_what_is_not_offered_is_refused_and_nothing_is_asked(
        self, capability: Capability
    ) -> None:
        if capability in (await self.fresh()).connector.capabilities.offers:
            return
        line, far = await self.ready(capability, 0)
        for command in line.commands(capability):
            with pytest.raises(Unsupported):
                await line.connector.perform(line.ref, command, KEY)
        assert far.acts == 0

    # lost
    @pytest.mark.parametrize("done", [True, False], ids=["done", "not done"])
    @pytest.mark.parametrize("capability", Capability)
    async def test_what_is_lost_is_done_once_or_asked_about(
        self, capability: Capability, done: bool
    ) -> None:
        async for one, act in self.tries(capability):
            one.far.lose(act, done=done)
            await self._dealt_with(one, complete=done and act == one.case.acts - 1)

    async def _dealt_with(self, one: Try, *, complete: bool) -> None:
        """Do it while an answer is lost, and then as the outbox does. `complete`: all that it takes
        was done all the same."""
        try:
            receipt = await one.perform()
        except Unknown:
            one.far.heal()
            await self._resolved(one, complete=complete)
        except Retryable:
            one.far.heal()
            assert not complete, "what was done is not surely undone"
            await one.perform()
            one.once()
        else:
            if one.far.state() != one.case.after:
                assert one.case.capability in self.sequels
                assert receipt.evidence

    async def _resolved(self, one: Try, *, complete: bool) -> None:
        found = await one.find()
        match one.line.connector.capabilities.offers[one.case.capability].dedupe:
            case StateSetting() | Idempotent():
                try:
                    await one.perform()
                except Stale:
                    assert one.case.capability in self.decides
                one.once()
            case Key():
                receipt = await one.perform()
                one.once()
                # Once the key is forgotten there, reading back must not have it sent again.
                assert isinstance(found, Found | CannotTell) or not complete
                if isinstance(found, Found):
                    assert found.receipt.remote_id == receipt.remote_id
            case ReadBack(strong=strong):
                await self._read_back(one, found, complete=complete, strong=strong)
            case _:
                assert isinstance(found, CannotTell)
                assert len(found.why.split()) > 3
                assert one.far.state() == (one.case.after if complete else one.before)

    async def _read_back(
        self, one: Try, found: Found | Absent | CannotTell, *, complete: bool, strong: bool
    ) -> None:
        if isinstance(found, Found):
            if one.far.state() != one.case.after:
                assert one.case.capability in self.sequels
                assert found.receipt.evidence
            assert one.far.state() != one.before
            return
        assert not complete
        if isinstance(found, Absent) and found.strong and strong:
            await one.perform()
            one.once()


class HttpOutcomeContract(OutcomeContract):
    """For a connector that asks by HTTP.

    `otherwise` names statuses that are no refusal of an act: there it is so already, or another
    way is taken. `limits` are headers of a 429 in the platform's dialect.
    """

    otherwise: Mapping[Capability, frozenset[int]] = {}
    limits: tuple[Mapping[str, str], ...] = (WAIT,)

    @pytest.mark.parametrize("capability", Capability)
    async def test_what_cannot_be_read_back_is_not_sent_again(self, capability: Capability) -> None:
        for case in await self.cases(capability):
            line, far = await self.ready(capability, case.number)
            assert isinstance(far, OverHttp)
            if isinstance(line.connector.capabilities.offers[capability].dedupe, HARMLESS):
                continue
            one = Try(line, far, case, far.state())
            await one.perform()
            for answer in (*NO_ANSWERS, _spoiling(far.platform)):
                far.platform.override = {"": answer}
                with contextlib.suppress(ConnectorError):
                    found = await one.find()
                    assert not isinstance(found, Absent) or not found.strong
            await line.connector.aclose()

    @pytest.mark.parametrize("body", [b'{"a": [{"b": 1', b"42", b"{}"])
    @pytest.mark.parametrize("capability", Capability)
    async def test_an_answer_that_is_none_is_no_refusal(
        self, capability: Capability, body: bytes
    ) -> None:
        async for one, act in self.tries(capability):
            _http(one).garble(act, httpx.Response(200, content=body))
            await self._dealt_with(one, complete=act == one.case.acts - 1)

    @pytest.mark.parametrize("capability", Capability)
    async def test_an_endless_answer_to_what_is_done_is_cut(self, capability: Capability) -> None:
        async for one, act in self.tries(capability):
            endless = Endless()
            _http(one).garble(act, httpx.Response(200, stream=endless))
            await self._dealt_with(one, complete=act == one.case.acts - 1)
            assert endless.served < 10

    @pytest.mark.parametrize(("status", "kind"), REFUSALS)
    @pytest.mark.parametrize("capability", Capability)
    async def test_a_refusal_is_what_its_status_says_and_nothing_is_done(
        self, capability: Capability, status: int, kind: type[ConnectorError]
    ) -> None:
        async for one, act in self.tries(capability):
            _http(one).strike(act, lambda request: httpx.Response(status, json={}))
            if status in self.otherwise.get(capability, ()):
                with contextlib.suppress(Rejected, Stale):
                    await one.perform()
                one.far.heal()
            elif await self._refused(one, act, kind) is None:
                continue
            await one.perform()
            one.once()

    async def _refused(
        self, one: Try, act: int, kind: type[ConnectorError]
    ) -> ConnectorError | None:
        """Return the error of a try that is refused; None where the deed stands all the same."""
        try:
            receipt = await one.perform()
        except kind as error:
            refused: ConnectorError = error
        else:
            assert act
            assert one.case.capability in self.sequels
            assert receipt.evidence
            return None
        assert str(refused).strip()
        # No act is tried twice, and none comes after the one that was refused.
        assert one.far.acts == act + 1
        assert act or one.far.state() == one.before
        one.far.heal()
        return refused

    @pytest.mark.parametrize("capability", Capability)
    async def test_a_limit_is_waited_for(self, capability: Capability) -> None:
        for headers in (*self.limits, GARBAGE):
            async for one, act in self.tries(capability):
                await self._waited_for(one, act, 429, headers)
        async for one, act in self.tries(capability):
            await self._waited_for(one, act, 503, WAIT)

    async def _waited_for(
        self, one: Try, act: int, status: int, headers: Mapping[str, str]
    ) -> None:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        _http(one).strike(act, lambda request: httpx.Response(status, json={}, headers=raw))
        error = await self._refused(one, act, RateLimited if status == 429 else Retryable)
        if error is None:
            return
        assert isinstance(error, Retryable)
        if headers is not GARBAGE:
            assert error.retry_after is not None
            assert timedelta() < error.retry_after <= timedelta(hours=1)
        _http(one).platform.now += error.retry_after or timedelta(minutes=5)
        assert isinstance(await one.perform(), Receipt)

    @pytest.mark.parametrize("capability", Capability)
    async def test_a_redirect_of_what_is_done_is_not_followed(self, capability: Capability) -> None:
        async for one, act in self.tries(capability):
            _http(one).strike(act, lambda request: MOVED)
            error = await self._refused(one, act, ConnectorError)
            assert error is None or "redirects to" in str(error)
            asked = [call.url.host for call in _http(one).platform.calls]
            assert not any("evil" in host for host in asked)


def _spoiling(platform: Platform) -> Fault:
    """Return what answers as the platform does, but nothing of what was written can be read."""

    def spoilt(value: Any) -> Any:
        if isinstance(value, list):
            return [spoilt(one) for one in value]
        if not isinstance(value, dict):
            return value
        if any(isinstance(one, str) and WRITTEN.search(one) for one in value.values()):
            return 7
        return {name: spoilt(one) for name, one in value.items()}

    def answer(request: httpx.Request) -> Answer:
        told = platform.answer(request, httpx.URL(request.url).path)
        if isinstance(told, httpx.Response):
            try:
                told = told.json()
            except ValueError:
                return httpx.Response(404)
        return httpx.Response(200, json=spoilt(told))

    return answer


def _http(one: Try) -> OverHttp:
    assert isinstance(one.far, OverHttp)
    return one.far
