"""Claims of moderators and leases of processes: epochs on the boot clock, never the wall clock."""

from __future__ import annotations

from modtui.domain.model import Claim
from modtui.store import Fenced, Lease
from modtui.store.rows import Row
from modtui.store.session import FOR_EVER, ON_PLATFORM
from modtui.store.threads import ThreadWrites

_OVER = ""


class LeaseWrites(ThreadWrites):
    async def claim(self, thread_id: int) -> Claim | None:
        row = await self._claim_row(thread_id)
        if row is None or not self._live(row[3], row[4]):
            return None
        by, session, epoch, until, _ = row
        return Claim(thread_id, by, session, epoch, self._wall_end(until))

    async def take_claim(
        self, thread_id: int, by: str, session: str, seconds: float, *, force: bool = False
    ) -> Claim:
        row = await self._claim_row(thread_id)
        live = row is not None and self._live(row[3], row[4])
        mine = row is not None and live and row[0] == by
        if row is not None and live and not mine and not force:
            return Claim(thread_id, row[0], row[1], row[2], self._wall_end(row[3]))
        epoch = (row[2] if row else 0) + (0 if mine else 1)
        until = self._lease_end(seconds)
        await self._run(
            "INSERT INTO claim (thread, by, session, epoch, lease_until, lease_boot)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (thread) DO UPDATE SET by = excluded.by,"
            " session = excluded.session, epoch = excluded.epoch,"
            " lease_until = excluded.lease_until, lease_boot = excluded.lease_boot",
            thread_id,
            by,
            session,
            epoch,
            until,
            self._clock.boot,
        )
        if not mine:
            await self._mark(thread_id)
        return Claim(thread_id, by, session, epoch, self._wall_end(until))

    async def drop_claim(self, thread_id: int, by: str) -> bool:
        row = await self._claim_row(thread_id)
        if row is None or row[0] != by or not self._live(row[3], row[4]):
            return False
        await self._run("UPDATE claim SET lease_boot = ? WHERE thread = ?", _OVER, thread_id)
        await self._mark(thread_id)
        return True

    async def hold_there(self, thread_id: int, by: str) -> None:
        await self._run(
            "INSERT INTO claim (thread, by, session, epoch, lease_until, lease_boot)"
            " VALUES (?, ?, '', 1, ?, ?) ON CONFLICT (thread) DO UPDATE SET by = excluded.by,"
            " session = '', epoch = claim.epoch + 1, lease_until = excluded.lease_until,"
            " lease_boot = excluded.lease_boot, mirrored = 0",
            thread_id,
            by,
            FOR_EVER,
            ON_PLATFORM,
        )
        await self._mark(thread_id)

    async def let_go_there(self, thread_id: int) -> str:
        row = await self._claim_row(thread_id)
        if row is None or row[4] != ON_PLATFORM:
            return ""
        await self._run("UPDATE claim SET lease_boot = ? WHERE thread = ?", _OVER, thread_id)
        await self._mark(thread_id)
        by: str = row[0]
        return by

    async def set_mirrored(self, thread_id: int, on: bool) -> None:
        await self._run("UPDATE claim SET mirrored = ? WHERE thread = ?", int(on), thread_id)

    async def left_mirrored(self) -> tuple[int, ...]:
        rows = await self._all(
            "SELECT thread, lease_until, lease_boot FROM claim WHERE mirrored = 1 ORDER BY thread"
        )
        return tuple(thread for thread, until, boot in rows if not self._live(until, boot))

    async def lease(self, name: str) -> Lease | None:
        row = await self._lease_row(name)
        if row is None or not self._live(row[2], row[3]):
            return None
        return Lease(name, row[0], row[1])

    async def take_lease(self, name: str, owner: str, seconds: float) -> Lease | None:
        row = await self._lease_row(name)
        # An owner whose lease ran out but was taken by nobody goes on under its own epoch.
        mine = row is not None and row[0] == owner and row[3] == self._clock.boot
        if row is not None and not mine and self._live(row[2], row[3]):
            return None
        epoch = (row[1] if row else 0) + (0 if mine else 1)
        await self._run(
            "INSERT INTO lease (name, owner, epoch, lease_until, lease_boot)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET owner = excluded.owner,"
            " epoch = excluded.epoch, lease_until = excluded.lease_until,"
            " lease_boot = excluded.lease_boot",
            name,
            owner,
            epoch,
            self._lease_end(seconds),
            self._clock.boot,
        )
        return Lease(name, owner, epoch)

    async def drop_lease(self, lease: Lease) -> None:
        await self._run(
            "UPDATE lease SET lease_boot = ? WHERE name = ? AND owner = ? AND epoch = ?",
            _OVER,
            lease.name,
            lease.owner,
            lease.epoch,
        )

    async def check_lease(self, lease: Lease) -> None:
        row = await self._lease_row(lease.name)
        if row is None or (row[0], row[1], row[3]) != (lease.owner, lease.epoch, self._clock.boot):
            raise Fenced(f"the lease {lease.name} was taken over")

    async def set_cursor(self, account: str, cursor: str, lease: Lease) -> None:
        await self.check_lease(lease)
        await self._run(
            "INSERT INTO account (name, cursor) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor",
            account,
            cursor,
        )

    async def _claim_row(self, thread_id: int) -> Row | None:
        return await self._one(
            "SELECT by, session, epoch, lease_until, lease_boot FROM claim WHERE thread = ?",
            thread_id,
        )

    async def _lease_row(self, name: str) -> Row | None:
        return await self._one(
            "SELECT owner, epoch, lease_until, lease_boot FROM lease WHERE name = ?", name
        )
