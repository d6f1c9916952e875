"""The server, its roles, and who of its members are staff."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from modtui.connectors import Rejected
from modtui.connectors.discord.api import Api, lasting
from modtui.connectors.discord.facts import Member, User, number
from modtui.connectors.http import RejectedByServer

KICK, BAN, ADMINISTRATOR, CHANNELS, GUILD = 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5
AUDIT = 1 << 7
REACT, VIEW, SEND, MESSAGES, HISTORY = 1 << 6, 1 << 10, 1 << 11, 1 << 13, 1 << 16
THREADS, SEND_IN_THREADS, TIMEOUT = 1 << 34, 1 << 38, 1 << 40
"""Bits of a role's permissions. Source: Discord's documentation of permissions."""
_STAFF = KICK | BAN | ADMINISTRATOR | GUILD | MESSAGES | TIMEOUT
_MOST = 5000


class GuildRole(msgspec.Struct):
    """A role; `permissions` is a number in a string."""

    id: str
    name: str = ""
    permissions: str = "0"

    @property
    def bits(self) -> int:
        return number(self.permissions)


class Guild(msgspec.Struct):
    """The server."""

    id: str
    name: str = ""
    owner_id: str = ""
    roles: list[GuildRole] = []
    features: list[str] = []


class People:
    """Knows who is staff: the accounts named so, the owner, and who has a role that is."""

    def __init__(
        self, api: Api, guild: str, staff: Iterable[str], staff_roles: Iterable[str]
    ) -> None:
        self._api = api
        self._id = guild
        self._named = frozenset(staff)
        self._chosen = frozenset(staff_roles)
        self._me: User | None = None
        self._guild: Guild | None = None
        self._roles: dict[str, frozenset[str]] = {}

    async def me(self) -> User:
        """Return our own account. Raises Unauthorized."""
        if self._me is None:
            body = await self._api.get("/users/@me")
            try:
                self._me = msgspec.convert(body, User)
            except msgspec.ValidationError as error:
                raise Rejected(f"what answers at {self._api.origin} is no Discord") from error
        return self._me

    async def guild(self) -> Guild:
        """Return the server. Raises Rejected where the bot is no member of it."""
        if self._guild is None:
            try:
                body = await self._api.get(f"/guilds/{self._id}")
            except RejectedByServer as error:
                if not lasting(error):
                    raise
                message = f"the bot is no member of server {self._id}: invite it ({error})"
                raise Rejected(message) from error
            try:
                self._guild = msgspec.convert(body, Guild)
            except msgspec.ValidationError as error:
                raise Rejected(f"what answers at {self._api.origin} is no Discord") from error
        return self._guild

    def forget(self) -> None:
        """Ask again for what may have changed."""
        self._me = self._guild = None
        self._roles.clear()

    async def permissions(self, user_id: str) -> int:
        """Return what a member may do in the server, apart from what channels change."""
        guild = await self.guild()
        held = await self.roles(user_id)
        if user_id == guild.owner_id:
            return ADMINISTRATOR
        bits = 0
        for role in guild.roles:
            # The role of everyone has the server's own id.
            if role.id == guild.id or role.id in held:
                bits |= role.bits
        return bits

    async def roles(self, user_id: str) -> frozenset[str]:
        """Return the roles of a member; none of one who is not there any more."""
        if user_id not in self._roles:
            try:
                body = await self._api.get(f"/guilds/{self._id}/members/{user_id}")
                self.learn(user_id, msgspec.convert(body, Member))
            except (RejectedByServer, msgspec.ValidationError) as error:
                if isinstance(error, RejectedByServer) and not lasting(error):
                    raise
                self.learn(user_id, Member())
        return self._roles[user_id]

    def learn(self, user_id: str, member: Member | None) -> None:
        """Take in the roles that came along with a message."""
        if member is not None:
            if len(self._roles) >= _MOST:
                self._roles.clear()
            self._roles[user_id] = frozenset(member.roles)

    def is_staff(self, user_id: str) -> bool:
        """Return whether somebody is staff, as far as their roles are known."""
        if user_id in self._named:
            return True
        guild, held = self._guild, self._roles.get(user_id, frozenset())
        if self._chosen or guild is None:
            return bool(held & self._chosen)
        if user_id == guild.owner_id:
            return True
        return any(role.bits & _STAFF for role in guild.roles if role.id in held)
