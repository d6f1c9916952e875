"""The guide to an account: steps walked one after the other, on the screen and on the line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from modtui.cli import compose
from modtui.cli.compose import Setup
from modtui.cli.schema import Account
from modtui.cli.writing import Wish, typed
from modtui.connectors import Approval, Finding, Identity
from modtui.credentials import Health, KeyringState
from modtui.domain.guide import Question
from modtui.domain.secret import Secret
from modtui.domain.settings import Moderator

_PLACES = {"session": "this session only", "vault": "in the vault", "command": "by a command"}


@dataclass(frozen=True, slots=True)
class Said:
    """What was answered so far, and what was found out with it.

    `texts` are the connector's settings as they were typed; `changes` and `edits` say that the
    settings, and who works here, are gone through; `silent` is an address that did not answer;
    `bound` is the origin that the secrets were typed for; `command` gives them, where that is how
    they are kept, and `passphrase` opens the vault; `next` names the step that follows,
    where it is not the one after; `known` is an account that is configured already; `approval` is
    what a browser is to approve.
    """

    setup: Setup
    moderator: Moderator
    demo: bool = False
    connector: str = ""
    name: str = ""
    url: str = ""
    silent: str = ""
    finding: Finding | None = None
    changes: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    bound: str = ""
    store: str = "system"
    command: tuple[str, ...] = ()
    passphrase: Secret | None = None
    keyring: Health = field(default_factory=lambda: Health(KeyringState.NONE))
    identity: Identity | None = None
    edits: bool = False
    known: Account | None = None
    approval: Approval | None = None
    written: Setup | None = None
    next: str = ""


class Trouble(Exception):
    """Why a question stays, in one line. `said`: what was learned by it; `at`: the step to go
    back to, where the answer that is wrong was given earlier."""

    def __init__(self, why: str, said: Said | None = None, at: str = "") -> None:
        super().__init__(why)
        self.said = said
        self.at = at


class Step(Protocol):
    """One question of the guide."""

    id: str

    def asks(self, said: Said) -> bool:
        """Whether there is anything to ask."""
        ...

    async def prepare(self, said: Said) -> Said:
        """Find out what the question needs. Raises Trouble, and the guide does not get here."""
        ...

    def question(self, said: Said) -> Question: ...

    async def take(self, said: Said, text: str) -> Said:
        """Return what is said with this answer. Raises Trouble."""
        ...


class Walk:
    """A `domain.guide.Guide` over steps, which may depend on what was said. `leave` says what
    going back from the first question does."""

    def __init__(
        self, said: Said, steps: Callable[[Said], Sequence[Step]], title: str, leave: str = ""
    ) -> None:
        self.said = said
        self.title = title
        self._leave = leave
        self._steps = steps
        self._step: Step | None = next(step for step in steps(said) if step.asks(said))
        self._path: list[str] = []

    @property
    def question(self) -> Question | None:
        return None if self._step is None else self._step.question(self.said)

    @property
    def escape(self) -> str:
        return "one question back" if self._path else self._leave

    @property
    def trail(self) -> tuple[str, ...]:
        said = self.said
        kept = _PLACES.get(said.store, "") if said.secrets else ""
        who = said.identity.name if said.identity else ""
        return tuple(part for part in (said.connector, said.url, said.name, who, kept) if part)

    async def answer(self, text: str) -> str:
        step = self._step
        if step is None:
            return ""
        try:
            said = await step.take(self.said, text)
            following, said = await self._following(step, said)
        except Trouble as trouble:
            self.said = trouble.said or self.said
            if trouble.at:
                self._return_to(trouble.at)
            return str(trouble)
        self.said = said
        self._path.append(step.id)
        self._step = following
        return ""

    def back(self) -> bool:
        if not self._path:
            return False
        self._return_to(self._path[-1])
        return True

    async def _following(self, step: Step, said: Said) -> tuple[Step | None, Said]:
        steps = list(self._steps(said))
        ids = [each.id for each in steps]
        start = ids.index(said.next) if said.next else ids.index(step.id) + 1
        said = replace(said, next="")
        for each in steps[start:]:
            if each.asks(said):
                return each, await each.prepare(said)
        return None, said

    def _return_to(self, wanted: str) -> None:
        while wanted in self._path:
            last = self._path.pop()
            if last == wanted:
                break
        self._step = next(step for step in self._steps(self.said) if step.id == wanted)


def settings(said: Said) -> dict[str, Any]:
    """Return the connector's settings as TOML has them."""
    schema = compose.kinds()[said.connector].schema
    given = {setting: said.texts.get(setting.name, "") for setting in schema.settings}
    return {each.name: typed(text, each) for each, text in given.items() if text}


def wish_of(said: Said) -> Wish:
    """Return the account that was described."""
    command = said.command if said.store == "command" else ()
    return Wish(
        said.connector, said.name, said.url, settings(said), said.store, command,
        said.setup.config.ca_file,
    )  # fmt: skip
