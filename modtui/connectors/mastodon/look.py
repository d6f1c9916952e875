"""What is at an address that is to be a Mastodon server, told without a token."""

from __future__ import annotations

from urllib.parse import urlsplit

from modtui.connectors import Environment, Finding, Rejected
from modtui.connectors.http import Http, RejectedByServer, site_of
from modtui.connectors.ratelimit import DIALECTS
from modtui.domain.text import clean_line


async def look(env: Environment) -> Finding:
    """Return which server answers. Raises a ConnectorError."""
    url = str(env.settings["url"])
    http = Http(site_of(env, {}, DIALECTS["mastodon"]))
    try:
        body = await http.get("/api/v2/instance")
    except RejectedByServer as error:
        raise Rejected(f"no Mastodon server answers at {http.origin}: {error}") from error
    finally:
        await http.aclose()
    told = body if isinstance(body, dict) else {}
    version, title = told.get("version"), told.get("title")
    if not isinstance(version, str):
        raise Rejected(f"what answers at {http.origin} is not a Mastodon server")
    named = f" ({title})" if isinstance(title, str) and title.strip() else ""
    return Finding(clean_line(f"Mastodon {version} at {urlsplit(url).netloc}{named}"), url)
