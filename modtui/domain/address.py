"""What may be said to an address that is spoken to without encryption."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1", re.IGNORECASE)
CLEAR = (
    "http:// would let others on the way read what is sent, the secret too: write https://"
    " (http:// is for this machine itself, as through a tunnel)"
)


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine itself."""
    return bool(_LOOPBACK.fullmatch(host.strip("[]")))


def in_the_clear(url: str) -> bool:
    """Return whether what is sent to `url` could be read on the way. Raises ValueError."""
    parts = urlsplit(url)
    return parts.scheme.lower() in ("http", "ws") and not is_loopback(parts.hostname or "")


def flaw(url: str, scheme: str = "http", example: str = "forum.example.org") -> str:
    """Return why nothing can be sent to `url` by `scheme` (http or ws), or ""."""
    write = f"write {scheme}s://{example}"
    try:
        parts = urlsplit(url)
        # As the client that connects writes a host: each part of it has 1 to 63 letters.
        (parts.hostname or "").encode("idna")
        no_port = parts.port == 0
    except ValueError:
        return f"is not an address: {write}"
    if parts.username or parts.password:
        return "holds a name or password: take it out and use modtui login"
    spaced = any(each.isspace() or not each.isprintable() for each in url)
    if parts.scheme not in (scheme, f"{scheme}s") or not parts.hostname or no_port or spaced:
        return f"is not an address: {write}"
    return CLEAR.replace("http", scheme) if in_the_clear(url) else ""
