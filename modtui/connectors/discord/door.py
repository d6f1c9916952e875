"""Who asks to join, told as threads, and who asks no more."""

from __future__ import annotations

from modtui.connectors.discord.facts import Reader
from modtui.connectors.discord.joining import DOOR, JOIN, Asking, Joining, read_request
from modtui.connectors.discord.state import State, note
from modtui.connectors.gathered import Gathered
from modtui.connectors.reading import broken, subjects_of

_MOST_ASKED = 5


class Doorkeeper:
    """Keeps in `state` who was told to ask to join."""

    def __init__(self, state: State, joining: Joining) -> None:
        self._state = state
        self._joining = joining

    async def look(self, reader: Reader, into: Gathered) -> None:
        """Tell who asks to join; who was let in, turned away or left asks no more, but for those
        who may be a row that names nobody. Raises the port's errors, and has told nothing then."""
        asking = await self._joining.asking()
        gone = self._unlisted(asking)
        hidden = await self._hidden(asking, gone)
        into.broken += asking.broken
        if hidden:
            why = f"it names nobody: {len(hidden)} who left the list may be it, and stay open"
            into.broken.append(broken("requests to join", why, hidden))
        flags = self._state.flags
        for key, request in ((f"{JOIN}{one.id}", one) for one in asking.requests):
            if not flags.get(key):
                thread, post, flag = read_request(request, reader)
                into.channels[DOOR.remote_id] = DOOR
                into.threads[key] = thread
                into.posts.append(post)
                into.flags.append(flag)
                note(flags, key, key)
        for key in gone:
            if key in flags and key not in hidden:
                into.closed.append((key, key))
                flags[key] = ""

    def _unlisted(self, asking: Asking) -> tuple[str, ...]:
        """Return the requests that were told and that a whole list does not name."""
        if not asking.whole:
            return ()
        there = {f"{JOIN}{one.id}" for one in asking.requests} | subjects_of(asking.broken)
        told = (key for key, thread in self._state.flags.items() if thread)
        return tuple(key for key in told if key.startswith(JOIN) and key not in there)

    async def _hidden(self, asking: Asking, gone: tuple[str, ...]) -> list[str]:
        """Return who of `gone` may be a row that names nobody: those that Discord does not show to
        be gone when it is asked for each, and those that were not asked about."""
        if all(one.subject for one in asking.broken):
            return []
        return [
            key for number, key in enumerate(gone)
            if number >= _MOST_ASKED or await self._joining.may_wait(key)
        ]  # fmt: skip
