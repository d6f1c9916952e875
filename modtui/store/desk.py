"""What is kept beside the threads: channels, cursors, drafts, the audit log, quarantine."""

from __future__ import annotations

from datetime import datetime

from modtui.domain.digest import sha256
from modtui.domain.model import Channel, Draft, Health, Restriction
from modtui.store import AccountHealth, AuditLine, Quarantined
from modtui.store.rows import (
    Row,
    cleaned,
    moment,
    moment_or_none,
    raw_bytes,
    raw_text,
    stamp,
    stamp_or_none,
)
from modtui.store.threads import ThreadWrites

_CHANNEL = (
    "SELECT realm, remote_id, name, locked, kind, seconds, since, until, by, reason, delivery,"
    " ours FROM channel "
)
_DRAFT = "SELECT thread, by, text, saved_at, why FROM draft "


def _channel(row: Row) -> Channel:
    _, remote_id, name, locked, kind, seconds, since, until, by, reason, delivery, ours = row
    restriction = None
    if kind is not None:
        restriction = Restriction(
            kind=kind,
            seconds=seconds,
            since=moment_or_none(since),
            until=moment_or_none(until),
            by=cleaned(by),
            reason=cleaned(reason),
            delivery=delivery,
            ours=bool(ours),
        )
    return Channel(remote_id, cleaned(name), restriction, bool(locked))


def _draft(row: Row) -> Draft:
    thread, by, text, saved_at, why = row
    return Draft(thread, by, text, moment(saved_at), why)


class DeskWrites(ThreadWrites):
    async def channel(self, realm: str, remote_id: str) -> Channel | None:
        row = await self._one(_CHANNEL + "WHERE realm = ? AND remote_id = ?", realm, remote_id)
        return None if row is None else _channel(row)

    async def every_channel(self) -> tuple[tuple[str, Channel], ...]:
        """Return all channels, each with its realm."""
        return tuple((row[0], _channel(row)) for row in await self._all(_CHANNEL))

    async def restrictions(self) -> tuple[tuple[str, Channel], ...]:
        rows = await self._all(_CHANNEL + "WHERE kind IS NOT NULL ORDER BY realm, remote_id")
        return tuple((row[0], _channel(row)) for row in rows)

    async def put_channel(self, realm: str, channel: Channel) -> None:
        now = channel.restriction
        await self._run(
            "INSERT OR REPLACE INTO channel (realm, remote_id, name, locked, kind, seconds, since,"
            " until, by, reason, delivery, ours) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            realm,
            channel.remote_id,
            channel.name,
            channel.locked,
            now and now.kind,
            now and now.seconds,
            stamp_or_none(now.since) if now else None,
            stamp_or_none(now.until) if now else None,
            now.by if now else "",
            now.reason if now else "",
            now and now.delivery,
            bool(now and now.ours),
        )

    async def cursor(self, account: str) -> str | None:
        row = await self._one("SELECT cursor FROM account WHERE name = ?", account)
        return None if row is None else row[0]

    async def complete_at(self, account: str) -> datetime | None:
        row = await self._one("SELECT complete_at FROM account WHERE name = ?", account)
        return None if row is None else moment_or_none(row[0])

    async def health(self, account: str) -> AccountHealth | None:
        row = await self._one(
            "SELECT health, health_since, health_detail, health_until FROM account"
            " WHERE name = ? AND health IS NOT NULL",
            account,
        )
        if row is None:
            return None
        health, since, detail, until = row
        return AccountHealth(Health(health), moment(since), detail, moment_or_none(until))

    async def identity(self, account: str) -> str:
        row = await self._one("SELECT identity FROM account WHERE name = ?", account)
        return "" if row is None else row[0]

    async def set_identity(self, account: str, name: str) -> None:
        await self._run(
            "INSERT INTO account (name, identity) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET identity = excluded.identity"
            " WHERE identity <> excluded.identity",
            account,
            name,
        )

    async def set_health(self, account: str, health: AccountHealth) -> None:
        await self._run(
            "INSERT INTO account (name, health, health_since, health_detail, health_until)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET health = excluded.health,"
            " health_since = excluded.health_since, health_detail = excluded.health_detail,"
            " health_until = excluded.health_until",
            account,
            health.health,
            stamp(health.since),
            health.detail,
            health.until and stamp(health.until),
        )

    async def set_complete(self, account: str, at: datetime) -> None:
        await self._run(
            "INSERT INTO account (name, complete_at) VALUES (?, ?) ON CONFLICT (name)"
            " DO UPDATE SET complete_at = coalesce(complete_at, excluded.complete_at)",
            account,
            stamp(at),
        )

    async def draft(self, thread_id: int, by: str) -> Draft | None:
        row = await self._one(_DRAFT + "WHERE thread = ? AND by = ?", thread_id, by)
        return None if row is None else _draft(row)

    async def drafts(self, by: str) -> tuple[Draft, ...]:
        rows = await self._all(_DRAFT + "WHERE by = ? ORDER BY saved_at, thread", by)
        return tuple(_draft(row) for row in rows)

    async def put_draft(self, draft: Draft, *, only_if_absent: bool = False) -> bool:
        or_else = (
            "DO NOTHING"
            if only_if_absent
            else "DO UPDATE SET text = excluded.text, saved_at = excluded.saved_at,"
            " why = excluded.why"
        )
        written = await self._run(
            "INSERT INTO draft (thread, by, text, saved_at, why) VALUES (?, ?, ?, ?, ?)"
            f" ON CONFLICT (thread, by) {or_else}",
            draft.thread,
            draft.by,
            draft.text,
            stamp(draft.saved_at),
            draft.why,
        )
        if written:
            await self._mark(draft.thread)
        return bool(written)

    async def drop_draft(self, thread_id: int, by: str) -> None:
        if await self._run("DELETE FROM draft WHERE thread = ? AND by = ?", thread_id, by):
            await self._mark(thread_id)

    async def audit(self, *, thread: int | None = None, limit: int = 200) -> tuple[AuditLine, ...]:
        which = "" if thread is None else "WHERE thread = ? "
        params = () if thread is None else (thread,)
        rows = await self._all(
            "SELECT at, who, action, thread, delivery, detail, id FROM audit "
            f"{which}ORDER BY id DESC LIMIT ?",
            *params,
            limit,
        )
        return tuple(AuditLine(moment(at), *rest) for at, *rest in rows)

    async def add_audit(self, line: AuditLine) -> None:
        await self._run(
            "INSERT INTO audit (at, who, action, thread, delivery, detail)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            stamp(line.at),
            line.who,
            line.action,
            line.thread,
            line.delivery,
            line.detail,
        )

    async def quarantined(self, account: str | None = None) -> tuple[Quarantined, ...]:
        which = "" if account is None else "WHERE account = ? "
        params = () if account is None else (account,)
        rows = await self._all(
            f"SELECT account, at, place, why, raw FROM quarantine {which}ORDER BY id", *params
        )
        return tuple(
            Quarantined(name, moment(at), where, why, raw_text(raw))
            for name, at, where, why, raw in rows
        )

    async def quarantine(self, item: Quarantined) -> None:
        raw = raw_bytes(item.raw)
        mark = raw_bytes(f"of {item.subject}") if item.subject else raw
        await self._run(
            "INSERT INTO quarantine (account, at, place, why, raw, digest)"
            " VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (account, place, digest) DO UPDATE SET why = excluded.why",
            item.account,
            stamp(item.at),
            item.where,
            item.why,
            raw,
            sha256(mark),
        )
