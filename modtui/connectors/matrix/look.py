"""What is at an address that is to be a Matrix server, told without a token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from modtui.connectors import ConnectorError, Environment, Finding, Rejected
from modtui.connectors.http import Answer, Call, Http, RejectedByServer, origin_of, site_of
from modtui.connectors.ratelimit import DIALECTS
from modtui.domain.text import Clean, clean_line


async def look(env: Environment) -> Finding:
    """Return which server answers, where the domain says that it is. Raises a ConnectorError."""
    given = str(env.settings["url"])
    url = await _pointed(env, given) or given
    async with _Site(env, url) as http:
        answer = await _versions(http)
        server = await _server(http, answer)
    notes = []
    if origin_of(url) != origin_of(given):
        notes.append(f"{urlsplit(given).netloc} says that its server is at {origin_of(url)}")
    if "synapse" not in server.casefold():
        notes.append("reports are read through Synapse's admin API, which other servers lack")
    what = clean_line(f"{server} at {urlsplit(url).netloc}")
    return Finding(what, url, tuple(clean_line(note) for note in notes))


class _Site:
    """A client of `url` without secrets, closed at the end."""

    def __init__(self, env: Environment, url: str) -> None:
        at = replace(env, settings={**env.settings, "url": url})
        self._http = Http(site_of(at, {}, DIALECTS["matrix"]))

    async def __aenter__(self) -> Http:
        return self._http

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()


async def _pointed(env: Environment, given: str) -> str:
    """Return the server that the domain names in its well-known file, or "" where it names none."""
    async with _Site(env, origin_of(given)) as http:
        try:
            body = await http.get("/.well-known/matrix/client")
        except ConnectorError:
            # Many servers have none; whether one is there at all is seen at the next request.
            return ""
    home = body.get("m.homeserver") if isinstance(body, dict) else None
    base = home.get("base_url") if isinstance(home, dict) else None
    if not isinstance(base, str) or not base.startswith(("https://", "http://")):
        return ""
    safer = urlsplit(given).scheme == "http" or base.startswith("https://")
    return base.rstrip("/") if safer and _is_address(base) else ""


def _is_address(url: str) -> bool:
    if not (url.isascii() and url.isprintable()):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return False


async def _versions(http: Http) -> Answer:
    """Return what the server answers about its versions. Raises Rejected if it is none."""
    try:
        answer = await http.send(Call("GET", "/_matrix/client/versions"))
    except RejectedByServer as error:
        raise Rejected(f"no Matrix server answers at {http.origin}: {error}") from error
    body = answer.body
    if not isinstance(body, dict) or not isinstance(body.get("versions"), list):
        raise Rejected(f"what answers at {http.origin} is not a Matrix server")
    return answer


async def _server(http: Http, answer: Answer) -> Clean:
    """Return name and version of the server, from what it says of itself."""
    try:
        body: Any = await http.get("/_matrix/federation/v1/version")
    except ConnectorError:
        # A server may not federate; then its answers still carry its name.
        body = None
    said = body.get("server") if isinstance(body, dict) else None
    if isinstance(said, dict) and isinstance(said.get("name"), str):
        return clean_line(f"{said['name']} {said.get('version') or ''}", limit=60)
    name = answer.headers.get("server", "").partition("(")[0].replace("/", " ")
    known = "synapse" in name.casefold()
    return clean_line(name if known else "a Matrix server", limit=60)
