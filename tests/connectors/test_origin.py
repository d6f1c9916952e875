"""The secret goes to the account's origin alone: two servers on loopback, one of them not ours."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest

from modtui.connectors import ConnectorError, Rejected
from modtui.connectors.http import Call, Http, Site, origin_of
from modtui.domain.secret import Secret
from tests.connectors.farend import OK, Server

CANARY = "canary-4f1d9c77"
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def http(url: str) -> Http:
    credentials = {"Authorization": ("Bearer ", Secret(CANARY))}
    return Http(Site(url, lambda: NOW, asyncio.sleep, credentials))


def answer(status: str, *headers: str, body: object = None) -> bytes:
    packed = json.dumps(body).encode()
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(packed)}", "Connection: close", *headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + packed


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 300, 399])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_redirect_is_followed(status: int, method: str) -> None:
    with Server().up() as evil, Server().up() as ours:
        ours.answer = answer(
            f"{status} go", f"Location: http://127.0.0.1:{evil.port}/?access_token={CANARY}"
        )
        client = http(f"http://127.0.0.1:{ours.port}")
        with pytest.raises(Rejected, match=r"redirects to .*: not followed") as told:
            await (client.get("/x") if method == "GET" else client.write("POST", "/x", {}))
        await client.aclose()
    assert CANARY.encode() in ours.told
    assert (evil.connections, ours.connections) == (0, 1)
    assert CANARY not in str(told.value)


LINKS = [
    ("absolute", "http://127.0.0.1:{evil}/next"),
    ("another name of the machine", "http://localhost:{evil}/next"),
    ("another name, our port", "http://localhost:{ours}/next"),
    ("userinfo", "http://127.0.0.1:{ours}@127.0.0.1:{evil}/"),
    ("userinfo with a password", "http://good:ours@127.0.0.1:{evil}/"),
    ("backslash", "http://127.0.0.1:{ours}\\@127.0.0.1:{evil}/"),
    ("https", "https://127.0.0.1:{ours}/next"),
    ("trailing dot", "http://127.0.0.1.:{ours}/next"),
    ("our origin with a login", "http://user:pass@127.0.0.1:{ours}/next"),
    ("another scheme", "ftp://127.0.0.1:{ours}/next"),
    ("a file", "file:///etc/passwd"),
    ("lookalike", "http://127․0․0․1:{evil}/"),
    ("full-width", "http://１２７.0.0.1:{evil}/"),
    ("no address", "http://[::1/next"),
    ("glued to the host", "@127.0.0.1:{evil}/"),
    ("glued to the port", "0@127.0.0.1:{evil}/"),
    ("glued with a dot", ".evil.test/"),
]


@pytest.mark.parametrize(("how", "link"), LINKS, ids=[how for how, _ in LINKS])
async def test_a_next_page_elsewhere_is_not_asked_for(how: str, link: str) -> None:
    with Server().up() as evil, Server().up() as ours:
        ports = {"evil": evil.port, "ours": ours.port}
        ours.answer = answer("200 OK", body={"next": link.format(**ports)})
        client = http(f"http://127.0.0.1:{ours.port}")
        said = await client.get("/x")
        with pytest.raises(ConnectorError) as told:
            await client.get(said["next"])
        with pytest.raises(ConnectorError):
            await client.write("POST", said["next"], {"text": "private"})
        await client.aclose()
    assert (evil.connections, ours.connections) == (0, 1)
    assert CANARY not in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("link", ["//127.0.0.1:{evil}/next", "/\\127.0.0.1:{evil}/", "?next=1"])
async def test_a_link_without_a_scheme_stays_at_our_origin(link: str) -> None:
    with Server().up() as evil, Server().up() as ours:
        client = http(f"http://127.0.0.1:{ours.port}")
        assert await client.get(link.format(evil=evil.port)) == {}
        await client.aclose()
    assert (evil.connections, ours.connections) == (0, 1)


async def test_a_link_header_is_handed_on_and_not_followed() -> None:
    with Server().up() as evil, Server().up() as ours:
        link = f'<http://127.0.0.1:{evil.port}/next>; rel="next"'
        ours.answer = answer(
            "200 OK", f"Link: {link}", f"Refresh: 0; url=http://127.0.0.1:{evil.port}"
        )
        client = http(f"http://127.0.0.1:{ours.port}")
        assert await client.get("/x") is None
        with pytest.raises(Rejected, match="not followed"):
            await client.get(link[1 : link.index(">")])
        await client.aclose()
    assert evil.connections == 0


async def test_the_same_origin_written_otherwise_is_ours() -> None:
    with Server().up() as ours:
        client = http(f"http://LOCALHOST:{ours.port}")
        assert await client.get(f"HTTP://LocalHost:{ours.port}/next") == {}
        await client.aclose()
    assert CANARY.encode() in ours.told


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://форум.example", "https://xn--l1adgmc.example:443/x", True),
        ("https://ФОРУМ.example", "https://форум.example", True),
        ("https://forum.example", "https://fоrum.example", False),
        ("https://forum.example", "https://forum.example.", False),
        ("https://forum.example", "https://forum.example:444", False),
        ("https://forum.example", "http://forum.example", False),
        ("https://forum.example", "https://forum.example.evil.example", False),
    ],
)
def test_origins(one: str, other: str, same: bool) -> None:
    assert (origin_of(one) == origin_of(other)) is same


async def test_an_account_at_a_name_in_another_script_gets_its_secret() -> None:
    import httpx

    seen: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(200, json=1)

    credentials = {"Authorization": ("Bearer ", Secret(CANARY))}
    site = Site(
        "https://форум.example", lambda: NOW, asyncio.sleep, credentials,
        transport=httpx.MockTransport(handle),
    )  # fmt: skip
    assert await Http(site).get("/x") == 1
    assert seen == [f"Bearer {CANARY}"]


@pytest.mark.parametrize(
    "url", ["http://forum.example", "http://10.0.0.7:8008", "http://127.evil.test"]
)
def test_an_account_in_the_clear_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(Rejected, match="others on the way read what is sent"):
        http(url)


ECHOES = [
    answer("403 no", body={"error": f"bad: Bearer {CANARY}"}),
    answer(f"403 {CANARY}"),
    answer("500 no", f"X-Echo: {CANARY}", body={"message": f"https://x/?access_token={CANARY}"}),
    answer("429 no", body={"error": CANARY.encode().hex() + CANARY}),
    OK.replace(b"{}", b"[]").replace(b"200 OK", f"418 {CANARY}".encode()),
]


@pytest.mark.parametrize("echo", ECHOES)
async def test_what_a_platform_says_back_is_masked(echo: bytes) -> None:
    with Server(answer=echo).up() as ours:
        client = http(f"http://127.0.0.1:{ours.port}")
        for call in (client.get("/x"), client.write("POST", "/x", {})):
            with pytest.raises(ConnectorError) as told:
                await call
            shown = f"{told.value} {vars(told.value)} {told.value!r}"
            assert CANARY not in shown
            assert "****" in str(told.value) or "418" not in str(told.value)
        await client.aclose()


async def test_a_post_that_holds_the_token_is_masked_too() -> None:
    import base64

    packed = base64.b64encode(f"mod:{CANARY}".encode()).decode()
    body = {"text": f"your token is {CANARY}, packed {packed}, url ?t={CANARY}"}
    with Server(answer=answer("200 OK", f"X-T: {CANARY}", body=body)).up() as ours:
        client = http(f"http://127.0.0.1:{ours.port}")
        heard = await client.send(Call("GET", "/x"))
        await client.aclose()
    said = heard.body
    assert heard.headers["x-t"] == "****"
    assert said["text"].startswith("your token is ****, packed ")
    assert CANARY not in said["text"]
    assert packed not in said["text"]


async def test_a_post_that_holds_a_password_in_another_script_is_masked_too() -> None:
    password = "с7рого-секретно"
    said = json.dumps({"text": f"it is {password}"}, ensure_ascii=False).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(said)}\r\nConnection: close\r\n\r\n"
    with Server(answer=head.encode() + said).up() as ours:
        site = Site(f"http://127.0.0.1:{ours.port}", lambda: NOW, asyncio.sleep)
        client = Http(site)
        client.redact_also([Secret(password)])
        assert await client.get("/x") == {"text": "it is ****"}
        await client.aclose()


async def test_a_secret_across_the_end_of_what_is_read_of_a_line_is_masked() -> None:
    line = "x" * (256 * 1024 - 6) + CANARY + "\n"
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(line)}\r\nConnection: close\r\n\r\n"
    with Server(answer=(head + line).encode()).up() as ours:
        client = http(f"http://127.0.0.1:{ours.port}")
        (heard,) = [each async for each in client.lines(Call("GET", "/x"))]
        await client.aclose()
    assert heard.lstrip("x") == "****"
