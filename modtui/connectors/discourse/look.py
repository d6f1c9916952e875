"""What is at an address that is to be a forum, told without a key."""

from __future__ import annotations

from urllib.parse import urlsplit

from modtui.connectors import Environment, Finding, Rejected
from modtui.connectors.http import Http, RejectedByServer, site_of
from modtui.connectors.ratelimit import DIALECTS
from modtui.domain.text import clean_line


async def look(env: Environment) -> Finding:
    """Return which forum answers. Raises a ConnectorError."""
    url = str(env.settings["url"])
    http = Http(site_of(env, {}, DIALECTS["discourse"]))
    try:
        body = await http.get("/site/basic-info.json")
    except RejectedByServer as error:
        raise Rejected(f"no Discourse answers at {http.origin}: {error}") from error
    finally:
        await http.aclose()
    title = body.get("title") if isinstance(body, dict) else None
    if not isinstance(title, str) or not isinstance(body, dict) or "logo_url" not in body:
        raise Rejected(f"what answers at {http.origin} is not a Discourse")
    return Finding(clean_line(f"Discourse at {urlsplit(url).netloc} ({title})"), url)
