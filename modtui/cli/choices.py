"""choices: what the quick replies that were sent have taught, and forgetting it."""

from __future__ import annotations

from datetime import timedelta

import click

from modtui.cli import plain, shapes
from modtui.cli.compose import open_store, run_async, set_up, wall
from modtui.cli.exits import Exit, Failure
from modtui.cli.failure import failing
from modtui.cli.reading import AS_JSON, read
from modtui.store import ReadTx


@click.command()
@AS_JSON
@click.option("--reply", help="Only of this entry of the library.")
@click.option(
    "--forget",
    "days",
    type=click.IntRange(0),
    metavar="DAYS",
    help="Forget what is older; 0: everything.",
)
def choices(as_json: bool, reply: str | None, days: int | None) -> None:
    """List the choices by which each quick reply is offered.

    With --forget old ones are forgotten. A choice is a quick reply that was sent, with what its
    thread said as counted features, never as text. Who else uses the store forgets with its next
    start.
    """
    forgotten = None if days is None else _forget(days, reply)

    async def work(_: object, tx: ReadTx) -> dict[str, int]:
        return dict(await tx.choices_kept())

    _, kept = read(work)
    if forgotten == 0 and reply is not None and reply not in kept:
        raise Failure(Exit.USAGE, f"no choice of {reply} is kept: modtui choices lists those there")
    if reply is not None:
        kept = {name: count for name, count in kept.items() if name == reply}
    if as_json:
        shapes.print_json({"choices": kept, "forgotten": forgotten, "at": wall()})
        return
    if forgotten is not None:
        click.echo(f"{forgotten} forgotten")
    plain.table(tuple((name, str(count)) for name, count in sorted(kept.items())))


def _forget(days: int, reply: str | None) -> int:
    with failing():
        setup = set_up()
        before = wall() - timedelta(days=days)

        async def work() -> int:
            store = open_store(setup.paths.store)
            try:
                return await store.write(lambda tx: tx.forget_choices(before, reply))
            finally:
                await store.close()

        found = run_async(work())
        file = setup.paths.cache / "ranking.bin"
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            # What was forgotten must not stay in a file.
            raise Failure(Exit.CONFIGURATION, f"{file}: {error.strerror}: remove it") from error
        return found
