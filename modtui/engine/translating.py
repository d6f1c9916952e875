"""A post in a language that is read here: by a command of the moderator's own, for reading only."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress

from modtui.domain.frozen import dataclass
from modtui.domain.text import Clean, clean
from modtui.engine import Refused

DEADLINE_SECONDS = 20.0
MOST_BYTES = 1_000_000
UNKNOWN = "auto"
"""What stands for `{from}` where the language of a post is not known."""


@dataclass(frozen=True, slots=True)
class Translator:
    """Runs `command` in the environment `environ`, for at most `deadline` seconds; `{from}` and
    `{to}` in it are languages such as "ka". The text goes to its standard input, and what it
    prints is the translation. No shell, no terminal."""

    command: Sequence[str]
    environ: Mapping[str, str]
    deadline: float = DEADLINE_SECONDS

    @property
    def name(self) -> str:
        """The program that translates."""
        return os.path.basename(self.command[0])

    async def translate(self, text: str, source: str | None, target: str) -> Clean:
        """Return `text` in `target`, cleaned as a platform's text is. Raises Refused("unable")
        where the command fails, says nothing or too much, or does not end."""
        values = {"{from}": source or UNKNOWN, "{to}": target}
        argv = [_filled(part, values) for part in self.command]
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=dict(self.environ),
                start_new_session=True,
            )
        except OSError as error:
            raise Refused("unable", f"{self.name}: {error.strerror}") from error
        try:
            async with asyncio.timeout(self.deadline):
                said = await _answer(process, text)
        except _TooMuch:
            why = f"{self.name}: more than {MOST_BYTES // 1_000_000} MB, and was ended"
            raise Refused("unable", why) from None
        except TimeoutError:
            raise Refused("unable", f"{self.name}: no answer in {self.deadline:g} s") from None
        finally:
            await _end(process)
        if process.returncode:
            raise Refused("unable", f"{self.name} ended with {process.returncode}")
        words = clean(said.decode("utf-8", "replace").strip()).text
        if not words:
            raise Refused("unable", f"{self.name} said nothing")
        return words


class _TooMuch(Exception):
    """It goes on writing."""


def _filled(part: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        part = part.replace(name, value)
    return part


async def _answer(process: asyncio.subprocess.Process, text: str) -> bytes:
    """Write `text`, and return what is said; wait for the end. Raises _TooMuch."""
    assert process.stdin is not None
    assert process.stdout is not None
    writing = asyncio.ensure_future(_write(process.stdin, text))
    try:
        said = bytearray()
        while piece := await process.stdout.read(65_536):
            said += piece
            if len(said) > MOST_BYTES:
                raise _TooMuch
        await process.wait()
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
    return bytes(said)


async def _write(pipe: asyncio.StreamWriter, text: str) -> None:
    # A program that ends before it has read everything has said what it says.
    with suppress(BrokenPipeError, ConnectionResetError):
        pipe.write(text.encode())
        await pipe.drain()
        pipe.close()
        await pipe.wait_closed()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the program and all it started, where it has not ended by itself, or something that it
    started may still speak for it."""
    heard = process.stdout is not None and process.stdout.at_eof()
    if process.returncode is None or not heard:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
