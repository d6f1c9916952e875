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
    return parts.scheme.lower() == "http" and not is_loopback(parts.hostname or "")
