"""demo: the app over a pretend community."""

from __future__ import annotations

import click

from modtui.cli.commands import need_plain, no_diff_option, plain_options
from modtui.cli.running import run_demo


@click.command()
@click.option(
    "--threads", type=click.IntRange(1, 200_000), default=40, show_default=True,
    help="Flagged threads at the start.",
)  # fmt: skip
@click.option(
    "--rate", type=click.FloatRange(0, 10_000), default=10.0, show_default=True,
    metavar="PER_MINUTE", help="New happenings a minute.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@no_diff_option
@plain_options
@click.pass_context
def demo(
    ctx: click.Context, threads: int, rate: float, seed: int, plain: bool, width: int | None
) -> int:
    """Open a whole pretend community: no account, nothing kept."""
    need_plain(ctx, width, plain=plain)
    if plain:
        from modtui.cli.lines import demo_lines

        return demo_lines(threads, rate, seed, width)
    run_demo(threads, rate, seed)
    return 0
