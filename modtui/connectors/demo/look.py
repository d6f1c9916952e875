"""What a demo account would be, before it begins."""

from __future__ import annotations

from modtui.connectors import Environment, Finding
from modtui.domain.text import clean_line


async def look(env: Environment) -> Finding:
    """Return the profile and size of the pretend community."""
    threads, rate, seed = (env.settings[name] for name in ("threads", "rate", "seed"))
    what = (
        f"a pretend {env.settings['profile']} with {threads} flagged threads,"
        f" {rate} happenings a minute, seed {seed}"
    )
    return Finding(clean_line(what), "")
