import asyncio
import base64
import re
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from modtui.cli import compose
from modtui.domain.model import Health
from modtui.domain.named_views import View
from modtui.domain.outbox import DeliveryState
from modtui.store import AccountHealth, Tx
from modtui.store.sqlite import open_store
from tests.cli.shell import Shell
from tests.store.stage import delivery, no_wait

THREAD = {
    "id", "account", "connector", "channel", "remote_id", "url", "title", "author", "language",
    "state", "severity", "flag_count", "flags", "clock", "due_at", "seconds_left", "band",
    "policy", "claim", "revision", "created_at", "first_flag_at", "slow_mode", "help_route",
}  # fmt: skip
DELIVERY = {"id", "thread", "kind", "state", "attempts", "receipt", "error", "created_at"}


def test_the_queue_is_one_document_with_stable_keys(desk: Shell) -> None:
    document = desk("queue", "--json").json
    assert set(document) >= {"threads", "counts", "accounts", "at"}
    assert len(document["threads"]) == 12
    for thread in document["threads"]:
        assert set(thread) >= THREAD
        assert sum(flag["count"] for flag in thread["flags"]) == thread["flag_count"]
        assert {"reason", "by", "count", "first_at"} == set(thread["flags"][0])
    assert set(document["counts"]) >= {"open", "mine", "late", "escalated"}
    assert [(a["name"], a["connector"]) for a in document["accounts"]] == [
        ("harbour", "demo"), ("square", "demo"),
    ]  # fmt: skip
    assert {"health", "since"} <= set(document["accounts"][0])


def test_times_are_utc_and_the_next_due_stands_first(desk: Shell) -> None:
    document = desk("queue", "--json").json
    lane = document["counts"]["now"]
    due = [thread["due_at"] for thread in document["threads"][lane:]]
    assert all(at.endswith("Z") for at in due)
    assert due == sorted(due)
    first = document["threads"][0]
    at, due_at = (datetime.fromisoformat(text) for text in (document["at"], first["due_at"]))
    assert at.tzinfo == UTC
    assert abs((due_at - at).total_seconds() - first["seconds_left"]) < 2


def test_filters_narrow_the_queue(desk: Shell) -> None:
    every = desk("queue", "--json").json["threads"]
    social = desk("queue", "--account", "square", "--json").json["threads"]
    assert {t["account"] for t in social} == {"square"}
    assert len(social) == 4
    language = every[0]["language"]
    some = desk("queue", "--language", language, "--json").json["threads"]
    assert [t["id"] for t in some] == [t["id"] for t in every if t["language"] == language]
    assert desk("queue", "--mine", "--json").json["threads"] == []
    assert len(desk("queue", "--limit", "3", "--json").json["threads"]) == 3


def test_a_view_is_asked_for_by_its_name(desk: Shell) -> None:
    every = {t["id"] for t in desk("queue", "--json").json["threads"]}
    assert {t["id"] for t in desk("queue", "--view", "unowned", "--json").json["threads"]} <= every
    assert desk("queue", "--view", "mine", "--json").json["threads"] == []

    async def save() -> None:
        store = open_store(desk.home / "state" / "modtui.db", compose.store_clock(), no_wait)

        async def work(tx: Tx) -> None:
            await tx.save_view("mod-a", View(accounts=("square",), name="small"))

        await store.write(work)
        await store.close()

    asyncio.run(save())
    small = desk("queue", "--view", "small", "--json").json["threads"]
    assert {t["account"] for t in small} == {"square"}
    some = desk("queue", "--view", "small", "--language", "xx", "--json").json["threads"]
    assert some == []
    done = desk("queue", "--view", "smal")
    assert (done.code, done.out) == (2, "")
    assert 'there is no view "smal" (did you mean "small"?): all, mine, unowned' in done.err


def test_a_misspelt_account_is_no_quiet_night(desk: Shell) -> None:
    done = desk("queue", "--account", "harbor")
    assert (done.code, done.out) == (2, "")
    assert 'there is no account "harbor" (did you mean "harbour"?): harbour, square' in done.err


def test_the_plain_queue_has_a_line_a_thread(desk: Shell) -> None:
    done = desk("queue")
    assert len(done.out.splitlines()) == 13
    assert "12 open" in done.out.splitlines()[-1]


def test_a_thread_is_shown_by_number_and_by_url(desk: Shell) -> None:
    listed = desk("queue", "--account", "harbour", "--json").json["threads"][0]
    shown = desk("show", listed["id"], "--json").json
    assert set(shown) >= THREAD | {"posts", "history", "deliveries", "clocks"}
    assert shown["posts"]
    assert any(post["is_subject"] for post in shown["posts"])
    first = next(clock for clock in shown["clocks"] if clock["clock"] == "first_response")
    assert sum(line["counted_seconds"] for line in first["ledger"]) == first["elapsed_seconds"]
    assert desk("show", listed["url"], "--json").json["id"] == listed["id"]
    assert listed["title"] in desk("show", listed["id"]).out


def test_a_thread_that_is_not_there_is_a_usage_error(desk: Shell) -> None:
    for wanted in ("999", "https://elsewhere.example.org/x"):
        done = desk("show", wanted)
        assert (done.code, done.out) == (2, "")
        assert (
            done.err == f'modtui: there is no thread "{wanted}": modtui queue lists their numbers\n'
        )


def test_status_and_deliveries_answer_in_json(desk: Shell) -> None:
    status = desk("status", "--json").json
    assert set(status) >= {"counts", "accounts", "deliveries", "at"}
    assert status["counts"]["open"] == 12
    assert desk("deliveries", "--json").json["deliveries"] == []
    number = desk("queue", "--json").json["threads"][-1]["id"]
    assert desk("dismiss", number).code == 0
    (row,) = desk("deliveries", "--json").json["deliveries"]
    assert set(row) >= DELIVERY
    assert (row["thread"], row["kind"], row["state"], row["attempts"]) == (
        number, "dismiss", "sent", 1,
    )  # fmt: skip
    assert "dismiss" in desk("deliveries").out
    assert "12" not in desk("status").out.splitlines()[0]


def test_accounts_are_listed_with_how_they_stand(desk: Shell) -> None:
    first, _ = desk("accounts", "--json").json["accounts"]
    assert (first["name"], first["connector"], first["health"]) == ("harbour", "demo", "offline")
    assert first["stale_since"] is not None
    told = r"^harbour  demo  stale \d+ s: offline \(nobody reads it\) +-$"
    assert re.search(told, desk("accounts").out, re.M)


def test_a_queue_that_is_not_fed_says_so(desk: Shell) -> None:
    first, second = desk("queue").err.splitlines()
    assert re.search(r"^modtui: harbour: stale \d+ s: offline \(nobody reads it\)$", first)
    assert re.search(r"^modtui: square: stale \d+ s: offline \(nobody reads it\)$", second)
    assert desk("queue", "--json").err == ""


def test_a_queue_that_nothing_feeds_says_so(shell: Shell) -> None:
    assert shell("queue").err == "modtui: no account is configured: modtui init\n"
    assert shell("init", "--demo").code == 0
    assert shell("queue").err == "modtui: demo: offline (never read)\n"


def test_an_account_that_its_rate_limit_holds_off_says_until_when(desk: Shell) -> None:
    now = datetime.now(UTC)
    until = now + timedelta(minutes=5, seconds=30)
    why = "no requests are left for now"
    limited = AccountHealth(Health.RATE_LIMITED, now, why, until)

    async def limit() -> None:
        store = open_store(desk.home / "state" / "modtui.db", compose.store_clock(), no_wait)

        async def work(tx: Tx) -> None:
            await tx.set_health("harbour", limited)
            await tx.take_lease("account:harbour", "elsewhere:1:a", 60)

        try:
            await store.write(work)
        finally:
            await store.close()

    asyncio.run(limit())
    (harbour, _) = desk("status", "--json").json["accounts"]
    assert harbour["until"] == until.isoformat().replace("+00:00", "Z")
    told = desk("status").out
    assert re.search(rf"stale \d+ s: rate-limited, 5 min to go \({why}\)$", told, re.M)
    assert "rate-limited, 5 min to go" in desk("accounts").out
    checked = desk("doctor")
    assert f"FAIL  reading harbour: rate-limited, 5 min to go: {why}" in checked.out


def test_the_table_of_keys_comes_from_the_bindings(shell: Shell) -> None:
    keys = {line["id"]: line["keys"] for line in shell("keys", "--json").json["keys"]}
    assert keys["queue.reply"] == "r"
    assert "| `r` |" in shell("keys", "--markdown").out


def test_an_account_that_nobody_reads_is_offline(desk: Shell) -> None:
    (harbour, _) = desk("status", "--json").json["accounts"]
    assert (harbour["health"], harbour["detail"]) == ("offline", "nobody reads it")
    assert harbour["since"].endswith("Z")
    assert harbour["stale_since"] == harbour["last_ok_at"]
    told = desk("status").out
    assert re.search(r"^harbour \(demo\): stale \d+ s: offline \(nobody reads it\)$", told, re.M)
    number = desk("queue", "--account", "harbour", "--json").json["threads"][-1]["id"]
    assert desk("lock", number, "--reason", "heat").code == 0
    assert desk("status", "--json").json["accounts"][0] == harbour


def test_deliveries_are_the_latest_and_status_counts_them_all(desk: Shell) -> None:
    store = open_store(desk.home / "state" / "modtui.db", compose.store_clock(), no_wait)
    queued = replace(delivery(1), account="harbour", state=DeliveryState.NEEDS_HUMAN)

    async def work(tx: Tx) -> list[int]:
        return [await tx.add_delivery(replace(queued, key=f"k{n}")) for n in range(502)]

    async def fill() -> list[int]:
        try:
            return await store.write(work)
        finally:
            await store.close()

    made = asyncio.run(fill())
    assert desk("status", "--json").json["deliveries"]["needs_human"] == 502
    listed = [row["id"] for row in desk("deliveries", "--json").json["deliveries"]]
    assert listed == made[2:]
    latest = desk("deliveries", "--limit", "2", "--json").json["deliveries"]
    assert [row["id"] for row in latest] == made[-2:]


def test_the_raw_text_of_every_version_is_exported_in_base64(desk: Shell) -> None:
    number = desk("queue", "--json").json["threads"][0]["id"]
    raw = "pay \u202ehere\x1b]0;title\x07"
    with sqlite3.connect(desk.home / "state" / "modtui.db") as store:
        first = store.execute("SELECT min(id) FROM post WHERE thread = ?", (number,)).fetchone()[0]
        store.execute("UPDATE post SET raw = ? WHERE id = ?", (raw.encode(), first))
        store.execute(
            "INSERT INTO post_version (post, text, raw, hidden, edited_at, deleted_at, media)"
            " SELECT id, text, ?, hidden, edited_at, deleted_at, media FROM post WHERE id = ?",
            (b"as it was first", first),
        )
    store.close()
    lines = desk("show", str(number), "--raw").out.splitlines()
    heads, packed = lines[::2], [base64.b64decode(line).decode() for line in lines[1::2]]
    assert all(head.startswith("post ") and " bytes, " in head for head in heads)
    assert packed[:2] == ["as it was first", raw]
    posts = desk("show", str(number), "--json").json["posts"]
    assert [base64.b64decode(post["raw_base64"]).decode() for post in posts] == packed[1:]
    assert (posts[0]["raw"], len(posts)) == (raw, len(packed) - 1)
    assert desk("show", str(number), "--raw", "--json").code == 2
