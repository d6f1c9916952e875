"""The command line, and the one place that builds stores, connectors and clocks.

This module imports nothing heavy: opening the app needs no words of a command line, and each
command's code is loaded when it is run.
"""

from __future__ import annotations

import gc
import os
import sys

from modtui.cli.exits import NO_ROOM, Exit, Failure, told
from modtui.cli.redacting import REPORTS, keep_charset

QUIT = 131
"""What leaving at SIGQUIT ends with, until it is done."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    keep_streams()
    keep_charset()
    keep_private()
    # What a start makes is there to stay: looking through it for garbage would be a tenth of the
    # start. Who goes on for longer enables this again.
    gc.disable()
    try:
        code = run(sys.argv[1:])
    except SystemExit as left:
        if left.code == QUIT:
            _quit()
        raise
    except (MemoryError, RuntimeError, OSError) as error:
        from modtui.domain.trouble import NO_MEMORY, is_starved

        if not is_starved(error):
            raise
        REPORTS.end()
        code = told(NO_MEMORY, Exit.CONFIGURATION)
    finally:
        # Nor at the end: what is left goes with the process. This is some milliseconds of any
        # command, and a dozen of one that lists ten thousand threads.
        gc.freeze()
    sys.exit(code)


def _quit() -> None:
    """Die by SIGQUIT, as who sent it expects; the terminal was given back, and all is kept."""
    import signal

    sys.stdout.flush()
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGQUIT)


def keep_streams() -> None:
    """Let what was started without input, output or errors (`<&-`) have ones that lead nowhere: a
    file or a line to a platform would get the number, and what is told would be written into it."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # The lowest number that is free is this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
            mode = "w" if number else "r"
            setattr(sys, name, os.fdopen(number, mode, errors="replace", closefd=False))


def keep_private() -> None:
    """See to it that nothing of this process is for others, whatever writes it: files, a core, a
    traceback, the developers' log of Textual, which would hold every key of a typed secret."""
    import resource

    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    REPORTS.guard()
    for name in ("TEXTUAL", "TEXTUAL_LOG"):
        os.environ.pop(name, None)


def run(args: list[str]) -> int:
    """Run one command line; return its exit code. Errors are one line each on stderr."""
    try:
        code = _invoke(args)
        sys.stdout.flush()
        return code
    except Failure as error:
        return told(str(error), int(error.code))
    except KeyboardInterrupt:
        return told("stopped", 130)
    except BrokenPipeError:
        # The reader of a pipe has gone; leave the interpreter nothing to flush at exit.
        _no_more_output()
        return 0
    except OSError as error:
        if error.errno not in NO_ROOM or error.filename is not None:
            raise
        _no_more_output()
        return told(f"what was to be told found no room: {error.strerror}", Exit.CONFIGURATION)


def _no_more_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _invoke(args: list[str]) -> int:
    if args:
        from modtui.cli.commands import invoke

        return invoke(args)
    from modtui.lean import put_off

    put_off()
    from modtui.cli.running import open_app

    open_app()
    return 0
