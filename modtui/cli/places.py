"""Where the secrets of an account are kept, asked after a look at the keyring."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import replace

from modtui.cli.guide import Said, Step, Trouble, wish_of
from modtui.cli.schema import Account
from modtui.cli.steps import Plain
from modtui.config import ConfigError, command_flaw
from modtui.credentials import (
    CredentialsError,
    KeyringState,
    VaultFailed,
    check_passphrase,
    no_vault,
    variable,
)
from modtui.domain.guide import Option, Question
from modtui.domain.secret import Secret
from modtui.domain.text import clean_line

_NOT_WELL = {
    KeyringState.NONE: "there is none that can be reached",
    KeyringState.LOCKED: "it is locked",
    KeyringState.HANGING: "it does not answer",
    KeyringState.INSECURE: "it would keep plain text",
    KeyringState.ERROR: "it failed",
}
_PASS = ("pass", "show", "modtui/{account}/{field}")


def account_of(said: Said) -> Account:
    """Return the account as it is or would be configured. Raises Trouble where it cannot be."""
    if said.known is not None:
        return said.known
    try:
        return wish_of(said).account()
    except ConfigError as error:
        raise Trouble("; ".join(problem.what for problem in error.problems)) from None


class Keep(Plain):
    """Where the secrets are kept."""

    id = "keep"

    def asks(self, said: Said) -> bool:
        return bool(said.secrets)

    async def prepare(self, said: Said) -> Said:
        return replace(said, keyring=await asyncio.to_thread(said.setup.credentials.probe))

    def question(self, said: Said) -> Question:
        health = said.keyring
        well = health.state is KeyringState.OK
        options = (
            Option("s", "system", "the system keyring", _NOT_WELL.get(health.state, "")),
            Option("v", "vault", "a vault: a file with a passphrase, asked once a session",
                   no_vault()),
            Option("c", "command", "a command asks your password manager: pass, bw, op"),
            Option("m", "session", "this session only, in memory: asked for at each start"),
        )  # fmt: skip
        lines = [f"{health.what[:1].upper()}{health.what[1:]}."]
        if not well:
            first = variable(said.name, next(iter(said.secrets)))
            ways = (
                f"{health.mend[:1].upper()}{health.mend[1:]}; or set" if health.mend else "Or set"
            )
            lines.append(f"{ways} {first} in the environment.")
        chosen = said.store if well or said.store != "system" else "session"
        return Question(self.id, "Where to keep it", "pick", tuple(lines), options, answer=chosen)

    async def take(self, said: Said, text: str) -> Said:
        return replace(said, store=text)


class VaultPhrase(Plain):
    """The passphrase of the vault; of one that is there it has to be the right one."""

    id = "vault"

    def asks(self, said: Said) -> bool:
        return said.store == "vault"

    def question(self, said: Said) -> Question:
        vault = said.setup.credentials.vault
        title = "The passphrase of the vault" if vault.exists else "A passphrase for a new vault"
        lines = (f"It opens {vault.path}.", "It is asked for once a session, and kept nowhere.")
        return Question(self.id, title, "secret", lines, kept=said.passphrase is not None)

    async def take(self, said: Said, text: str) -> Said:
        if not text and said.passphrase is not None:
            return said
        vault, passphrase = said.setup.credentials.vault, Secret(text)
        try:
            # A new one is made with the last Enter, as everything is.
            if vault.exists:
                await asyncio.to_thread(vault.unlock, passphrase)
            else:
                check_passphrase(passphrase)
        except VaultFailed as error:
            raise Trouble(str(error)) from None
        return replace(said, passphrase=passphrase)


class VaultAgain(Plain):
    """The passphrase of a new vault once more: one that was mistyped would lock its owner out."""

    id = "vault:again"

    def asks(self, said: Said) -> bool:
        return said.store == "vault" and not said.setup.credentials.vault.exists

    def question(self, said: Said) -> Question:
        lines = ("Whoever forgets it has to log in anew everywhere.",)
        return Question(self.id, "The same passphrase once more", "secret", lines)

    async def take(self, said: Said, text: str) -> Said:
        if said.passphrase is None or text != said.passphrase.reveal():
            raise Trouble("these two are not the same: Esc goes back to the first")
        return said


class Command(Plain):
    """The command that gives the secret; it is run, and what it gives is used from here on."""

    id = "command"

    def asks(self, said: Said) -> bool:
        return said.store == "command"

    def question(self, said: Said) -> Question:
        lines = (
            "It is run at each start, by no shell and without a terminal; the first line that it"
            " prints is the secret.",
            "{account} and {field} are filled in. Put the secret there first, in another terminal.",
        )
        shown = shlex.join(said.command) if said.command else " ".join(_PASS)
        return Question(self.id, "The command", "text", lines, answer=shown, enter="runs it")

    async def take(self, said: Said, text: str) -> Said:
        try:
            words = shlex.split(text)
        except ValueError:
            raise Trouble("a quote is not closed") from None
        if why := command_flaw(words):
            raise Trouble(f"the command {why}")
        said = replace(said, command=tuple(words))
        wanted = account_of(said).wanted
        found = (await asyncio.to_thread(said.setup.credentials.read, [wanted]))[said.name]
        if isinstance(found, CredentialsError):
            raise Trouble(str(clean_line(str(found))))
        given = said.setup.credentials.from_environment(wanted)
        return replace(said, secrets={k: v for k, v in found.items() if k not in given})


def places() -> list[Step]:
    """Return the steps to where the secrets are kept."""
    return [Keep(), VaultPhrase(), VaultAgain(), Command()]
