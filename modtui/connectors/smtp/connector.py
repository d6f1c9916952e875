"""One e-mail for each escalation and hand-over. The standard library's client, on a thread."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import smtplib
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Capabilities,
    ConnectorError,
    Context,
    Environment,
    Found,
    Identity,
    Limits,
    Nothing,
    Rejected,
    Retryable,
    ThreadRef,
    Unauthorized,
    Unknown,
    Unsupported,
)
from modtui.connectors.trust import flaw, tls_context
from modtui.domain.address import is_loopback
from modtui.domain.commands import Capability, Command, Escalate, HandOver
from modtui.domain.outbox import Receipt
from modtui.domain.secret import Redactor, Secret
from modtui.domain.text import clean_line

_PAUSE = 3600.0
_TIMEOUT = 15.0
_NAME = "[127.0.0.1]"


def create(env: Environment) -> Smtp:
    """Return the connector of one account; nothing is sent yet."""
    return Smtp(env)


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    security: str
    username: str
    password: Secret | None
    ca_file: str | None

    @property
    def logs_in(self) -> bool:
        return bool(self.username and self.password)

    def says(self, words: bytes | str, limit: int = 200) -> str:
        """Return what it said on one line, without our password, should it say that back."""
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        redact = Redactor([self.password] if self.password else [])
        return clean_line(redact(text), limit=limit)

    def why(self, error: Exception) -> str:
        """Return what went wrong on one line."""
        if isinstance(error, smtplib.SMTPResponseException):
            return f"{error.smtp_code} {self.says(error.smtp_error)}"
        return self.says(str(error), limit=120) or type(error).__name__


class Smtp:
    """Tells; never reads."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        settings = env.settings
        self._sender = str(settings["from"])
        self._server = _Server(
            host=str(settings["host"]),
            port=int(settings.get("port") or 587),
            security=str(settings.get("security") or "starttls"),
            username=str(settings.get("username") or ""),
            password=env.secrets.get("password"),
            ca_file=settings.get("ca_file") or None,
        )
        self.realm = f"smtp:{self._server.host}:{self._server.port}"
        self.capabilities = Capabilities({Capability.NOTIFY: Limits("e-mail", Nothing())})

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield an empty batch now and then: there is nothing to read."""
        while True:
            yield Batch(cursor="", caught_up=True)
            await self._env.sleep(_PAUSE)

    async def context(self, ref: ThreadRef) -> Context:
        raise Unsupported("e-mail has no threads here")

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        """Send the mail to `command.to` (addresses, separated by commas)."""
        if not isinstance(command, Escalate | HandOver):
            raise Unsupported("e-mail can only tell a team")
        message = self._message(ref, command, key)
        told = await asyncio.to_thread(_send, self._server, message)
        return Receipt(message["Message-ID"], self._env.now(), told)

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        return CannotTell("a mail server cannot be asked what it delivered")

    async def identity(self) -> Identity:
        """Log in and out again. Raises Unauthorized, Retryable or Rejected."""
        await asyncio.to_thread(_try_login, self._server)
        return Identity(self._sender, self._sender, "notify only", ("tell a team",))

    async def aclose(self) -> None:
        """Nothing is kept open."""

    def _message(self, ref: ThreadRef, command: Escalate | HandOver, key: str) -> EmailMessage:
        """The same key gives the same Message-ID, so mail programs show a repeat once."""
        message = EmailMessage()
        digest = hashlib.sha256(key.encode()).hexdigest()[:32]
        domain = clean_line(self._sender.rpartition("@")[2].strip("> ")) or "localhost"
        about = command.team if isinstance(command, Escalate) else "hand-over"
        first = command.text.strip().partition("\n")[0].removeprefix(f"{about}: ")
        link = "" if not ref.url or ref.url in command.text else ref.url
        try:
            message["From"] = self._sender
            message["To"] = command.to
            message["Subject"] = str(clean_line(f"[{about}] {first}", limit=150))
            message["Date"] = format_datetime(self._env.now())
            message["Message-ID"] = f"<modtui.{digest}@{domain}>"
            message.set_content("\n\n".join(filter(None, (command.text, link))))
        except (ValueError, IndexError) as error:
            raise Rejected(f"not an e-mail address: {clean_line(command.to)}") from error
        if not _recipients(message):
            raise Rejected(f"{clean_line(about)} has no e-mail address to reach")
        return message


def _recipients(message: EmailMessage) -> list[str]:
    addresses = message["To"].addresses
    return [a.addr_spec for a in addresses if a.username and a.domain]


@contextlib.contextmanager
def _connected(server: _Server) -> Iterator[smtplib.SMTP]:
    """Connect, secure and log in. Until the message goes out, nothing can have been sent."""
    try:
        context = None if server.security == "none" else tls_context(server.ca_file)
        smtp = (
            smtplib.SMTP_SSL(server.host, server.port, _NAME, timeout=_TIMEOUT, context=context)
            if server.security == "tls"
            else smtplib.SMTP(server.host, server.port, _NAME, timeout=_TIMEOUT)
        )
    except (OSError, smtplib.SMTPException) as error:
        where = f"{server.host}:{server.port}"
        words = flaw(error, server.host) or f"cannot reach {where}: {server.why(error)}"
        raise Retryable(words) from error
    try:
        _greet(smtp, server, context)
        yield smtp
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        smtp.close()


def _greet(smtp: smtplib.SMTP, server: _Server, context: ssl.SSLContext | None) -> None:
    if server.security == "none" and server.logs_in and not is_loopback(server.host):
        raise Rejected(
            f"{server.host} would get the password in the clear, which is refused:"
            ' write security = "starttls" or "tls"'
        )
    try:
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.username and server.password:
            smtp.login(server.username, server.password.reveal())
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code < 500:
            raise Retryable(f"{server.host}: {server.why(error)}") from error
        raise Unauthorized(
            f"{server.host} does not accept the login: {server.why(error)}"
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Rejected(
            f"{server.host}: {server.why(error)}; see the account's `security`"
        ) from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        # ValueError: what the server wants to have answered is no base64.
        words = flaw(error, server.host) or f"{server.host}: {server.why(error)}"
        raise Retryable(words) from error


def _try_login(server: _Server) -> None:
    with _connected(server):
        pass


def _send(server: _Server, message: EmailMessage) -> str:
    with _connected(server) as smtp:
        try:
            smtp.ehlo_or_helo_if_needed()
            _expect(server, smtp.mail(message["From"].addresses[0].addr_spec))
            for address in _recipients(message):
                _expect(server, smtp.rcpt(address))
        except Unknown as error:
            # Nothing was sent yet, so whatever this is, it is no mail.
            raise Retryable(f"{server.host}: {error}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Retryable(f"{server.host}: {server.why(error)}") from error
        try:
            return _expect(server, smtp.data(message.as_bytes(policy=SMTP)))
        except smtplib.SMTPDataError as error:
            raise _refused(server, error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unknown(f"{server.host} did not say whether it took the mail") from error


def _expect(server: _Server, answer: tuple[int, bytes]) -> str:
    """Return the server's words. Raises Rejected (5xx), Retryable (4xx) or, for no code of mail,
    Unknown."""
    code, words = answer
    if 200 <= code < 400:
        return f"{code} {server.says(words)}"
    raise _refused(server, code, words)


def _refused(server: _Server, code: int, words: bytes | str) -> ConnectorError:
    told = f"{code} {server.says(words)}"
    if 400 <= code < 500:
        return Retryable(told)
    return Rejected(told) if 500 <= code < 600 else Unknown(f"an answer that means nothing: {told}")
