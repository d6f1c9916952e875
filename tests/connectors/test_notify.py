"""Webhook and e-mail: they tell a team once, and say what became of it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import httpx
import pytest

from modtui.connectors import (
    CannotTell,
    ConnectorError,
    Environment,
    Key,
    Nothing,
    Rejected,
    Retryable,
    ThreadRef,
    Unauthorized,
    Unknown,
    Unsupported,
)
from modtui.connectors.smtp import connector as smtp
from modtui.connectors.webhook import connector as webhook
from modtui.domain.commands import Capability, Escalate, HandOver, Reply
from modtui.domain.secret import Secret

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
REF = ThreadRef("$event", "!room", "@mallory:x", url="https://chat.example/t/1")


async def no_sleep(seconds: float) -> None:
    raise AssertionError("nothing here may sleep")


def escalation(**more: Any) -> Escalate:
    return Escalate(
        thread=1, revision=1, team="payments", note="see", text="Look at this\nplease", **more
    )


def environment(settings: dict[str, Any], secret: dict[str, str], transport: Any) -> Environment:
    secrets = {name: Secret(value) for name, value in secret.items()}
    return Environment("ops", settings, secrets, lambda: NOW, no_sleep, transport)


async def test_a_webhook_posts_the_thread_once_with_its_key() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, text="ok, not JSON")

    settings = {"url": "https://hooks.example/a/b?c=d", "dedupe_hours": 24}
    hook = webhook.create(environment(settings, {"token": "t"}, httpx.MockTransport(handle)))
    receipt = await hook.perform(REF, escalation(to="#oncall"), "key-1")
    assert receipt.evidence == "HTTP 200"
    assert str(seen[0].url) == settings["url"]
    assert seen[0].headers["Idempotency-Key"] == "key-1"
    assert seen[0].headers["Authorization"] == "Bearer t"
    assert json.loads(seen[0].content) == {
        "text": "Look at this\nplease",
        "team": "payments",
        "to": "#oncall",
        "thread_url": "https://chat.example/t/1",
        "id": "key-1",
    }
    assert isinstance(hook.capabilities.offers[Capability.NOTIFY].dedupe, Key)


async def test_a_webhook_that_drops_the_line_is_unknown_and_cannot_be_asked() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("cut", request=request)

    hook = webhook.create(
        environment({"url": "https://hooks.example"}, {}, httpx.MockTransport(handle))
    )
    with pytest.raises(Unknown):
        await hook.perform(REF, escalation(), "k")
    assert isinstance(await hook.find(REF, escalation(), NOW, frozenset()), CannotTell)
    assert isinstance(hook.capabilities.offers[Capability.NOTIFY].dedupe, Nothing)
    with pytest.raises(Unsupported):
        await hook.perform(REF, Reply(thread=1, revision=1, text="x"), "k")


@dataclass
class MailServer:
    """A loopback mail server of ours: `answers` maps a verb to another answer, "" hangs up."""

    answers: dict[str, str] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)
    rcpt: list[str] = field(default_factory=list)
    port: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ours\r\n")
        while line := await reader.readline():
            verb = line.split()[0].decode().upper()
            if verb == "RCPT":
                self.rcpt.append(line.decode().strip())
            answer = self.answers.get(verb, "354 go" if verb == "DATA" else "250 ok")
            if not answer:
                break
            writer.write(answer.encode() + b"\r\n")
            if answer.startswith("354"):
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                end = self.answers.get(".", "250 queued as 7")
                if not end:
                    break
                writer.write(end.encode() + b"\r\n")
        writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["MailServer"]:
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()


def mailer(port: int, **more: Any) -> smtp.Smtp:
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "from": "modtui@example.org",
        **more,
    }
    return smtp.create(environment(settings, {"password": "pw"}, None))


async def test_a_mail_goes_out_with_an_id_made_of_the_key() -> None:
    async with MailServer().running() as server:
        to = "A <a@example.org>, b@example.org"
        first = await mailer(server.port).perform(REF, escalation(to=to), "key-1")
        again = await mailer(server.port).perform(REF, escalation(to=to), "key-1")
    mail = message_from_bytes(server.mails[0], policy=default)
    assert first.remote_id == again.remote_id == mail["Message-ID"]
    assert mail["Subject"] == "[payments] Look at this"
    assert "https://chat.example/t/1" in mail.get_content()
    told = [line.lower() for line in server.rcpt[:2]]
    assert told == ["rcpt to:<a@example.org>", "rcpt to:<b@example.org>"]
    assert first.evidence == "250 queued as 7"


async def test_a_mail_names_the_team_and_the_thread_once() -> None:
    told = replace(escalation(to="a@example.org"), text=f"payments: Look here\n{REF.url}\nfrom me")
    async with MailServer().running() as server:
        await mailer(server.port).perform(REF, told, "key-1")
    mail = message_from_bytes(server.mails[0], policy=default)
    assert mail["Subject"] == "[payments] Look here"
    assert mail.get_content().count(REF.url or "-") == 1


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"MAIL": "550 no"}, Rejected),
        ({"RCPT": "550 no such box\x1b[2J"}, Rejected),
        ({"RCPT": "451 later"}, Retryable),
        ({"MAIL": ""}, Retryable),
        ({"EHLO": "", "HELO": ""}, Retryable),
        ({"DATA": "451 later"}, Retryable),
        ({"DATA": "554 no"}, Rejected),
        ({".": "552 too big"}, Rejected),
        ({".": "451 later"}, Retryable),
        ({".": ""}, Unknown),
    ],
)
async def test_each_refusal_has_its_error(
    answers: dict[str, str], error: type[ConnectorError]
) -> None:
    async with MailServer(answers).running() as server:
        with pytest.raises(error) as told:
            await mailer(server.port).perform(REF, escalation(to="a@example.org"), "k")
    assert "\x1b" not in str(told.value)


async def test_a_wrong_password_asks_for_login() -> None:
    answers = {"EHLO": "250-ours\r\n250 AUTH PLAIN", "AUTH": "535 no"}
    async with MailServer(answers).running() as server:
        with pytest.raises(Unauthorized):
            await mailer(server.port, username="u").identity()


async def test_a_server_without_starttls_gets_no_mail() -> None:
    async with MailServer().running() as server:
        with pytest.raises(Rejected, match="STARTTLS"):
            await mailer(server.port, security="starttls").perform(
                REF, escalation(to="a@example.org"), "k"
            )
    assert server.mails == []


async def test_an_unreachable_server_is_tried_again() -> None:
    async with MailServer().running() as server:
        pass
    with pytest.raises(Retryable, match="cannot reach"):
        await mailer(server.port).perform(REF, escalation(to="a@example.org"), "k")


@pytest.mark.parametrize("to", ["", "nobody", "a@example.org\nBcc: b@example.org", "<"])
async def test_what_is_no_address_is_rejected_before_anything_leaves(to: str) -> None:
    with pytest.raises(Rejected):
        await mailer(1).perform(REF, escalation(to=to), "k")


async def test_notifiers_read_nothing() -> None:
    for one in (mailer(1), webhook.create(environment({"url": "https://h.example"}, {}, None))):
        steps = one.updates(None)
        batch = await anext(steps)
        await steps.aclose()
        assert (batch.caught_up, batch.threads) == (True, ())
        with pytest.raises(Unsupported):
            await one.context(REF)
        await one.aclose()


HAND_OVER = HandOver(account="ops", to="a@example.org", text="Hand-over of mod-a\n- nothing left")


async def test_a_webhook_tells_a_hand_over_which_has_no_team_and_no_thread() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    transport = httpx.MockTransport(handle)
    hook = webhook.create(environment({"url": "https://hooks.example"}, {}, transport))
    receipt = await hook.perform(ThreadRef("", "", ""), HAND_OVER, "key-1")
    assert receipt.evidence == "HTTP 204"
    assert json.loads(seen[0].content) == {
        "text": HAND_OVER.text,
        "team": None,
        "to": "a@example.org",
        "thread_url": None,
        "id": "key-1",
    }


async def test_a_mail_carries_a_hand_over() -> None:
    async with MailServer().running() as server:
        await mailer(server.port).perform(ThreadRef("", "", ""), HAND_OVER, "key-1")
    mail = message_from_bytes(server.mails[0], policy=default)
    assert mail["Subject"] == "[hand-over] Hand-over of mod-a"
    assert mail.get_content().splitlines()[:2] == HAND_OVER.text.splitlines()


async def test_a_mail_server_that_says_the_password_back_is_masked() -> None:
    password = "canary-4f1d9c77"
    packed = base64.b64encode(f"\0u\0{password}".encode()).decode()
    answers = {
        "EHLO": "250-ours\r\n250 AUTH PLAIN",
        "AUTH": f"535 you said {packed} which is {password}",
    }
    async with MailServer(answers).running() as server:
        settings = {
            "host": "127.0.0.1", "port": server.port, "security": "none", "from": "m@x.test",
            "username": "u",
        }  # fmt: skip
        connector = smtp.create(environment(settings, {"password": password}, None))
        with pytest.raises(Unauthorized) as told:
            await connector.identity()
    assert "you said" in str(told.value)
    assert password not in str(told.value)
    assert packed not in str(told.value)
