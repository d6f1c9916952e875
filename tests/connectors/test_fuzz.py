"""Five hundred faults for what only tells, for mail, and for the pretend community. Those that read
a platform are in `faults`."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from modtui.connectors import (
    ConnectorError,
    RateLimited,
    Retryable,
    Unauthorized,
    Unknown,
)
from modtui.connectors.demo import connector as demo
from modtui.connectors.smtp import connector as smtp
from modtui.connectors.webhook import connector as webhook
from tests.connectors.faults import FAULTS, LOCAL, SLICES, plain, seeds
from tests.connectors.fuzz import ODD, fault, places
from tests.connectors.hand import HandClock, opening
from tests.connectors.test_notify import REF, environment, escalation


@pytest.mark.parametrize("part", range(SLICES))
async def test_a_webhook_says_what_became_of_a_document_under_any_fault(part: int) -> None:
    for seed in seeds(part):
        dealt, seen = fault(seed), []

        def handle(request: httpx.Request, dealt: Any = dealt, seen: Any = seen) -> httpx.Response:
            seen.append(request)
            return dealt.make(request, {"ok": True, "id": 7, "list": [1, 2]})

        settings = {"url": f"{LOCAL}/a", "dedupe_hours": seed % 2}
        env = environment(settings, {"token": "t0ken"}, httpx.MockTransport(handle))
        hook = webhook.create(env)
        try:
            receipt = await hook.perform(REF, escalation(to="#oncall"), f"k{seed}")
            assert receipt.evidence.startswith("HTTP 2")
        except ConnectorError as error:
            told = error
        else:
            told = None
        if told is not None:
            error = told
            plain(error)
            assert "t0ken" not in str(error)
            limited = isinstance(error, RateLimited)
            surely_not = isinstance(error, Retryable) and not limited
            # "Surely not executed" is said of what never left, and of a refusal with a time.
            unreached = "cannot reach" in str(error) or "503" in dealt.name
            assert not surely_not or unreached, f"{dealt.name}: {error!r}"
        assert len(seen) == 1
        await hook.aclose()


REPLIES = (
    "", "250", "250 ok", "250-more\r\n250-and more", "999 what", "99999 what", "-1 no", "abc",
    "250 \x1b[2J\x9b", "\xff\xfe\xfd", "220 again", "354 go", "421 closing", "450 later",
    "451 later", "452 full", "500 what", "501 no", "502 no", "503 order", "530 login", "535 no",
    "550 no", "552 big", "554 no", "250 " + "x" * 5000, "25", " 250 ok", "250\tok", "\0\0\0",
    "HTTP/1.1 200 OK", "250-" + "y" * 100 + "\r\n550 changed my mind", "251 will", "252 may",
    "334 VXNlcm5hbWU6", "334 not base64 \xff", "200 fine", "300 go on", "600 beyond", "0 zero",
)  # fmt: skip
VERBS = ("connect", "EHLO", "HELO", "MAIL", "RCPT", "DATA", ".", "QUIT", "AUTH")


@asynccontextmanager
async def mail_server() -> AsyncIterator[tuple[int, dict[str, bytes], list[bytes]]]:
    """A loopback mail server of ours: its answers, by verb, may be changed; "" hangs up."""
    answers: dict[str, bytes] = {}
    mails: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await say(writer, "connect", b"220 ours")
            while line := await reader.readline():
                verb = (line.split() or [b"?"])[0].decode("latin-1").upper()
                usual = {"DATA": b"354 go", "EHLO": b"250-ours\r\n250 AUTH PLAIN LOGIN"}
                said = await say(writer, verb, usual.get(verb, b"250 ok"))
                if verb == "DATA" and said.startswith(b"354"):
                    mails.append(await reader.readuntil(b"\r\n.\r\n"))
                    await say(writer, ".", b"250 queued")
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            writer.close()

    async def say(writer: asyncio.StreamWriter, verb: str, usual: bytes) -> bytes:
        said = answers.get(verb, usual)
        if not said:
            raise ConnectionError("hung up")
        writer.write(said + b"\r\n")
        await writer.drain()
        return said

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], answers, mails
    finally:
        server.close()


@pytest.mark.parametrize("part", range(SLICES))
async def test_a_mail_server_may_say_anything(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # A server that says less than it was asked for is waited for; here not for long.
    monkeypatch.setattr(smtp, "_TIMEOUT", 0.1)
    async with mail_server() as (port, answers, mails):
        for seed in seeds(part):
            chance = random.Random(seed)
            answers.clear()
            for verb in chance.sample(VERBS, chance.choice((1, 1, 2))):
                answers[verb] = chance.choice(REPLIES).encode("latin-1")
            settings = {"host": "127.0.0.1", "port": port, "security": "none", "from": "m@x.org"}
            if chance.random() < 0.3:
                settings["username"] = "u"
            mailer = smtp.create(environment(settings, {"password": "s3cret"}, None))
            before, told = len(mails), None
            try:
                receipt = await mailer.perform(REF, escalation(to="a@example.org"), f"k{seed}")
                assert receipt.evidence.isprintable()
                assert len(mails) == before + 1
            except ConnectorError as error:
                told = error
            except BaseException as error:
                error.add_note(f"seed {seed}: {answers}")
                raise
            if told is None:
                continue
            plain(told)
            assert "s3cret" not in str(told)
            # Where the mail left whole and no refusal came, nobody says it did not go.
            said = answers.get(".", b"250").splitlines()[-1:] or [b""]
            refused = said[0][:1] in (b"4", b"5")
            if len(mails) > before and not refused:
                assert isinstance(told, Unknown), f"seed {seed} {answers}: {told!r}"


@pytest.mark.parametrize("part", range(SLICES))
async def test_the_pretend_community_goes_on_from_any_cursor(part: int) -> None:
    clock = HandClock()
    first = demo.create(clock.environment(threads=3, rate=0, seed=3))
    reading = await opening(first.updates(None))
    good = json.loads(reading.cursor)
    for seed in seeds(part):
        chance, torn = random.Random(seed), json.loads(json.dumps(good))
        for _ in range(chance.choice((1, 2, 4))):
            found = list(places(torn))
            if found:
                container, key = chance.choice(found)
                container[key] = chance.choice(ODD)[1](container[key])
        text = chance.choice((json.dumps(torn), json.dumps(torn), json.dumps(torn)[:-9], "", "7"))
        again = demo.create(clock.environment(threads=3, rate=0, seed=3))
        try:
            read_on = await opening(again.updates(text))
        except ConnectorError as error:
            plain(error)
            continue
        except BaseException as error:
            error.add_note(f"seed {seed}: {text[:200]}")
            raise
        # From the beginning or from where it was: never into the middle of nothing.
        assert read_on.batches[-1].caught_up
        assert set(read_on.flags) in (set(), set(reading.flags)) or len(read_on.flags) <= 3


def test_the_faults_are_many_and_repeat() -> None:
    names = [fault(seed).name for seed in range(FAULTS)]
    assert names == [fault(seed).name for seed in range(FAULTS)]
    assert len(set(names)) > 200
    assert issubclass(Unauthorized, ConnectorError)
