"""What is at an address that is to be the server of a moderator's account, told without a login."""

from __future__ import annotations

from urllib.parse import urlsplit

from modtui.connectors import Environment, Finding, Rejected
from modtui.connectors.http import Http, RejectedByServer, site_of
from modtui.connectors.ratelimit import DIALECTS
from modtui.domain.text import clean_line


async def look(env: Environment) -> Finding:
    """Return which server answers. Raises a ConnectorError."""
    url = str(env.settings["url"])
    http = Http(site_of(env, {}, DIALECTS["atproto"]))
    try:
        body = await http.get("/xrpc/com.atproto.server.describeServer")
    except RejectedByServer as error:
        raise Rejected(f"no AT Protocol server answers at {http.origin}: {error}") from error
    finally:
        await http.aclose()
    did = body.get("did") if isinstance(body, dict) else None
    if not isinstance(did, str):
        raise Rejected(f"what answers at {http.origin} is not an AT Protocol server")
    return Finding(clean_line(f"AT Protocol server {did} at {urlsplit(url).netloc}"), url)
