"""A secret that its owner approves in a browser: the address is shown, the answer is pasted."""

from __future__ import annotations

import secrets
import sys

import click

from modtui.cli import plain
from modtui.cli.exits import Exit, Failure
from modtui.cli.schema import Account
from modtui.connectors import Approval, Approve, Rejected
from modtui.credentials import seal_memory
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
        return sys.stdin.readline()
    text: str = click.prompt(
        "Paste what it shows (Enter alone leaves)", default="", show_default=False
    )
    return text
