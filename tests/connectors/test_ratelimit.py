"""Rate-limit headers: every dialect, every unit, and nonsense."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from modtui.connectors.ratelimit import DIALECTS, PLAIN, Budget, Limit, read_limit

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SOON = str(int(NOW.timestamp()) + 20)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


@pytest.mark.parametrize(
    ("name", "headers", "expected"),
    [
        (
            "reddit",
            {"x-ratelimit-remaining": "202.0", "x-ratelimit-reset": "398"},
            Limit(202.0, seconds(398)),
        ),
        (
            "mastodon",
            {
                "x-ratelimit-remaining": "299",
                "x-ratelimit-reset": "2026-11-21T03:05:00.458129Z",
            },
            Limit(299.0, seconds(300.458129)),
        ),
        (
            "discord",
            {
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": SOON + ".5",
                "x-ratelimit-reset-after": "1.25",
            },
            Limit(0.0, seconds(1.25)),
        ),
        ("discord", {"x-ratelimit-reset": SOON + ".5"}, Limit(None, seconds(20.5))),
        (
            "github",
            {"x-ratelimit-remaining": "59", "x-ratelimit-reset": SOON},
            Limit(59.0, seconds(20)),
        ),
        (
            "twitch",
            {"ratelimit-remaining": "799", "ratelimit-reset": SOON},
            Limit(799.0, seconds(20)),
        ),
        (
            "zulip",
            {"x-ratelimit-remaining": "7", "x-ratelimit-reset": SOON},
            Limit(7.0, seconds(20)),
        ),
    ],
)
def test_each_dialect_of_what_is_left(name: str, headers: dict[str, str], expected: Limit) -> None:
    assert read_limit(DIALECTS[name], headers, None, NOW) == expected


@pytest.mark.parametrize(
    ("name", "headers", "body", "wait"),
    [
        ("matrix", {"retry-after": "1"}, {"retry_after_ms": 458}, 0.458),
        ("matrix", {"retry-after": "1"}, {}, 1),
        ("telegram", {}, {"parameters": {"retry_after": 14}}, 14),
        ("discourse", {}, {"extras": {"wait_seconds": 33}}, 33),
        ("discourse", {"retry-after": "9"}, None, 9),
        ("discord", {"retry-after": "3"}, {"retry_after": 2.5, "global": False}, 2.5),
        ("zulip", {}, {"retry-after": 28.7}, 28.7),
        ("github", {"retry-after": "60"}, None, 60),
        ("mastodon", {"retry-after": "Sat, 21 Nov 2026 03:00:45 GMT"}, None, 45),
    ],
)
def test_each_dialect_of_a_refusal(
    name: str, headers: dict[str, str], body: Any, wait: float
) -> None:
    assert read_limit(DIALECTS[name], headers, body, NOW).wait == seconds(wait)


@pytest.mark.parametrize(
    "garbage",
    ["", "soon", "nan", "inf", "-inf", "1e999", "0x10", "٣", "9" * 5000, "2026-13-41", "\x00"],
)
@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_garbage_reads_as_nothing_or_stays_in_bounds(name: str, garbage: str) -> None:
    dialect = DIALECTS[name]
    names = [f.path[0] for f in (*dialect.resets, *dialect.waits)]
    headers = dict.fromkeys([dialect.remaining or "x", *names], garbage)
    body = {"retry_after_ms": garbage, "extras": garbage, "parameters": [garbage]}
    limit = read_limit(dialect, headers, body, NOW)
    for value in (limit.wait, limit.reset_in):
        assert value is None or seconds(0) <= value <= seconds(3600)


@pytest.mark.parametrize(("raw", "wait"), [("-5", 0), ("99999999", 3600), ("0", 0)])
def test_waits_are_clamped(raw: str, wait: float) -> None:
    assert read_limit(PLAIN, {"retry-after": raw}, None, NOW).wait == seconds(wait)


async def test_the_budget_waits_once_the_last_request_is_spent() -> None:
    at = NOW
    slept: list[float] = []

    async def sleep(count: float) -> None:
        slept.append(count)

    budget = Budget(lambda: at, sleep)
    budget.learn(Limit(remaining=1.0, reset_in=seconds(60)))
    await budget.wait()
    assert slept == []
    budget.learn(Limit(remaining=0.0, reset_in=seconds(60)))
    await budget.wait()
    assert slept == [60.0]


async def test_an_answer_on_its_way_does_not_shorten_a_wait() -> None:
    budget = Budget(lambda: NOW, lambda count: None)  # type: ignore[arg-type,return-value]
    budget.learn(Limit(wait=seconds(300)))
    budget.learn(Limit(remaining=0.0, reset_in=seconds(1)))
    budget.learn(Limit(remaining=7.0, reset_in=seconds(1)))
    assert budget.left() == seconds(300)


async def test_a_clock_set_back_does_not_stretch_the_wait() -> None:
    at = NOW
    budget = Budget(lambda: at, lambda count: None)  # type: ignore[arg-type,return-value]
    budget.learn(Limit(wait=seconds(10)))
    at = NOW - timedelta(days=3)
    assert budget.left() == timedelta(hours=1)
    at = NOW + seconds(11)
    assert budget.left() == seconds(0)
