from dataclasses import replace

import pytest

from modtui.domain.model import Role
from modtui.domain.text import literal
from modtui.store import Quarantined, Store
from tests.store.stage import REALM, T0, add, ask, at, one, post, record

HOSTILE = [
    "nul \x00 in the middle",
    "lone \ud800 surrogate and its \udfff friend",
    "\x1b]52;c;ZXZpbA==\x07 clipboard",
    "right\u202eleft \u200b zero \U000e0041 tag",
    "\r\n\t tabs \x9b31m c1",
    "",
    "ყაზახეთი Қазақстан 🏳️‍🌈 e\u0301",
]


async def outcome(store: Store, number: int, *posts: object) -> list[str]:
    return [(await one(store, "put_post", number, p)).outcome for p in posts]


async def test_a_post_comes_back_as_it_was_put(store: Store) -> None:
    [number] = await add(store, record())
    full = post(
        role=Role.STAFF,
        hidden=3,
        edited_at=at(1),
        held=True,
        media=(literal("image, 3 kB"),),
        is_subject=True,
    )
    assert await outcome(store, number, full) == ["new"]
    assert await ask(store, "posts", number) == (full,)


@pytest.mark.parametrize("raw", HOSTILE)
async def test_raw_evidence_survives_byte_for_byte(store: Store, raw: str) -> None:
    [number] = await add(store, record())
    await one(store, "put_post", number, post(raw=raw, text=literal("cleaned")))
    [found] = await ask(store, "posts", number)
    assert found.raw == raw
    item = Quarantined("forum", T0, "post 7", "no author", raw)
    await one(store, "quarantine", item)
    assert await ask(store, "quarantined") == (item,)


async def test_a_lone_surrogate_outside_of_the_evidence_is_replaced_not_refused(
    store: Store,
) -> None:
    [number] = await add(store, record("s\ud800", title="t\udc00"))
    await add(store, record("s2", title="pair \U0001f600"))
    found = await ask(store, "threads_by_subject", REALM, ["s\ud800"])
    assert found["s\ufffd"].id == number
    assert found["s\ufffd"].thread.title == "t\ufffd"
    assert (await ask(store, "thread", number + 1)).thread.title == "pair \U0001f600"


async def test_posts_come_in_time_order(store: Store) -> None:
    [number] = await add(store, record())
    await outcome(store, number, post("p2", created_at=at(2)), post("p1", created_at=at(1)))
    assert [p.remote_id for p in await ask(store, "posts", number)] == ["p1", "p2"]


async def test_an_edit_keeps_the_older_versions(store: Store) -> None:
    [number] = await add(store, record())
    first, second = post(raw="one"), post(raw="two", edited_at=at(1))
    third = post(raw="three", edited_at=at(2))
    assert await outcome(store, number, first, second, third) == ["new", "edited", "edited"]
    assert await ask(store, "versions", number, "p1") == (first, second, third)
    assert await ask(store, "posts", number) == (third,)


async def test_a_repeated_batch_of_an_edited_post_changes_nothing(store: Store) -> None:
    [number] = await add(store, record())
    first, second = post(raw="one"), post(raw="two", edited_at=at(1))
    await outcome(store, number, first, second)
    _, token = await ask(store, "changed_since", None)
    assert await outcome(store, number, first, second) == ["same", "same"]
    assert await ask(store, "versions", number, "p1") == (first, second)
    assert await ask(store, "changed_since", token) == ((), token)


async def test_a_deletion_keeps_the_text(store: Store) -> None:
    [number] = await add(store, record())
    gone = post(raw="", text=literal(""), deleted_at=at(3))
    assert await outcome(store, number, post(raw="evil"), gone, gone) == ["new", "deleted", "same"]
    kept = replace(post(raw="evil"), deleted_at=at(3))
    assert await ask(store, "posts", number) == (kept,)


async def test_a_post_that_was_restored_is_told_apart_from_a_repeat(store: Store) -> None:
    [number] = await add(store, record())
    gone = post(raw="", text=literal(""), deleted_at=at(3))
    assert await outcome(store, number, post(), gone, post()) == ["new", "deleted", "edited"]
    assert await ask(store, "posts", number) == (post(),)


async def test_an_approved_post_is_updated_without_a_version(store: Store) -> None:
    [number] = await add(store, record())
    assert await outcome(store, number, post(held=True), post(held=False)) == ["new", "same"]
    assert await ask(store, "posts", number) == (post(held=False),)
    assert await ask(store, "versions", number, "p1") == (post(held=False),)


async def test_versions_of_an_unknown_post_are_none(store: Store) -> None:
    [number] = await add(store, record())
    assert await ask(store, "versions", number, "p1") == ()
