"""What is at an address that is to be GitHub, told without a token."""

from __future__ import annotations

from urllib.parse import urlsplit

from modtui.connectors import Environment, Finding, Rejected
from modtui.connectors.github.api import Api
from modtui.connectors.http import RejectedByServer
from modtui.domain.text import clean_line


async def look(env: Environment) -> Finding:
    """Return which GitHub answers. Raises a ConnectorError."""
    url = str(env.settings["url"])
    api = Api(env)
    try:
        body = (await api.get("/meta")).body
    except RejectedByServer as error:
        hint = "https://api.github.com, or https://HOST/api/v3"
        raise Rejected(f"no GitHub answers at {url} ({error}): its address is {hint}") from error
    finally:
        await api.aclose()
    if not isinstance(body, dict) or "verifiable_password_authentication" not in body:
        raise Rejected(f"what answers at {url} is not GitHub: try https://api.github.com")
    version = body.get("installed_version")
    named = f"GitHub Enterprise Server {version}" if isinstance(version, str) else "GitHub"
    return Finding(clean_line(f"{named} at {urlsplit(url).netloc}"), url)
