"""modtui on a machine that was restarted: `python -m tests.interop.restarted BOOT WORDS...`

It is the command line as it is, but for the machine's boot id: leases of an earlier boot are over,
so that a test need not wait a minute for those of a process that it killed.
"""

from __future__ import annotations

import sys
from unittest.mock import patch

from modtui.cli import compose, run


def main(boot: str, words: list[str]) -> int:
    """Run one command line under that boot id; return its exit code."""
    with patch.object(compose, "_boot", lambda uptime: boot):
        return run(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
