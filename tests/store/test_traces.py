"""Posts of all accounts around one time, found by their time and no more than asked for."""

from __future__ import annotations

from dataclasses import replace

from modtui.domain.model import Role
from modtui.store import ReadTx, Store
from tests.store.stage import add, ask, at, one, post, record


async def test_the_newest_posts_of_authors_within_the_time_on_every_account(store: Store) -> None:
    here, there = await add(store, record("s1"), replace(record("s2"), account="chat", realm="r2"))
    for number, (thread, minutes, role) in enumerate(
        [(here, 0, Role.AUTHOR), (there, 5, Role.AUTHOR), (here, 6, Role.STAFF),
         (here, 8, Role.AUTHOR), (there, 30, Role.AUTHOR)]
    ):  # fmt: skip
        said = post(f"p{number}", f"text {number}", created_at=at(minutes), role=role)
        await one(store, "put_post", thread, said)
    found = await ask(store, "traces", at(0), at(10), 2)
    assert isinstance(found, list)
    assert [(t.thread, t.account, t.text, t.at) for t in found] == [
        (here, "forum", "text 3", at(8)),
        (there, "chat", "text 1", at(5)),
    ]
    assert len(await ask(store, "traces", at(0), at(60), 300)) == 4  # type: ignore[arg-type]


async def test_they_are_found_by_the_index_of_times(store: Store) -> None:
    from modtui.store.traces import _TRACES

    async def plan(tx: ReadTx) -> str:
        return str(await tx._all(f"EXPLAIN QUERY PLAN {_TRACES}", 0, 1, 300))  # type: ignore[attr-defined]

    said = await store.read(plan)
    assert "post_at" in said
    assert "SCAN" not in said
