"""What a connector tells of an address before anybody gave it a secret."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from modtui.connectors import Environment, Finding, Rejected, Retryable
from modtui.connectors.registry import KINDS
from tests.connectors.fakesynapse import FakeSynapse
from tests.connectors.platform import START

VERSIONS = "/_matrix/client/versions"
FEDERATION = "/_matrix/federation/v1/version"
WELL_KNOWN = "/.well-known/matrix/client"


def at(url: str, answers: Mapping[str, httpx.Response | Exception], seen: list[str]) -> Finding:
    """Look at `url`, where these paths (of any host) answer; `seen` gets the urls asked for."""

    def handle(request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        assert request.method == "GET"
        seen.append(str(request.url))
        answer = answers.get(request.url.path, httpx.Response(404, json={}))
        if isinstance(answer, Exception):
            raise answer
        return answer

    env = Environment(
        "chat", {"url": url}, {}, lambda: START, asyncio.sleep, httpx.MockTransport(handle)
    )
    look = KINDS["matrix"].look
    assert look is not None
    return asyncio.run(_run(look(), env))


async def _run(look: Any, env: Environment) -> Finding:
    found: Finding = await look(env)
    return found


def spec(**headers: str) -> httpx.Response:
    return httpx.Response(200, json={"versions": ["v1.11"]}, headers=headers)


def server(name: str, version: str) -> httpx.Response:
    return httpx.Response(200, json={"server": {"name": name, "version": version}})


def homeserver(url: object) -> httpx.Response:
    return httpx.Response(200, json={"m.homeserver": {"base_url": url}})


def test_the_server_is_named_with_its_version_and_place() -> None:
    answers = {VERSIONS: spec(), FEDERATION: server("Synapse", "1.163.2")}
    found = at("https://ours.test:8448", answers, [])
    assert found == Finding(found.what, "https://ours.test:8448")
    assert found.what == "Synapse 1.163.2 at ours.test:8448"


def test_a_server_that_does_not_federate_is_known_by_its_header() -> None:
    found = at("http://127.0.0.1:80", {VERSIONS: spec(server="Synapse/1.163.2")}, [])
    assert (found.what, found.notes) == ("Synapse 1.163.2 at 127.0.0.1:80", ())


def test_the_domain_says_where_its_server_is() -> None:
    seen: list[str] = []
    answers = {
        WELL_KNOWN: homeserver("https://synapse.ours.test/"),
        VERSIONS: spec(),
        FEDERATION: server("Synapse", "1.163.2"),
    }
    found = at("https://ours.test", answers, seen)
    assert found.url == "https://synapse.ours.test"
    assert found.notes == ("ours.test says that its server is at https://synapse.ours.test",)
    assert [url for url in seen if "synapse.ours.test" not in url] == [
        f"https://ours.test{WELL_KNOWN}"
    ]


@pytest.mark.parametrize(
    "named",
    ["http://weak.test", "ftp://x.test", "https://a@b.test", "https://a\x1b[2J", "https://[", 5],
)
def test_a_domain_cannot_lead_to_a_weaker_place(named: object) -> None:
    answers = {WELL_KNOWN: homeserver(named), VERSIONS: spec(server="Synapse/1")}
    assert at("https://ours.test", answers, []).url == "https://ours.test"


def test_what_should_be_known_before_a_token_goes_there_is_said() -> None:
    answers = {VERSIONS: spec(), FEDERATION: server("Con\x1b[31mduit", "0.9")}
    found = at("http://127.0.0.1:8008", answers, [])
    assert "\x1b" not in found.what
    (note,) = found.notes
    assert "Synapse's admin API" in note
    with pytest.raises(Rejected, match="others on the way read what is sent"):
        at("http://ours.test", answers, [])


def test_another_site_is_not_taken_for_a_server() -> None:
    with pytest.raises(Rejected, match="no Matrix server answers at"):
        at("https://ours.test", {}, [])
    page = {VERSIONS: httpx.Response(200, json={"hello": "there"})}
    with pytest.raises(Rejected, match="is not a Matrix server"):
        at("https://ours.test", page, [])
    gone = httpx.ConnectError("no route")
    with pytest.raises(Retryable, match="cannot reach"):
        at("https://ours.test", {VERSIONS: gone, WELL_KNOWN: gone}, [])


def test_the_demo_tells_its_profile_and_size() -> None:
    look = KINDS["demo"].look
    assert look is not None
    settings = {"profile": "chat", "threads": 7, "rate": 2, "seed": 3}
    env = Environment("lounge", settings, {}, lambda: START, asyncio.sleep)
    assert asyncio.run(_run(look(), env)).what == (
        "a pretend chat with 7 flagged threads, 2 happenings a minute, seed 3"
    )


def test_what_cannot_be_looked_at_says_so_by_having_no_look() -> None:
    assert [name for name in KINDS if KINDS[name].look is None] == [
        "discord",
        "reddit",
        "twitch",
        "webhook",
        "smtp",
    ]


async def test_who_may_not_list_reports_is_told_what_to_ask_for() -> None:
    synapse = FakeSynapse(
        override={"GET .*/event_reports": lambda _: httpx.Response(403, json={"errcode": "M_F"})}
    )
    matrix = synapse.connector()
    identity = await matrix.identity()
    await matrix.aclose()
    assert identity.ask.startswith("Please make @admin:ours.test a server admin")
    assert '{"admin": true}' in identity.ask
