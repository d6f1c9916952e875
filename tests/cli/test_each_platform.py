"""Each of the platforms is added with keys alone, from the first question to the file."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from modtui.cli.guide import Walk
from modtui.cli.schema import Account
from modtui.connectors import Connector, Finding, Kind
from modtui.connectors.registry import KINDS
from modtui.connectors.watch import Watch
from modtui.domain.guide import Question
from modtui.domain.secret import Secret
from modtui.domain.text import literal
from modtui.first_run import FirstRun
from tests.cli.shell import Shell
from tests.cli.standin import Ring
from tests.cli.walking import asked, guide
from tests.connectors import fakediscourse, fakemastodon
from tests.connectors.test_unanswered import STAGES
from tests.connectors.wire import Stage
from tests.screens.grid import grid

TYPED = {
    "client_id": "app1",
    "subreddits": "ours",
    "handle": "me.test",
    "labeler": "did:plc:labeler",
    "repositories": "ours/site",
    "broadcaster": "us",
    "guild": "1",
    "report_channel": "2",
    "username": "mod",
    "api_username": "mod",
}
PICKED = {"start": "connect", "how": "type", "keep": "session", "settings": "leave"}


class Fingers:
    """Keys on a first run that is shown; each question is at rest before the next key."""

    def __init__(self, app: FirstRun, walk: Walk, pilot: Any) -> None:
        self.app, self.walk, self.pilot = app, walk, pilot
        self.seconds = 0.0

    async def press(self, *keys: str) -> None:
        self.seconds += 1
        before = asked(self.walk).id
        await self.pilot.press(*keys)
        try:
            async with asyncio.timeout(10):
                while self.walk.question is not None and asked(self.walk).id == before:
                    await self.pilot.pause(0.01)
        except TimeoutError:
            pytest.fail(self.text())

    def text(self) -> str:
        return "\n".join(grid(self.app))

    async def answer(self, question: Question) -> None:
        """Answer a question as a moderator would who has what is needed and no more."""
        name = question.id.partition(":")[2]
        if question.ask == "pick":
            wanted = PICKED.get(question.id, question.answer)
            option = next((o for o in question.options if o.value == wanted), None)
            await self.press(option.key if option else "enter")
        elif question.ask == "secret":
            await self.press(*"s3cret", "enter")
        else:
            await self.press("ctrl+u", *TYPED.get(name, question.answer), "enter")


def discourse(fake: Any) -> None:
    member = {**fakediscourse.ME, "moderator": False, "trust_level": 3}
    fake.override["GET /session"] = lambda request: {"current_user": member}


def mastodon(fake: Any) -> None:
    helper = {**fakemastodon.ME, "role": {"name": "Helper", "permissions": "16"}}
    fake.override["verify_credentials"] = lambda request: helper


def matrix(fake: Any) -> None:
    told = {"errcode": "M_FORBIDDEN", "error": "You are not a server admin"}
    fake.override["event_reports"] = lambda request: httpx.Response(403, json=told)


LESSER: Mapping[str, Callable[[Any], None]] = {
    "matrix": matrix,
    "discourse": discourse,
    "discord": lambda fake: setattr(fake, "permissions", 1 << 10 | 1 << 11 | 1 << 16),
    "mastodon": mastodon,
    "github": lambda fake: setattr(fake, "permissions", {"pull": True, "triage": True}),
    "ozone": lambda fake: setattr(fake, "role", "tools.ozone.team.defs#roleTriage"),
    "reddit": lambda fake: setattr(fake, "permissions", ["posts"]),
    "twitch": lambda fake: setattr(fake, "moderates", False),
}
"""What makes of the stand-in's moderator one who has less than an admin gives."""


@pytest.mark.parametrize("name", STAGES)
async def test_who_may_less_is_added_too_and_gets_a_text_for_the_admin(
    name: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = STAGES[name]()
    LESSER[name](stage.platform)
    await check_added(name, stage, shell, monkeypatch, lesser=True)


@pytest.mark.parametrize("name", STAGES)
async def test_a_platform_is_added_with_keys(
    name: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    await check_added(name, STAGES[name](), shell, monkeypatch)


async def check_added(
    name: str,
    stage: Stage,
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    *,
    lesser: bool = False,
) -> None:
    """Add the platform of `stage` by keys; `lesser`: by one to whom something is not allowed."""
    built = []

    def build(account: Account, secrets: Mapping[str, Secret], watch: Watch) -> Connector:
        built.append((account.name, sorted(secrets)))
        return stage.connect()

    async def look_at(kind: Kind, url: str, settings: Mapping[str, Any]) -> Finding:
        return Finding(literal(f"{name} at here"), url)

    monkeypatch.setattr("modtui.credentials.ring.Child", Ring.empty())
    monkeypatch.setattr("modtui.cli.compose.look_at", look_at)
    monkeypatch.setattr("modtui.cli.login.build_connector", build)
    walk, who = guide(), ""
    clock: list[Fingers] = []
    app = FirstRun(walk, clock=lambda: clock[0].seconds if clock else 0.0)
    async with app.run_test(size=(100, 40)) as pilot:
        clock.append(fingers := Fingers(app, walk, pilot))
        await pilot.pause()
        for _ in range(40):
            if walk.question is None:
                break
            question = asked(walk)
            if question.id == "platform":
                option = next(o for o in question.options if o.value == name)
                await fingers.press(*["down"] * question.options.index(option), "enter")
            elif question.id == "url":
                await fingers.press("ctrl+u", *"https://ours.test", "enter")
            else:
                if question.id == "who":
                    who = fingers.text()
                await fingers.answer(question)
    account = str(walk.said.name)
    assert f"You post on {account} as " in who
    assert "Can: " in who
    assert ("Cannot: " in who) == ("To send to whoever runs it: " in who)
    assert "Cannot: " in who or not lesser
    filed = tomllib.loads((shell.home / "config.d" / f"{account}.toml").read_text("utf-8"))
    (entry,) = filed["account"]
    assert entry["connector"] == name
    ((_, secrets),) = built
    assert set(secrets) >= {field.name for field in KINDS[name].schema.secrets if field.required}
