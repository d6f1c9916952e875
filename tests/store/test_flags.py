from dataclasses import replace

from modtui.domain.text import literal
from modtui.store import Store
from tests.store.stage import REALM, add, ask, at, flag, one, record


async def test_a_flag_comes_back_as_it_was_put_and_a_repeat_is_not_new(store: Store) -> None:
    [number] = await add(store, record())
    full = flag(post="p1", note=literal("see the second line"), rule=True)
    bare = flag(None, by=None)
    assert await one(store, "put_flag", number, full)
    assert await one(store, "put_flag", number, bare)
    assert not await one(store, "put_flag", number, full)
    assert await ask(store, "flags", number) == (full, bare)


async def test_flags_without_an_id_are_one_per_reporter_and_reason(store: Store) -> None:
    [number] = await add(store, record())
    put = [
        await one(store, "put_flag", number, f)
        for f in (
            flag(None, at=at(1)),
            flag(None, at=at(2)),
            flag(None, at=at(3), by=literal("Olga")),
            flag(None, at=at(4), reason="threat"),
        )
    ]
    assert put == [True, False, True, True]


async def test_closing_names_the_flags_and_leaves_the_others(store: Store) -> None:
    [number] = await add(store, record())
    for name in ("f1", "f2", "f3"):
        await one(store, "put_flag", number, flag(name))
    assert await one(store, "close_flags", number, ["f1", "f3", "f9"], "mod-a", at(5)) == 2
    assert await one(store, "close_flags", number, ["f1"], "mod-a", at(6)) == 0
    assert await ask(store, "flags", number) == (flag("f2"),)
    assert len(await ask(store, "flags", number, closed=True)) == 3


async def test_a_repeat_does_not_reopen_what_we_closed(store: Store) -> None:
    [number] = await add(store, record())
    await one(store, "put_flag", number, flag())
    await one(store, "close_flags", number, ["f1"], "mod-a", at(5))
    assert not await one(store, "put_flag", number, flag())
    assert await ask(store, "flags", number) == ()


async def test_a_later_report_reopens_and_so_does_one_that_was_closed_elsewhere(
    store: Store,
) -> None:
    [number] = await add(store, record())
    await one(store, "put_flag", number, flag("f1"))
    await one(store, "put_flag", number, flag("f2"))
    await one(store, "close_flags", number, ["f1"], "mod-a", at(5))
    await one(store, "close_flags", number, ["f2"], "elsewhere", at(5))
    later = flag("f1", at=at(6))
    assert await one(store, "put_flag", number, later)
    assert await one(store, "put_flag", number, flag("f2"))
    assert set(await ask(store, "flags", number)) == {later, flag("f2")}


async def test_open_flag_keys_are_those_of_the_realm(store: Store) -> None:
    first, second = await add(store, record("s1"), record("s1", realm="demo:other"))
    await one(store, "put_flag", first, flag("f1"))
    await one(store, "put_flag", first, flag("f2"))
    await one(store, "put_flag", second, flag("f3"))
    await one(store, "close_flags", first, ["f2"], "mod-a", at(1))
    assert await ask(store, "open_flag_keys", REALM) == {("s1", "f1")}


async def test_a_flag_is_gone_when_two_full_reads_in_a_row_miss_it(store: Store) -> None:
    one_id, two_id = await add(store, record("s1"), record("s2"))
    await one(store, "put_flag", one_id, flag("f1"))
    await one(store, "put_flag", two_id, replace(flag("f2"), thread="s2"))
    both = frozenset({("s1", "f1"), ("s2", "f2")})
    assert await one(store, "note_missing", REALM, both) == frozenset()
    assert await one(store, "note_missing", REALM, frozenset({("s1", "f1")})) == {("s1", "f1")}
    assert await one(store, "note_missing", REALM, frozenset({("s2", "f2")})) == frozenset()
    assert await one(store, "note_missing", REALM, frozenset({("s2", "f2")})) == {("s2", "f2")}


async def test_missing_flags_of_another_realm_are_left_alone(store: Store) -> None:
    [number] = await add(store, record("s1"))
    await one(store, "put_flag", number, flag("f1"))
    missing = frozenset({("s1", "f1")})
    assert await one(store, "note_missing", REALM, missing) == frozenset()
    assert await one(store, "note_missing", "demo:other", frozenset()) == frozenset()
    assert await one(store, "note_missing", REALM, missing) == missing


async def test_a_full_read_of_one_account_says_nothing_of_anothers_threads(store: Store) -> None:
    first, second = await add(store, record("s1"), record("s2", account="second"))
    await one(store, "put_flag", first, flag("f1"))
    await one(store, "put_flag", second, flag("f2"))
    missing = frozenset({("s1", "f1")})
    assert await one(store, "note_missing", REALM, missing, "forum") == frozenset()
    assert await one(store, "note_missing", REALM, frozenset(), "second") == frozenset()
    assert await one(store, "note_missing", REALM, missing, "forum") == missing
