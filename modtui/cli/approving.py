"""A secret that its owner approves in a browser: the address is shown, the answer is pasted.

On the command line by `login --approve`, and in the guide to an account.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from dataclasses import replace

import click

from modtui.cli import compose, plain
from modtui.cli.exits import Exit, Failure
from modtui.cli.guide import Said, Trouble
from modtui.cli.hidden import next_line
from modtui.cli.places import Keep, account_of
from modtui.cli.schema import Account
from modtui.cli.steps import Plain
from modtui.connectors import Approval, Approve, Rejected
from modtui.credentials import seal_memory
from modtui.domain.guide import Option, Question
from modtui.domain.secret import Secret


def fresh() -> str:
    """Return text that nobody can guess."""
    return secrets.token_hex(16)


def begun(approve: Approve, url: str) -> Approval:
    """Return what is to be approved at `url`. Raises Rejected."""
    seal_memory()
    return approve(url, fresh)


def approved(account: Account, stdin: bool) -> dict[str, Secret]:
    """Show the address and read what the platform showed, from the terminal until it fits or
    from a line of stdin. Raises Failure where nothing can be approved or nothing was pasted."""
    if account.kind.approve is None:
        raise Failure(Exit.USAGE, f"{account.name} has nothing to approve: leave --approve out")
    if account.wanted.store == "command":
        raise Failure(Exit.USAGE, f"a command gives the secret of {account.name}: use --store")
    if not stdin and not sys.stdin.isatty():
        raise Failure(Exit.USAGE, "the answer is asked for on a terminal: or use --stdin")
    url = str(account.settings["url"])
    approval = begun(account.kind.approve(), url)
    plain.say("Open this address in a browser where you are logged in, and approve:")
    plain.say("")
    plain.say(approval.url)
    plain.say("")
    while text := _pasted(stdin).strip():
        try:
            return {approval.field: approval.take(text)}
        except Rejected as error:
            if stdin:
                raise Failure(Exit.CREDENTIALS, f"{error}; nothing was saved") from None
            plain.warn(str(error))
    raise Failure(Exit.USAGE, f"{account.name} needs a {approval.field}; nothing was saved")


def _pasted(stdin: bool) -> str:
    if stdin:
        return next_line()
    text: str = click.prompt(
        "Paste what it shows (Enter alone leaves)", default="", show_default=False
    )
    return text


class How(Plain):
    """Whether a secret is typed, or made by the platform on approval."""

    id = "how"

    def asks(self, said: Said) -> bool:
        if said.demo or compose.kinds()[said.connector].approve is None:
            return False
        return not said.setup.credentials.from_environment(account_of(said).wanted)

    def question(self, said: Said) -> Question:
        return Question(
            self.id,
            f"How {said.name} gets its key",
            "pick",
            ("Approving needs nothing but your own account there.",),
            (
                Option("1", "approve", "approve one in a browser"),
                Option("2", "type", "type one that you have"),
            ),
            answer="type" if said.secrets and said.approval is None else "approve",
        )

    async def take(self, said: Said, text: str) -> Said:
        if text == "type":
            return replace(said, approval=None)
        approve = compose.kinds()[said.connector].approve
        assert approve is not None
        try:
            approval = await asyncio.to_thread(begun, approve(), said.url)
        except Rejected as error:
            raise Trouble(str(error)) from None
        return replace(said, approval=approval, bound=account_of(said).wanted.origin)


class Paste(Plain):
    """What the platform shows when it was approved."""

    id = "paste"

    def asks(self, said: Said) -> bool:
        return not said.demo and said.approval is not None

    def question(self, said: Said) -> Question:
        assert said.approval is not None
        lines = (
            "Open this address in a browser where you are logged in, approve, and paste what it"
            " shows. It can be opened only here, and only now.",
            said.approval.url,
        )
        title = f"The {said.approval.field} of {said.name}"
        return Question(self.id, title, "secret", lines, copies=said.approval.url)

    async def take(self, said: Said, text: str) -> Said:
        assert said.approval is not None
        try:
            secret = said.approval.take(text)
        except Rejected as error:
            raise Trouble(str(error)) from None
        return replace(said, secrets={said.approval.field: secret}, next=Keep.id)
