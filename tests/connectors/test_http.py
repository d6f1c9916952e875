"""The shared HTTP client: who gets the secret, and what each failure means."""

import json
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import (
    ConnectorError,
    RateLimited,
    Rejected,
    Retryable,
    Stale,
    Unauthorized,
    Unknown,
)
from modtui.connectors.http import Call, Http, RejectedByServer, Site, origin_of
from modtui.connectors.ratelimit import DIALECTS
from modtui.domain.secret import Secret

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
Handler = Callable[[httpx.Request], httpx.Response]


class Slept(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def client(handler: Handler, url: str = "https://forum.example/base", **more: Any) -> Http:
    return Http(
        Site(
            url=url,
            now=lambda: NOW,
            sleep=more.pop("sleep", Slept()),
            credentials={"Api-Key": ("", Secret("s3cret"))},
            transport=httpx.MockTransport(handler),
            **more,
        )
    )


def answering(status: int, **more: Any) -> Handler:
    return lambda request: httpx.Response(status, **more)


def failing(error: type[httpx.RequestError]) -> Handler:
    def handle(request: httpx.Request) -> httpx.Response:
        raise error("broken", request=request)

    return handle


async def test_a_base_url_may_carry_a_path_and_the_secret_goes_along() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"ok": [1]})

    assert await client(handle).get("/a/%21room%3Ax", {"limit": 5}) == {"ok": [1]}
    assert str(seen[0].url) == "https://forum.example/base/a/%21room%3Ax?limit=5"
    assert seen[0].headers["Api-Key"] == "s3cret"
    assert "connection" not in seen[0].headers or seen[0].headers["connection"] == "keep-alive"


async def test_a_write_closes_its_connection() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    assert await client(handle).write("PUT", "/x", {"a": "ж"}) is None
    assert seen[0].headers["connection"] == "close"
    assert json.loads(seen[0].content) == {"a": "ж"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_refused_and_the_secret_goes_nowhere(status: int) -> None:
    hosts: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(status, headers={"location": "https://evil.example/x\x1b[2J"})

    with pytest.raises(Rejected, match=r"https://forum\.example redirects to https://evil") as told:
        await client(handle).write("POST", "/x", {})
    assert hosts == ["forum.example"]
    assert "\x1b" not in str(told.value)


async def test_a_next_link_must_stay_at_the_origin() -> None:
    seen: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json=1)

    http = client(handle)
    assert await http.get("https://FORUM.example:443/base/next?page=2") == 1
    for link in (
        "https://evil.example/next",
        "http://forum.example/next",
        "https://forum.example:444/next",
        "https://forum.example@evil.example/next",
    ):
        with pytest.raises(Rejected, match="not followed"):
            await http.get(link)
    assert len(seen) == 1


async def test_auth_itself_raises_when_a_request_is_for_another_origin() -> None:
    http = client(answering(200, json=1))
    http._base = "https://evil.example"
    with pytest.raises(Rejected, match="refused to send the secret"):
        await http.get("/x")


def test_origins_are_compared_in_their_normal_form() -> None:
    assert origin_of("HTTPS://A.example:443/x") == origin_of("https://a.example")
    assert origin_of("http://[::1]:8008/x") == "http://[::1]:8008"


async def test_a_huge_answer_is_not_read() -> None:
    sent = 0

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]
            nonlocal sent
            for _ in range(800):
                sent += 65536
                yield b"x" * 65536

    handle: Handler = lambda request: httpx.Response(200, stream=Endless())  # noqa: E731
    with pytest.raises(Retryable, match="too large"):
        await client(handle).get("/x")
    assert sent <= 6 * 1024 * 1024
    with pytest.raises(Unknown, match="too large"):
        await client(handle).write("POST", "/x", {})


async def test_a_packed_answer_is_not_unpacked() -> None:
    handle = answering(200, stream=httpx.ByteStream(b"zz"), headers={"content-encoding": "gzip"})
    with pytest.raises(Retryable, match="too large"):
        await client(handle).get("/x")


@pytest.mark.parametrize("body", [b"<html>", b"\xff\xfe", b"[" * 100_000, b'{"a":'])
async def test_an_answer_that_is_not_json_is_no_receipt(body: bytes) -> None:
    http = client(answering(200, content=body))
    with pytest.raises(Retryable, match="cannot read"):
        await http.get("/x")
    with pytest.raises(Unknown, match="cannot read"):
        await http.write("POST", "/x", {})


@pytest.mark.parametrize(
    ("status", "of_write", "of_read"),
    [
        (400, Rejected, Rejected),
        (401, Unauthorized, Unauthorized),
        (403, Rejected, Rejected),
        (404, Rejected, Rejected),
        (408, Unknown, Retryable),
        (409, Stale, Stale),
        (410, Rejected, Rejected),
        (412, Stale, Stale),
        (413, Rejected, Rejected),
        (418, Rejected, Rejected),
        (422, Rejected, Rejected),
        (425, Unknown, Retryable),
        (429, RateLimited, RateLimited),
        (500, Unknown, Retryable),
        (502, Unknown, Retryable),
        (503, Unknown, Retryable),
        (504, Unknown, Retryable),
    ],
)
async def test_each_status_has_its_error(
    status: int, of_write: type[ConnectorError], of_read: type[ConnectorError]
) -> None:
    handle = answering(status, json={"error": "no\n\x1b[31mway"})
    with pytest.raises(ConnectorError) as told:
        await client(handle).write("POST", "/x", {})
    assert type(told.value) in (of_write, RejectedByServer if of_write is Rejected else of_write)
    assert "no" in str(told.value)
    assert "\n" not in str(told.value)
    assert "\x1b" not in str(told.value)
    with pytest.raises(of_read):
        await client(handle).get("/x")


async def test_words_that_only_repeat_the_status_are_passed_over_for_better_ones() -> None:
    body = {"error": "Bad Request", "status": 400, "message": "they are banned already"}
    with pytest.raises(Rejected, match=r"^they are banned already$"):
        await client(answering(400, json=body)).get("/x")
    with pytest.raises(Rejected, match=r"^400 Bad Request$"):
        await client(answering(400, json={"error": "Bad Request"})).get("/x")


async def test_503_with_retry_after_was_surely_not_executed() -> None:
    http = client(answering(503, headers={"Retry-After": "7"}))
    with pytest.raises(Retryable) as told:
        await http.write("POST", "/x", {})
    assert told.value.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("error", "of_write"),
    [
        (httpx.ConnectError, Retryable),
        (httpx.ConnectTimeout, Retryable),
        (httpx.PoolTimeout, Retryable),
        (httpx.ReadTimeout, Unknown),
        (httpx.WriteTimeout, Unknown),
        (httpx.ReadError, Unknown),
        (httpx.WriteError, Unknown),
        (httpx.CloseError, Unknown),
        (httpx.RemoteProtocolError, Unknown),
        (httpx.UnsupportedProtocol, Rejected),
        (httpx.LocalProtocolError, Rejected),
    ],
)
async def test_a_lost_connection_says_whether_it_may_have_been_executed(
    error: type[httpx.RequestError], of_write: type[ConnectorError]
) -> None:
    with pytest.raises(of_write):
        await client(failing(error)).write("POST", "/x", {})
    of_read = Rejected if of_write is Rejected else Retryable
    with pytest.raises(of_read):
        await client(failing(error)).get("/x")


async def test_an_answer_cut_in_the_middle_is_unknown() -> None:
    class Cut(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]
            yield b'{"event_'
            raise httpx.ReadError("cut")

    with pytest.raises(Unknown, match="broke"):
        await client(lambda r: httpx.Response(200, stream=Cut())).write("PUT", "/x", {})


async def test_a_spent_budget_holds_reads_back_and_gives_writes_back() -> None:
    slept = Slept()
    asked = 0

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-11-21T03:00:30Z"}
        return httpx.Response(200, json={}, headers=headers if asked == 1 else {})

    http = client(handle, sleep=slept, dialect=DIALECTS["mastodon"])
    await http.get("/x")
    with pytest.raises(RateLimited) as told:
        await http.write("POST", "/x", {})
    assert (told.value.retry_after, asked) == (timedelta(seconds=30), 1)
    await http.get("/x")
    assert (slept, asked) == ([30.0], 2)


@pytest.mark.parametrize("secret", ["line\nbreak", "ключ", "\x00"])
async def test_a_secret_that_no_header_can_carry_is_not_shown(secret: str) -> None:
    site = Site(
        url="https://forum.example",
        now=lambda: NOW,
        sleep=Slept(),
        credentials={"Authorization": ("Bearer ", Secret(secret))},
        transport=httpx.MockTransport(answering(200)),
    )
    with pytest.raises(Unauthorized) as told:
        await Http(site).get("/x")
    assert secret not in str(told.value)


async def test_a_missing_ca_file_is_one_clear_line() -> None:
    with pytest.raises(Rejected, match=r"ca_file /nowhere\.pem cannot be used"):
        client(answering(200), ca_file="/nowhere.pem")


async def test_the_http_libraries_do_not_log_addresses() -> None:
    assert logging.getLogger("httpx").level == logging.WARNING
    assert logging.getLogger("httpcore").level == logging.WARNING


async def test_a_read_timeout_of_a_long_poll_reaches_the_request() -> None:
    seen: list[dict[str, float]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return httpx.Response(200)

    await client(handle).send(Call("GET", "/sync", read_timeout=45))
    assert seen == [{"connect": 5, "read": 45, "write": 15, "pool": 5}]


async def test_a_form_is_sent_as_one() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    call = Call("POST", "/x", form={"a": "ж&=", "b": ""}, write=True)
    await client(handle).send(call)
    assert seen[0].content == b"a=%D0%B6%26%3D&b="
    assert seen[0].headers["content-type"] == "application/x-www-form-urlencoded"


class Pieces(httpx.AsyncByteStream):
    """An answer in pieces, which breaks where it is to."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


async def listen(http: Http, told: list[str]) -> None:
    async for line in http.lines(Call("GET", "/stream")):
        told.append(line)


async def test_the_lines_of_an_endless_answer_come_as_they_are_written() -> None:
    pieces = Pieces(b"event: a\nda", b"ta: s3cret\n\n", httpx.ReadError("cut"))
    http = client(lambda request: httpx.Response(200, stream=pieces))
    told: list[str] = []
    with pytest.raises(Retryable):
        await listen(http, told)
    assert told == ["event: a", "data: ****", ""]


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Unauthorized), (404, Rejected), (429, RateLimited), (500, Retryable)]
)
async def test_a_refused_stream_is_what_its_status_says(
    status: int, kind: type[ConnectorError]
) -> None:
    told: list[str] = []
    with pytest.raises(kind):
        await listen(client(answering(status, json={})), told)
    assert not told
