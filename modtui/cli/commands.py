"""The command line's words: every command by its name, and the options of `modtui` itself.

Each command's code is loaded when it is run.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

import click

from modtui import __version__
from modtui.cli.exits import told

F = TypeVar("F", bound=Callable[..., Any])

_HOMES = {
    "init": "setup", "doctor": "doctor", "accounts": "login", "login": "login",
    "logout": "login", "sync": "serving", "drain": "serving", "queue": "reading",
    "show": "reading", "status": "status", "deliveries": "reading", "keys": "keys",
    "demo": "pretending", "reply": "talking", "note": "talking", "escalate": "talking",
    "hide": "acting", "dismiss": "acting", "lock": "acting", "unlock": "acting",
    "sanction": "acting", "slow": "acting", "read-only": "acting",
    "crowd-control": "acting", "extra": "extras", "claim": "holding",
    "release": "holding", "resolve": "holding", "reopen": "holding", "snooze": "holding",
    "sensitive": "holding", "delivery": "outbox", "undo": "outbox", "handover": "handover",
    "faq": "faq", "choices": "choices",
}  # fmt: skip


class _Commands(click.Group):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_HOMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _HOMES:
            return None
        module = import_module(f"modtui.cli.{_HOMES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _HOMES and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], _HOMES, 1)
            hint = f' (did you mean "{near[0]}"?)' if near else ""
            ctx.fail(f'there is no command "{args[0]}"{hint}')
        found = super().resolve_command(ctx, args)
        gc.enable()
        return found


def _write_whole_lines(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        os.environ["MODTUI_NO_DIFF"] = "1"


no_diff_option = click.option(
    "--no-diff", is_flag=True, expose_value=False, callback=_write_whole_lines,
    help="Write whole lines to the terminal, not only what changed (or set MODTUI_NO_DIFF=1).",
)  # fmt: skip


def plain_options(function: F) -> F:
    """Add the options of a conversation in lines."""
    width = click.option(
        "--width", type=click.IntRange(0), metavar="CELLS",
        help="With --plain: break lines at so many cells; 0 breaks none.",
    )  # fmt: skip
    plain = click.option(
        "--plain", is_flag=True,
        help="Lines and numbers instead of a screen: for screen readers, serial lines and logs.",
    )  # fmt: skip
    return plain(width(function))


def _misplaced(ctx: click.Context, option: str, command: str) -> str:
    """Say why `option` of the app does not stand before `command`."""
    found = cli.get_command(ctx, command)
    if found is not None and any(option in each.opts for each in found.params):
        return f"{option} stands behind {command}: modtui {command} {option}"
    return f"{option} opens the app: it does not go with {command}"


def need_plain(ctx: click.Context, width: int | None, *, plain: bool) -> None:
    """Refuse a width where lines are not asked for. Raises click.UsageError."""
    if width is not None and not plain:
        ctx.fail("--width goes with --plain")


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="modtui", message="%(prog)s %(version)s")
@no_diff_option
@click.option("--practice", is_flag=True, help="Open the app on a copy: everything but sending.")
@click.option("--read-only", is_flag=True, help="Open the app for looking: a lead's session.")
@plain_options
@click.pass_context
def cli(
    ctx: click.Context, practice: bool, read_only: bool, plain: bool, width: int | None
) -> int | None:
    """One live queue for the people who answer for an online community.

    Without a command it opens the app. Exit codes: 0 done, 1 failed, 2 usage, 3 credentials,
    4 configuration, 5 platform refused or unreachable, 6 needs a human.
    """
    if ctx.invoked_subcommand is not None:
        given = {"--practice": practice, "--read-only": read_only, "--plain": plain}
        for option in (name for name, on in given.items() if on):
            ctx.fail(_misplaced(ctx, option, ctx.invoked_subcommand))
        return None
    if practice and read_only:
        ctx.fail("either --practice or --read-only")
    need_plain(ctx, width, plain=plain)
    if plain:
        from modtui.cli.lines import open_lines

        gc.enable()
        return open_lines(width, practice=practice, read_only=read_only)
    from modtui.cli.running import open_app

    open_app(practice=practice, read_only=read_only)
    return None


def invoke(args: list[str]) -> int:
    """Run one command line of at least a word; return its exit code. Raises Failure."""
    try:
        result = cli.main(args, prog_name="modtui", standalone_mode=False)
    except click.UsageError as error:
        name = error.ctx.command_path if error.ctx else "modtui"
        # click breaks its lists of choices into lines.
        words = " ".join(error.format_message().split()).rstrip(".")
        return told(f"{words}; see {name} --help", error.exit_code)
    except click.ClickException as error:
        return told(error.format_message(), error.exit_code)
    except click.Abort:
        raise KeyboardInterrupt from None
    return result if isinstance(result, int) else 0
