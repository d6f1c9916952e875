from dataclasses import replace

from modtui.domain.model import Channel, Draft, Health, Restriction
from modtui.domain.text import literal
from modtui.store import AccountHealth, AuditLine, Quarantined, Store
from tests.store.stage import REALM, T0, add, ask, at, one, record


async def test_a_channel_comes_back_with_its_restriction(store: Store) -> None:
    slow = Restriction(
        "slow", 60, at(1), at(2), literal("mod-a"), literal("pile-on"), delivery=4, ours=True
    )
    full = Channel("c1", literal("slots"), slow, locked=True)
    bare = Channel("c2", literal("pay"), Restriction("read_only", None, None, None))
    open_one = Channel("c3", literal("general"))
    for channel in (full, bare, open_one):
        await one(store, "put_channel", REALM, channel)
    assert await ask(store, "channel", REALM, "c1") == full
    assert await ask(store, "channel", REALM, "c3") == open_one
    assert await ask(store, "channel", "demo:other", "c1") is None
    assert await ask(store, "restrictions") == ((REALM, full), (REALM, bare))
    await one(store, "put_channel", REALM, replace(full, restriction=None))
    assert await ask(store, "restrictions") == ((REALM, bare),)


async def test_the_first_complete_sync_is_kept(store: Store) -> None:
    lease = await one(store, "take_lease", "intake:forum", "host:1", 30)
    assert await ask(store, "complete_at", "forum") is None
    assert await ask(store, "cursor", "forum") is None
    await one(store, "set_complete", "forum", at(1))
    await one(store, "set_cursor", "forum", "page 2", lease)
    await one(store, "set_complete", "forum", at(2))
    assert await ask(store, "complete_at", "forum") == at(1)
    assert await ask(store, "cursor", "forum") == "page 2"


async def test_a_draft_belongs_to_a_thread_and_a_moderator(store: Store) -> None:
    first, second = await add(store, record("s1"), record("s2"))
    mine = Draft(first, "mod-a", "Hello", at(2), "undone")
    other = Draft(second, "mod-a", "Привет\nмир", at(1))
    for draft in (mine, other, Draft(first, "mod-b", "theirs", at(3))):
        assert await one(store, "put_draft", draft)
    assert await ask(store, "draft", first, "mod-a") == mine
    assert await ask(store, "drafts", "mod-a") == (other, mine)
    newer = replace(mine, text="Hello there", saved_at=at(4), why="")
    await one(store, "put_draft", newer)
    assert await ask(store, "draft", first, "mod-a") == newer
    await one(store, "drop_draft", first, "mod-a")
    assert await ask(store, "drafts", "mod-a") == (other,)


async def test_a_draft_that_comes_back_never_replaces_a_newer_one(store: Store) -> None:
    [number] = await add(store, record())
    typed = Draft(number, "mod-a", "typed since", at(2))
    await one(store, "put_draft", typed)
    back = Draft(number, "mod-a", "rejected", at(3), "403")
    assert not await one(store, "put_draft", back, only_if_absent=True)
    assert await ask(store, "draft", number, "mod-a") == typed
    await one(store, "drop_draft", number, "mod-a")
    assert await one(store, "put_draft", back, only_if_absent=True)
    assert await ask(store, "draft", number, "mod-a") == back


async def test_audit_lines_come_newest_first(store: Store) -> None:
    lines = [AuditLine(at(i), "mod-a", "hide", i % 2, None, f"rule {i}") for i in range(5)]
    for line in lines:
        await one(store, "add_audit", line)
    found = await ask(store, "audit")
    assert [replace(line, id=None) for line in found] == lines[::-1]
    assert [line.detail for line in await ask(store, "audit", thread=1)] == ["rule 3", "rule 1"]
    assert [line.detail for line in await ask(store, "audit", limit=2)] == ["rule 4", "rule 3"]


async def test_a_broken_item_is_kept_once(store: Store) -> None:
    item = Quarantined("forum", T0, "report 7", "no author", '{"id": 7}')
    await one(store, "quarantine", item)
    await one(store, "quarantine", replace(item, at=at(5)))
    await one(store, "quarantine", replace(item, account="social"))
    assert await ask(store, "quarantined", "forum") == (item,)
    assert len(await ask(store, "quarantined")) == 2


async def test_a_broken_item_of_a_thread_is_kept_once_however_it_looks(store: Store) -> None:
    item = Quarantined("forum", T0, "reports", "no author", '{"id": 7, "score": 1}', "7")
    for changed in ({}, {"raw": '{"id": 7, "score": 2}'}, {"subject": "8"}, {"where": "posts"}):
        await one(store, "quarantine", replace(item, **changed))
    kept = [(one.where, one.raw) for one in await ask(store, "quarantined", "forum")]
    assert kept == [("reports", item.raw), ("reports", item.raw), ("posts", item.raw)]


async def test_sent_replies_are_counted(store: Store) -> None:
    [number] = await add(store, record())
    for entry in ("greet", "rules", "greet"):
        await one(store, "count_sent", entry, number, "mod-a", T0)
    assert await ask(store, "sent_counts") == {"greet": 2, "rules": 1}


async def test_how_an_account_stands_is_kept_beside_its_cursor(store: Store) -> None:
    assert await ask(store, "health", "forum") is None
    await one(store, "set_complete", "forum", T0)
    assert await ask(store, "health", "forum") is None
    for said in (
        AccountHealth(Health.LIVE, at(1), ""),
        AccountHealth(Health.RATE_LIMITED, at(2), "no requests are left for now", at(3)),
        AccountHealth(Health.NEEDS_LOGIN, at(2), "the secret is not accepted"),
    ):
        await one(store, "set_health", "forum", said)
        assert await ask(store, "health", "forum") == said
    assert await ask(store, "complete_at", "forum") == T0
    assert await ask(store, "health", "chat") is None


async def test_as_whom_an_account_posts_is_kept(store: Store) -> None:
    assert await ask(store, "identity", "forum") == ""
    await one(store, "set_complete", "forum", T0)
    assert await ask(store, "identity", "forum") == ""
    for name in ("support", "modteam"):
        await one(store, "set_identity", "forum", name)
        assert await ask(store, "identity", "forum") == name
    assert await ask(store, "complete_at", "forum") == T0


async def test_choices_are_shared_counted_and_forgotten_without_their_counts(store: Store) -> None:
    [number] = await add(store, record())
    said = (7, 2**32 - 1)
    await one(store, "count_sent", "greet", number, "mod-a", T0)
    await one(store, "count_sent", "greet", number, "mod-a", T0, said)
    await one(store, "count_sent", "rules", number, "mod-b", at(60), said)
    first, second = await ask(store, "choices", 0, 10)
    assert (first.entry, first.said, second.entry) == ("greet", said, "rules")
    assert await ask(store, "choices", first.id, 10) == (second,)
    assert await ask(store, "choices_kept") == {"greet": 1, "rules": 1}
    assert await ask(store, "choices_kept", first.id) == {"greet": 1}
    assert await one(store, "forget_choices", at(60), "rules") == 0
    assert await one(store, "forget_choices", at(60)) == 1
    assert await ask(store, "choices", 0, 10) == (second,)
    assert await ask(store, "sent_counts") == {"greet": 2, "rules": 1}
