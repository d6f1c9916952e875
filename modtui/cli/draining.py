"""What is on its way when a moderator leaves goes on without a terminal."""

from __future__ import annotations

import subprocess
import sys


class Drain:
    """Starts a `modtui drain` that outlives the terminal and ends by itself."""

    def __init__(self) -> None:
        self.trouble = ""

    def __call__(self) -> None:
        try:
            subprocess.Popen(
                [sys.executable, "-m", "modtui", "drain"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            self.trouble = error.strerror or str(error)
