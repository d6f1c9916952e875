"""Copying to the clipboard of the machine in front of the moderator, over any number of hops."""

from __future__ import annotations

import base64

MOST_BYTES = 64 * 1024
"""Of text. Terminals drop longer sequences whole, some of them at about 100 kB."""


def clip(text: str) -> tuple[str, str]:
    """Return the sequence that copies `text` (OSC 52), and in words what it copies."""
    data = text.encode("utf-8", "replace")
    kept = data[:MOST_BYTES].decode("utf-8", "ignore").encode("utf-8")
    sequence = f"\x1b]52;c;{base64.b64encode(kept).decode('ascii')}\x07"
    size = f"{len(kept):,} bytes"
    if len(kept) < len(data):
        return sequence, f"{size} copied, cut: there are {len(data):,}"
    return sequence, f"{size} copied"
