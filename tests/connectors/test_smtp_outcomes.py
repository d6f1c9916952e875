"""What becomes of a mail whose answer is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from email import message_from_bytes

import pytest

from modtui.domain.commands import Capability, Command
from tests.connectors.contract import Line
from tests.connectors.outcomes import OutcomeContract
from tests.connectors.test_notify import NOW, REF, MailServer, escalation, mailer
from tests.connectors.test_webhook_wire import Telling


@dataclass
class Post:
    """The far end of a mailer: what lies in its boxes."""

    server: MailServer
    before: int = 0

    @property
    def acts(self) -> int:
        return len(self.server.mails) - self.before

    def state(self) -> object:
        return [message_from_bytes(mail)["Message-ID"] for mail in self.server.mails]

    def lose(self, number: int, *, done: bool) -> None:
        assert number == 0, "a mail goes out at once"
        self.server.answers["." if done else "DATA"] = ""

    def heal(self) -> None:
        self.before = len(self.server.mails)
        self.server.answers.clear()


class Mailing(Telling):
    """A line on which mail goes out."""

    def commands(self, capability: Capability) -> tuple[Command, ...]:
        if capability is not Capability.NOTIFY:
            return super().commands(capability)
        return (escalation(to="team@example.org"),)


class TestOutcomes(OutcomeContract):
    kind = "smtp"
    server: MailServer

    @pytest.fixture(autouse=True)
    async def run(self) -> AsyncIterator[None]:
        async with MailServer().running() as self.server:
            yield

    async def fresh(self) -> Line:
        self.server.mails.clear()
        mails, far = mailer(self.server.port), Post(self.server)
        return Mailing(mails, [], REF.subject, NOW, far=far)
