"""Whether a far end is still to be reached: a connection is opened and closed, nothing is asked."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from modtui.connectors import Retryable
from modtui.connectors.trust import proxy_for
from modtui.domain.text import clean_line

_NEXT_ADDRESS = 0.25
_PORTS = {"http": 80, "https": 443}


async def knock(origin: str) -> None:
    """Connect to where requests for `origin` go: its host, or the proxy for it. Raises Retryable
    where nothing accepts the connection; it waits for as long as the system does."""
    parts = urlsplit(proxy_for(origin) or origin)
    port = parts.port or _PORTS[parts.scheme]
    loop = asyncio.get_running_loop()
    try:
        line, _ = await loop.create_connection(
            asyncio.Protocol, parts.hostname or "", port, happy_eyeballs_delay=_NEXT_ADDRESS
        )
    except OSError as error:
        raise Retryable(f"cannot reach {clean_line(origin)}: {clean_line(str(error))}") from error
    line.abort()
