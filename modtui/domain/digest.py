"""SHA-256 without OpenSSL, as `random` of the standard library has SHA-512: 3 MB of memory and some
milliseconds of a start, for a handful of short texts."""

from __future__ import annotations

import sys

try:
    if sys.version_info >= (3, 12):
        from _sha2 import sha256 as _sha256
    else:
        from _sha256 import sha256 as _sha256  # type: ignore[import-not-found]
except ImportError:
    from hashlib import sha256 as _sha256


def sha256(data: bytes) -> str:
    """Return the digest of `data`, in 64 hexadecimal digits."""
    return str(_sha256(data).hexdigest())
