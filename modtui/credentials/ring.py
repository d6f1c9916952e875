"""The system keyring, asked by a child process that can be killed.

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
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from modtui.credentials.wanted import (
    CredentialsError,
    Found,
    Need,
    Wanted,
    moved,
    pack,
    unpack,
)
from modtui.domain.frozen import dataclass
from modtui.domain.secret import Secret, for_children

DEADLINE_SECONDS = 5.0
# Without --replace a daemon that runs already stays locked, and nothing says so.
UNLOCK = 'read -rs P; printf %s "$P" | gnome-keyring-daemon --replace --unlock'
START = (
    'dbus-run-session -- bash -c \'read -rs P; printf %s "$P" | gnome-keyring-daemon --unlock'
    " --components=secrets >/dev/null; exec modtui'"
)

# Exceptions differ between keyring backends and are told apart by name, so the child catches
# all of them: whatever goes wrong there becomes a state here.
CHILD = r"""
import json, math, os, signal, sys
asked = json.load(sys.stdin)
# Who asked may be gone by then, and a prompt that nobody sees waits for ever.
signal.alarm(math.ceil(asked["seconds"]) + 1)
service, answer = asked["service"], {"state": "ok"}
def chain(ring):
    yield from (base.__name__.lower() for base in type(ring).__mro__)
    for one in getattr(ring, "backends", None) or ():
        yield from chain(one)
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
    elif asked["do"] == "set":
        before = {name: keyring.get_password(service, name) for name in asked["values"]}
        def put_back():
            # A new key beside an old one would be neither login.
            for name, value in before.items():
                if value is not None:
                    keyring.set_password(service, name, value)
                elif keyring.get_password(service, name) is not None:
                    keyring.delete_password(service, name)
        try:
            for name, value in asked["values"].items():
                keyring.set_password(service, name, value)
            kept = {name: keyring.get_password(service, name) for name in asked["values"]}
        except Exception:
            put_back()
            raise
        if kept != asked["values"]:
            try:
                put_back()
                back = all(keyring.get_password(service, name) == before[name] for name in before)
            except Exception:
                back = False
            answer.update(state="error", detail="it did not keep what was written")
            if not back:
                answer["detail"] += "; what it had before could not be put back"
            elif any(before.values()):
                answer["detail"] += "; what it had before is there again"
    elif asked["do"] == "delete":
        gone = [name for name in asked["names"] if keyring.get_password(service, name) is not None]
        for name in gone:
            keyring.delete_password(service, name)
        answer["values"] = dict.fromkeys(gone)
    if asked["do"] in ("get", "probe") and answer["state"] == "ok":
        answer["values"] = {name: keyring.get_password(service, name) for name in asked["names"]}
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
            # What a backend says there may have the secret in it.
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=for_children(os.environ),
        )
        try:
            asked = json.dumps({**question, "seconds": self.deadline})
            out, _ = process.communicate(asked.encode(), self.deadline)
        except subprocess.TimeoutExpired:
            end(process)
            return Answer(KeyringState.HANGING, detail=f"no answer in {self.deadline:g} s")
        except BaseException:
            end(process)
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
            return Answer(KeyringState.ERROR, detail=_died(process.returncode))


def _died(code: int) -> str:
    how = f"was ended by signal {-code}" if code < 0 else f"ended with {code} and no answer"
    return f"the process that asked it {how}"


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that leads a session of its own, and all it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


@dataclass(frozen=True, slots=True)
class Health:
    """How the keyring stands, in words: `what` is so, and what to do about it (`mend`, "" where
    nothing can be done to the keyring itself)."""

    state: KeyringState
    what: str = ""
    mend: str = ""
    backend: str = ""

    @property
    def line(self) -> str:
        """What is so and how to mend it, as one line."""
        return f"{self.what}: {self.mend}" if self.mend else self.what


def health(answer: Answer) -> Health:
    """Return an answer in words."""
    what, mend = {
        KeyringState.OK: (f"the system keyring works ({answer.backend})", ""),
        KeyringState.NONE: (
            "no system keyring can be reached here (no D-Bus session; usual over SSH)",
            f"start one with {START}",
        ),
        KeyringState.LOCKED: ("the keyring exists but is locked", f"unlock it with {UNLOCK}"),
        KeyringState.HANGING: (
            "the keyring is waiting for a password prompt that is probably open on the machine's"
            f" own screen ({answer.detail})",
            "answer it there",
        ),
        KeyringState.INSECURE: (
            "refusing: keyring would use PlaintextKeyring (package keyrings.alt)",
            "remove that package",
        ),
        KeyringState.ERROR: (f"the keyring failed ({answer.detail or answer.backend})", ""),
    }[answer.state]
    return Health(answer.state, what, mend, answer.backend)


def elsewhere(account: str) -> tuple[tuple[str, str], ...]:
    """Return what does without a keyring: each command, and what it leads to."""
    login = f"modtui login {account} --store"
    return (
        (f"{login} vault", "a file with a passphrase that you type once a session"),
        (f"{login} command", "your password manager is asked at each start: pass, bw, op"),
        (f"{login} session", "in memory: you are asked at each start"),
    )


def advice(answer: Answer, account: str, name: str) -> str:
    """Return one line: what is so, and every way on."""
    found = health(answer)
    if answer.state is KeyringState.OK:
        return found.line
    head = (
        f"{found.line}, or keep it elsewhere" if found.mend else f"{found.what}: keep it elsewhere"
    )
    return (
        f"{head} (modtui login {account} --store vault, command or session),"
        f" or set {name}; modtui doctor keyring says more"
    )


class RingStore:
    """Secrets in the system keyring, under a service of the configuration folder's own."""

    def __init__(self, service: str, child: Child) -> None:
        self.service = service
        self._child = child

    def probe(self) -> Health:
        """Return how the keyring stands, by writing and reading back a canary."""
        return health(self._ask({"do": "probe", "names": []}))

    def survey(self, needs: Sequence[Need]) -> tuple[Health, dict[str, Found]]:
        """`probe` and `read`, by one child."""
        answer = self._ask({"do": "probe", "names": _names(needs)})
        return health(answer), {need.wanted.account: _sorted(need, answer) for need in needs}

    def read(self, needs: Sequence[Need]) -> dict[str, Found]:
        names = _names(needs)
        answer = self._ask({"do": "get", "names": names}) if names else Answer(KeyringState.OK)
        return {need.wanted.account: _sorted(need, answer) for need in needs}

    def keep(self, wanted: Wanted, secrets: Mapping[str, Secret]) -> str:
        values = {
            f"{wanted.account}/{field}": pack(secret, wanted.origin)
            for field, secret in secrets.items()
        }
        answer = self._ask({"do": "set", "values": values})
        if answer.state is not KeyringState.OK:
            raise self._failed("nothing was saved", answer, Need(wanted, tuple(secrets)))
        return f"the system keyring ({answer.backend})"

    def forget(self, wanted: Wanted) -> int:
        names = [f"{wanted.account}/{field}" for field in wanted.fields]
        answer = self._ask({"do": "delete", "names": names})
        if answer.state is not KeyringState.OK:
            raise self._failed("nothing was deleted", answer, Need(wanted, wanted.fields))
        return len(answer.values or {})

    def _failed(self, head: str, answer: Answer, need: Need) -> KeyringFailed:
        line = advice(answer, need.wanted.account, need.variable)
        return KeyringFailed(answer.state, f"{head}: {line}")

    def _ask(self, question: dict[str, Any]) -> Answer:
        return self._child.ask({**question, "service": self.service})


def _names(needs: Sequence[Need]) -> list[str]:
    return [f"{need.wanted.account}/{field}" for need in needs for field in need.fields]


def _sorted(need: Need, answer: Answer) -> Found:
    """Return what the keyring gave of one account; its state matters to what is required."""
    if answer.state is not KeyringState.OK:
        if not need.required:
            return {}
        line = advice(answer, need.wanted.account, need.variable)
        return KeyringFailed(answer.state, line)
    found: dict[str, Secret] = {}
    for field in need.fields:
        kept = (answer.values or {}).get(f"{need.wanted.account}/{field}")
        if kept is None:
            continue
        secret, origin = unpack(kept)
        if origin != need.wanted.origin:
            return moved(need.wanted, field, origin)
        found[field] = Secret(secret)
    return found
