"""Secrets that a password manager gives when its command is run: pass, bw, op.

No shell, no terminal: a program that would ask for something fails instead of drawing over the
screen, and one that does not end in time is killed with all it started.
"""

from __future__ import annotations

import os
import selectors
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

from modtui.credentials.origins import Origins
from modtui.credentials.ring import end
from modtui.credentials.wanted import (
    CredentialsError,
    Found,
    Need,
    Wanted,
    moved,
    origin_of,
)
from modtui.domain.frozen import dataclass
from modtui.domain.secret import Secret, for_children

DEADLINE_SECONDS = 15.0
MOST_BYTES = 64_000
_AT_ONCE = 4
# With these a helper of the manager finds the terminal or a desktop to ask on.
_PROMPTS = ("GPG_TTY", "PINENTRY_USER_DATA", "SSH_TTY")


class CommandFailed(CredentialsError):
    """The command is what failed; nothing is known about the secret. `absent`: it ended by
    itself and said no, as managers do for an entry that they do not have."""

    def __init__(self, message: str, *, absent: bool = False) -> None:
        super().__init__(message)
        self.absent = absent


class _TooMuch(Exception):
    """It goes on writing."""


def argv(command: Sequence[str], account: str, field: str) -> tuple[str, ...]:
    """Return the command of one field."""
    return tuple(part.replace("{account}", account).replace("{field}", field) for part in command)


@dataclass(frozen=True, slots=True)
class CommandStore:
    """Runs each account's command in the environment `environ`, for at most `deadline` seconds.

    What it gives is used for the origin in `origins` alone; where there is none yet, for the one
    at which it is used first.
    """

    environ: Mapping[str, str]
    deadline: float = DEADLINE_SECONDS
    origins: Origins | None = None

    def read(self, needs: Sequence[Need]) -> dict[str, Found]:
        return self._each(needs, self._bound)

    def read_anew(self, needs: Sequence[Need]) -> dict[str, Found]:
        """`read` for a login, wherever the account was bound to before."""
        return self._each(needs, self._account)

    def keep(self, wanted: Wanted, secrets: Mapping[str, Secret]) -> str:
        """Bind the account to its origin; the secrets stay where the command has them."""
        if self.origins is not None:
            self.origins.bind(wanted)
        return f"{wanted.command[0]}, which is asked for it at each start"

    def _each(self, needs: Sequence[Need], read: Callable[[Need], Found]) -> dict[str, Found]:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = list(pool.map(read, needs))
        return {need.wanted.account: each for need, each in zip(needs, found, strict=True)}

    def _bound(self, need: Need) -> Found:
        """Return what the command gives if it may go to the account's origin."""
        if self.origins is None:
            return self._account(need)
        try:
            origin = self.origins.of(need.wanted.account)
            if origin and origin != need.wanted.origin:
                return moved(need.wanted, need.wanted.fields[0], origin)
            found = self._account(need)
            if not origin and not isinstance(found, CredentialsError):
                self.origins.bind(need.wanted)
        except CredentialsError as error:
            return error
        return found

    def forget(self, wanted: Wanted) -> int:
        raise CredentialsError(
            f"{wanted.account} takes its secrets from {wanted.command[0]}: delete them there"
        )

    def _account(self, need: Need) -> Found:
        """Run the command for each field; an optional one may be absent if another came."""
        found: dict[str, Secret] = {}
        absent: CommandFailed | None = None
        for field in _asked(need):
            try:
                found[field] = self._run(need.wanted, field)
            except CommandFailed as failed:
                if field in need.required or not failed.absent:
                    return failed
                absent = failed
        return absent if absent is not None and not found else found

    def _run(self, wanted: Wanted, field: str) -> Secret:
        command = argv(wanted.command, wanted.account, field)
        what = f"the {field} of {wanted.account} cannot be had: {command[0]}"
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={k: v for k, v in for_children(self.environ).items() if k not in _PROMPTS},
            )
        except OSError as error:
            raise CommandFailed(f"{what} cannot be run ({error.strerror})") from None
        try:
            out = _output(process, self.deadline)
        except subprocess.TimeoutExpired:
            words = f"{what} did not end in {self.deadline:g} s and was killed: {_by_hand(command)}"
            raise CommandFailed(words) from None
        except _TooMuch:
            words = f"{what} gave more than {MOST_BYTES // 1000} kB and was killed"
            raise CommandFailed(f"{words}: {_by_hand(command)}") from None
        if process.returncode:
            how = _ending(process.returncode)
            words = f"{what} {how}: {_by_hand(command)}"
            raise CommandFailed(words, absent=process.returncode > 0)
        line, _, notes = out.partition(b"\n")
        origins = _origins(notes.decode(errors="replace").split("\n"))
        if origins and wanted.origin not in origins:
            raise CommandFailed(
                f"{wanted.account} goes to {wanted.origin}, the entry of its {field} says"
                f" url: {' or '.join(origins)}: put one of them right; {_by_hand(command)}"
            )
        return _first(line, what, command)


def _output(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """Return all that `process` writes until it has ended. Raises _TooMuch, TimeoutExpired; then,
    and whatever else happens, it is killed with all it started."""
    assert process.stdout is not None
    until = time.monotonic() + seconds
    said = bytearray()
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while True:
                if not selector.select(max(until - time.monotonic(), 0)):
                    raise subprocess.TimeoutExpired(process.args, seconds)
                if not (piece := os.read(process.stdout.fileno(), 65_536)):
                    break
                said += piece
                if len(said) > MOST_BYTES:
                    raise _TooMuch
        process.wait(max(until - time.monotonic(), 0))
        process.stdout.close()
    except BaseException:
        end(process)
        raise
    return bytes(said)


def _first(line: bytes, what: str, command: Sequence[str]) -> Secret:
    """Return the secret of a first line. Raises CommandFailed."""
    try:
        secret = line.decode().strip()
    except UnicodeDecodeError:
        raise CommandFailed(f"{what} gave something that is not text") from None
    if not secret:
        raise CommandFailed(f"{what} gave an empty first line: {_by_hand(command)}")
    return Secret(secret)


def _asked(need: Need) -> tuple[str, ...]:
    """Return the fields to ask for; a command without {field} gives one, the first."""
    if any("{field}" in part for part in need.wanted.command):
        return need.fields
    first = need.wanted.fields[:1]
    return tuple(field for field in need.fields if field in first)


def _origins(notes: Sequence[str]) -> list[str]:
    """Return the origins of the lines `url: ...` that managers keep below the secret."""
    found: list[str] = []
    for note in notes:
        name, _, url = note.partition(":")
        if name.strip().casefold() == "url" and url.strip():
            try:
                found.append(origin_of(url.strip() if "://" in url else f"https://{url.strip()}"))
            except ValueError:
                # There may be a password in it.
                found.append("what is no address")
    return found


def _ending(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _by_hand(command: Sequence[str]) -> str:
    return f"see what it says, in a terminal: {shlex.join(command)}"
