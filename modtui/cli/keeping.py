"""The last steps to an account: its secret, where that is kept, who we are there, and writing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from modtui.cli import compose, plain
from modtui.cli.approving import How, Paste
from modtui.cli.exits import Exit
from modtui.cli.guide import Said, Step, Trouble, wish_of
from modtui.cli.login import identity_lines, introduce, to_send
from modtui.cli.places import Command, Keep, account_of, places
from modtui.cli.steps import YES, Plain, first_steps
from modtui.cli.writing import written
from modtui.config import ConfigError, default_policy, known_zone, nearest
from modtui.connectors import SecretField
from modtui.credentials import CredentialsError
from modtui.domain.guide import Option, Question
from modtui.domain.secret import Secret
from modtui.domain.settings import Moderator
from modtui.domain.text import clean_line
from modtui.layouts import TABLES

_LANGUAGE = re.compile(r"[a-z]{2,3}")


class OneSecret(Plain):
    """One credential, typed without being shown."""

    def __init__(self, field: SecretField) -> None:
        self.id = f"secret:{field.name}"
        self._field = field

    def asks(self, said: Said) -> bool:
        if said.demo:
            return False
        wanted = account_of(said).wanted
        return self._field.name not in said.setup.credentials.from_environment(wanted)

    async def prepare(self, said: Said) -> Said:
        origin = account_of(said).wanted.origin
        # A secret belongs to the place that it was typed for.
        return said if said.bound == origin else replace(said, bound=origin, secrets={})

    def question(self, said: Said) -> Question:
        field = self._field
        need = "" if field.required else " Left empty, none is used."
        lines = [f"{field.help[:1].upper()}{field.help[1:]}.{need}" if field.help else need.strip()]
        lines += [f"Where to get it: {field.where}."] if field.where else []
        lines.append(f"What is typed is not shown; it goes to {said.bound} and nowhere else.")
        return Question(
            self.id,
            f"The {field.name} of {said.name}",
            "secret",
            tuple(line for line in lines if line),
            kept=field.name in said.secrets,
        )

    async def take(self, said: Said, text: str) -> Said:
        name, value = self._field.name, text.strip()
        if value:
            return replace(said, secrets={**said.secrets, name: Secret(value)})
        if self._field.required and name not in said.secrets:
            raise Trouble(f"{said.name} needs a {name}")
        return said


class Who(Plain):
    """Who these secrets belong to, as the platform says."""

    id = "who"

    def asks(self, said: Said) -> bool:
        return not said.demo

    async def prepare(self, said: Said) -> Said:
        account = account_of(said)
        secrets = {**said.secrets, **said.setup.credentials.given(account.wanted)}
        met = await introduce(account, secrets)
        if met.identity is not None:
            return replace(said, identity=met.identity)
        typed = next((f"secret:{field}" for field in account.wanted.fields if field in secrets), "")
        wrong = met.code is Exit.CREDENTIALS and typed.removeprefix("secret:") in said.secrets
        at = Command.id if said.store == "command" else typed
        raise Trouble(f"{clean_line(str(met.error))}", said, at if wrong else "")

    def question(self, said: Said) -> Question:
        assert said.identity is not None
        account = account_of(said)
        head, *lines = identity_lines(account, said.identity, rest=True)
        text = to_send(account, said.identity)
        other = (Option("2", "no", "no, another secret"),) if said.secrets else ()
        options = (YES, *other)
        return Question(
            self.id, head, "pick", tuple(lines), options, answer="yes", copies=text, copied="text"
        )

    async def take(self, said: Said, text: str) -> Said:
        if text == "yes":
            return said
        return replace(said, next=f"secret:{next(iter(said.secrets))}")


class Edit(Plain):
    """One thing about who works here."""

    def __init__(self, name: str, what: str, line: str) -> None:
        self.id = f"you:{name}"
        self._name = name
        self._what = what
        self._line = line

    def asks(self, said: Said) -> bool:
        return said.edits

    def question(self, said: Said) -> Question:
        value = getattr(said.moderator, self._name)
        shown = value if isinstance(value, str) else ", ".join(value)
        return Question(self.id, self._what, "text", (self._line,), answer=shown)

    async def take(self, said: Said, text: str) -> Said:
        words = tuple(part.strip() for part in text.split(",") if part.strip())
        person = said.moderator
        match self._name:
            case "name":
                person = replace(person, name=text.strip())
            case "timezone":
                person = replace(person, timezone=text.strip())
            case "languages":
                person = replace(person, languages=words)
            case _:
                person = replace(person, keyboards=words)
        if why := _flaw(person):
            raise Trouble(why)
        return replace(said, moderator=person)


EDITS = (
    Edit("name", "Your name", "As colleagues see it in claims, notes and the audit log."),
    Edit(
        "timezone", "Your zone", "An IANA name, such as Europe/Warsaw: every time is shown in it."
    ),
    Edit("languages", "Languages you read", "Codes such as ru, en, separated by commas."),
    Edit("keyboards", "Your keyboards", f"Of {', '.join(TABLES)}; empty: keys as they are typed."),
)


def _flaw(person: Moderator) -> str:
    """Return what is wrong with who works here, or ""."""
    if not person.name:
        return "a name is needed"
    if not known_zone(person.timezone):
        return f"there is no zone {clean_line(person.timezone)}: write one such as Asia/Almaty"
    if wrong := [word for word in person.languages if not _LANGUAGE.fullmatch(word)]:
        return f'"{clean_line(wrong[0])}" is not a language code, such as "en" or "ru"'
    if not person.languages:
        return "one language is needed"
    if wrong := [word for word in person.keyboards if word not in TABLES]:
        near = nearest(wrong[0], TABLES)
        return f'"{clean_line(wrong[0])}" is not one of {", ".join(TABLES)}{near}'
    if {"ge", "ge-ergonomic"} <= set(person.keyboards):
        return "ge and ge-ergonomic put one letter on two keys: keep one"
    return ""


class Write(Plain):
    """What holds from now on, as text; and then it is written."""

    id = "write"

    def __init__(self, enter: str) -> None:
        self._enter = enter

    def asks(self, said: Said) -> bool:
        return not said.demo

    def question(self, said: Said) -> Question:
        person, folder = said.moderator, said.setup.paths.config_more
        keyboards = ", ".join(person.keyboards) or "as typed"
        lines = (
            f"You are {person.name}; times are in {person.timezone}.",
            f"You read {', '.join(person.languages)}; keyboards: {keyboards}.",
            policy_words(),
            "Threads older than 7 days are put aside at the first read, nothing urgent among them.",
            f"Files are written to {folder}. Another account later: modtui init.",
        )
        options = (
            Option("1", "write", f"write {said.name}.toml and {self._enter}"),
            Option("e", "edit", "change name, zone, languages, keyboards first"),
        )
        return Question(
            self.id,
            "This holds from now on",
            "pick",
            lines,
            options,
            answer="write",
            enter="writes",
        )

    async def take(self, said: Said, text: str) -> Said:
        if text == "edit":
            return replace(said, edits=True, next=EDITS[0].id)
        return replace(said, written=await asyncio.to_thread(_write, said))


def policy_words() -> str:
    """Return the promise that holds where none is configured."""
    policy = default_policy()
    first, after, whole = (
        plain.span(target)
        for target in (policy.first_response, policy.next_response, policy.resolution)
        if target is not None
    )
    return (
        "Where no [[sla]] says otherwise: round the clock, first response"
        f" {first}, next response {after}, resolution {whole}."
    )


def _write(said: Said) -> compose.Setup:
    """Write the account and keep its secrets; return the setup read back. Raises Trouble."""
    before = said.setup.config.desk.moderator
    person = said.moderator if said.moderator != before else None
    try:
        with written(said.setup, wish_of(said), person) as setup:
            account = setup.account(said.name)
            if account is not None and (said.secrets or said.store == "command"):
                if said.passphrase is not None and said.store == "vault":
                    setup.credentials.vault.unlock(said.passphrase)
                setup.credentials.keep(account.wanted, said.secrets)
            return setup
    except ConfigError as error:
        raise Trouble("; ".join(str(problem) for problem in error.problems)) from None
    except CredentialsError as error:
        raise Trouble(str(error), said, Keep.id) from None
    except OSError as error:
        raise Trouble(f"{error.filename or said.name}: {error.strerror or error}") from None


def secret_steps(said: Said) -> list[Step]:
    """Return the steps that ask for the secrets of the connector, and who they belong to."""
    schema = compose.kinds()[said.connector].schema if said.connector else None
    return [How(), Paste(), *(OneSecret(field) for field in (schema.secrets if schema else ()))]


def account_steps(said: Said, *, first: bool) -> Sequence[Step]:
    """Return the steps to an account; `first`: the demo is offered, and the queue opens then."""
    enter = "open the queue" if first else "be done"
    begin = [step for step in first_steps(said) if first or step.id != "start"]
    return [*begin, *secret_steps(said), *places(), Who(), *EDITS, Write(enter)]
