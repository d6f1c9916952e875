"""Secrets in the system keyring, asked for by a child process that can be killed; or in memory.

A keyring may be absent, locked, or wait for ever for a prompt on a screen nobody sees; its
library may choose to write plain text. So no keyring code runs in this process, every call has
a deadline, and each of those states has its own words. Nothing is ever kept in plain text.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from modtui.domain.secret import Secret

DEADLINE_SECONDS = 5.0

# Exceptions differ between keyring backends and are told apart by name, so the child catches
# all of them: whatever goes wrong there becomes a state here.
CHILD = r"""
import json, os, sys
asked = json.load(sys.stdin)
service, answer = asked["service"], {"state": "ok"}
def chain(ring):
    for one in getattr(ring, "backends", None) or [ring]:
        yield from (base.__name__.lower() for base in type(one).__mro__)
try:
    import keyring
    ring = keyring.get_keyring()
    module = type(ring).__module__
    answer["backend"] = f"{module.rsplit('.', 1)[-1]}.{type(ring).__name__}"
    if any("plaintext" in name for name in chain(ring)):
        answer["state"] = "insecure"
    elif module.endswith((".fail", ".null")):
        answer["state"] = "none"
    elif asked["do"] == "probe":
        canary = os.urandom(8).hex()
        keyring.set_password(service, "__probe__", canary)
        kept = keyring.get_password(service, "__probe__") == canary
        if kept:
            keyring.delete_password(service, "__probe__")
        answer["state"] = "ok" if kept else "error"
        answer["detail"] = "" if kept else "it did not keep what was written"
    elif asked["do"] == "get":
        answer["values"] = {name: keyring.get_password(service, name) for name in asked["names"]}
    elif asked["do"] == "set":
        for name, value in asked["values"].items():
            keyring.set_password(service, name, value)
            if keyring.get_password(service, name) != value:
                answer.update(state="error", detail="it did not keep what was written")
    elif asked["do"] == "delete":
        gone = [name for name in asked["names"] if keyring.get_password(service, name) is not None]
        for name in gone:
            keyring.delete_password(service, name)
        answer["values"] = dict.fromkeys(gone)
except Exception as error:
    name = type(error).__name__
    known = {"KeyringLocked": "locked", "InitError": "locked", "NoKeyringError": "none"}
    answer["state"] = known.get(name, "error")
    answer["detail"] = name
print()
print(json.dumps(answer))
"""


class KeyringState(StrEnum):
    """How the system keyring stands."""

    OK = "ok"
    NONE = "none"
    LOCKED = "locked"
    HANGING = "hanging"
    INSECURE = "insecure"
    ERROR = "error"


class CredentialsError(Exception):
    """A secret cannot be had or kept (exit code 3): one line saying why and what to do."""


class KeyringFailed(CredentialsError):
    """The keyring itself is what failed; nothing is known about the secret."""

    def __init__(self, state: KeyringState, message: str) -> None:
        super().__init__(message)
        self.state = state


@dataclass(frozen=True, slots=True)
class Answer:
    """What the child said."""

    state: KeyringState
    backend: str = ""
    detail: str = ""
    values: Mapping[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """How to run a piece of Python in a process of its own, for at most `deadline` seconds."""

    command: tuple[str, ...] = (sys.executable, "-I", "-c", CHILD)
    deadline: float = DEADLINE_SECONDS

    def ask(self, question: Mapping[str, Any]) -> Answer:
        """Return the child's answer; a child that does not end in time is killed: hanging."""
        process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(json.dumps(question).encode(), self.deadline)
        except subprocess.TimeoutExpired:
            _end(process)
            return Answer(KeyringState.HANGING, detail=f"no answer in {self.deadline:g} s")
        except BaseException:
            _end(process)
            raise
        try:
            said = json.loads(out.splitlines()[-1])
            return Answer(
                KeyringState(said["state"]),
                said.get("backend", ""),
                said.get("detail", ""),
                said.get("values"),
            )
        except (IndexError, KeyError, TypeError, ValueError):
            last = err.decode(errors="replace").strip().splitlines()[-1:]
            return Answer(KeyringState.ERROR, detail=" ".join(last)[:200] or "no answer")


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _words(answer: Answer, variable: str) -> str:
    """The one line for a state, with what to do next."""
    instead = f"set {variable} in the environment"
    unlock = 'read -rs P; printf %s "$P" | gnome-keyring-daemon --unlock'
    return {
        KeyringState.OK: f"the system keyring works ({answer.backend})",
        KeyringState.NONE: "no system keyring can be reached here (no D-Bus session; usual over"
        f" SSH): {instead}, or start a keyring (dbus-run-session, then {unlock})",
        KeyringState.LOCKED: "the keyring exists but is locked: unlock it"
        f" ({unlock}), or {instead}",
        KeyringState.HANGING: "the keyring is waiting for a password prompt that is probably open"
        f" on the machine's own screen ({answer.detail}): answer it there, or {instead}",
        KeyringState.INSECURE: "refusing: keyring would use PlaintextKeyring (package"
        f" keyrings.alt): remove it, or {instead}",
        KeyringState.ERROR: f"the keyring failed ({answer.detail or answer.backend}): {instead},"
        " or see modtui doctor",
    }[answer.state]


def variable(account: str, field: str) -> str:
    """Return the environment variable of one secret field: MODTUI_<ACCOUNT>_<FIELD>."""
    return f"MODTUI_{account}_{field}".upper().replace("-", "_")


def origin_of(url: str) -> str:
    """Return scheme, host and port of `url`: what a secret is bound to."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The secrets of one account. `origin` is what they may be sent to; `store` is where they are
    kept: system, or session (in memory, asked for at each start)."""

    account: str
    origin: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    store: str = "system"

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)


class Credentials:
    """The secrets of one configuration folder: the environment first, then what was said in this
    session, then the keyring."""

    def __init__(self, fingerprint: str, environ: Mapping[str, str], child: Child) -> None:
        self.service = f"modtui-{fingerprint}"
        self._environ = environ
        self._child = child
        self._session: dict[Wanted, Mapping[str, Secret]] = {}

    def from_environment(self, wanted: Wanted) -> tuple[str, ...]:
        """Return the fields that the environment gives, which win over the keyring."""
        return tuple(f for f in wanted.fields if self._environ.get(variable(wanted.account, f)))

    def given(self, wanted: Wanted) -> dict[str, Secret]:
        """Return the secrets that the environment gives."""
        fields = self.from_environment(wanted)
        return {field: Secret(self._environ[variable(wanted.account, field)]) for field in fields}

    def remember(self, wanted: Wanted, secrets: Mapping[str, Secret]) -> None:
        """Keep the secrets in memory, for as long as this process lives."""
        self._session[wanted] = dict(secrets)

    def unsaid(self, wanted: Wanted) -> tuple[str, ...]:
        """Return the fields of an account kept in memory that have to be asked for now."""
        if wanted.store != "session" or wanted in self._session:
            return ()
        given = self.from_environment(wanted)
        return tuple(field for field in wanted.required if field not in given)

    def probe(self) -> tuple[KeyringState, str]:
        """Return how the keyring stands, by writing and reading back a canary, in words."""
        answer = self._child.ask({"do": "probe", "service": self.service})
        return answer.state, _words(answer, "MODTUI_<ACCOUNT>_<FIELD>")

    def read(self, accounts: Iterable[Wanted]) -> dict[str, dict[str, Secret] | CredentialsError]:
        """Return each account's secrets, or why they cannot be had; one child for all of them."""
        every = tuple(accounts)
        names = [
            f"{wanted.account}/{field}"
            for wanted in every
            for field in wanted.fields
            if wanted.store == "system" and not self._environ.get(variable(wanted.account, field))
        ]
        answer = self._ask({"do": "get", "names": names}) if names else Answer(KeyringState.OK)
        return {wanted.account: self._sort(wanted, answer) for wanted in every}

    def _sort(self, wanted: Wanted, answer: Answer) -> dict[str, Secret] | CredentialsError:
        found: dict[str, Secret] = {}
        for field in wanted.fields:
            name = variable(wanted.account, field)
            if given := self._environ.get(name):
                found[field] = Secret(given)
                continue
            if wanted.store == "session":
                said = self._session.get(wanted, {})
                if field in said:
                    found[field] = said[field]
                elif field in wanted.required:
                    return CredentialsError(
                        f"the {field} of {wanted.account} is asked for at each start:"
                        f" open modtui, or set {name}"
                    )
                continue
            if answer.state is not KeyringState.OK:
                if field in wanted.required:
                    return KeyringFailed(answer.state, _words(answer, name))
                continue
            kept = (answer.values or {}).get(f"{wanted.account}/{field}")
            if kept is None:
                if field in wanted.required:
                    return CredentialsError(
                        f"no {field} is stored for {wanted.account}: modtui login"
                        f" {wanted.account}, or set {name}"
                    )
                continue
            secret, origin = _unpack(kept)
            if origin != wanted.origin:
                return CredentialsError(
                    f"{wanted.account} now goes to {wanted.origin}, its {field} was stored for"
                    f" {origin or 'something else'}: log in again with"
                    f" modtui login {wanted.account}"
                )
            found[field] = Secret(secret)
        return found

    def store(self, wanted: Wanted, secrets: Mapping[str, Secret]) -> str:
        """Keep the secrets, read back and compared; return where. Raises KeyringFailed."""
        values = {
            f"{wanted.account}/{field}": json.dumps(
                {"origin": wanted.origin, "secret": secret.reveal()}
            )
            for field, secret in secrets.items()
        }
        answer = self._ask({"do": "set", "values": values})
        if answer.state is not KeyringState.OK:
            name = variable(wanted.account, next(iter(secrets), "token"))
            raise KeyringFailed(answer.state, "nothing was saved: " + _words(answer, name))
        return f"the system keyring ({answer.backend})"

    def forget(self, wanted: Wanted) -> int:
        """Delete the account's secrets; return how many there were. Raises KeyringFailed."""
        names = [f"{wanted.account}/{field}" for field in wanted.fields]
        answer = self._ask({"do": "delete", "names": names})
        if answer.state is not KeyringState.OK:
            name = variable(wanted.account, next(iter(wanted.fields), "token"))
            raise KeyringFailed(answer.state, "nothing was deleted: " + _words(answer, name))
        return len(answer.values or {})

    def _ask(self, question: dict[str, Any]) -> Answer:
        return self._child.ask({**question, "service": self.service})


def _unpack(kept: str) -> tuple[str, str]:
    """Return (secret, origin) of a stored entry; both empty for one that is not ours."""
    try:
        entry = json.loads(kept)
        return str(entry["secret"]), str(entry["origin"])
    except (KeyError, TypeError, ValueError):
        return "", ""
