"""keys: the table of keys, as they are in force or as they are declared."""

from __future__ import annotations

from collections.abc import Collection

import click

from modtui.cli.compose import set_up
from modtui.cli.failure import failing
from modtui.cli.keymap import Keyboard, in_force, screens
from modtui.cli.reading import AS_JSON
from modtui.config import Config
from modtui.keymap import DECLARED, Action, Keymap, Line, table


@click.command()
@AS_JSON
@click.option("--markdown", is_flag=True, help="The default keys as a Markdown table.")
def keys(as_json: bool, markdown: bool) -> None:
    """List every key in force. With what it does, and the name that a keymap calls it by."""
    if markdown:
        click.echo(markdown_keys())
        return
    with failing():
        lines = key_table(keymap_of(set_up().config))
    if as_json:
        from modtui.cli.shapes import print_json

        defaults = {line.id: line.keys for line in key_table()}
        document = [
            {"id": x.id, "keys": x.keys, "does": x.does, "how": x.how, "default": defaults[x.id]}
            for x in lines
        ]
        print_json({"keys": document})
    else:
        from modtui.cli.plain import table as plain_table

        plain_table((line.keys, line.does, line.how, line.id) for line in lines)


def keymap_of(config: Config) -> Keymap:
    """Return the keys that `config` puts in force. Raises ConfigError with every problem."""
    if not config.keys:
        return DECLARED
    return in_force(config.keys, Keyboard(screens(), config.desk.moderator.keyboards))


def markdown_keys(only: Collection[str] = ()) -> str:
    """Return the table of the default keys as Markdown, each under the first place where it counts
    and those that count everywhere under that word; `only` of these places, all without."""
    places: dict[str, list[Action]] = {}
    seen: set[str] = set()
    for place, actions in screens().items():
        for action in actions:
            if action.shown and action.id not in seen:
                seen.add(action.id)
                rooms = action.id.startswith("app.")
                places.setdefault("everywhere" if rooms else place, []).append(action)
    rows = ["| key | what it does | |", "|---|---|---|"]
    for place, found in places.items():
        if only and place not in only:
            continue
        rows.append(f"| **{place}** | | |")
        rows += [f"| `{line.keys}` | {line.does} | {line.how} |" for line in table(found)]
    return "\n".join(rows)


def key_table(keymap: Keymap = DECLARED) -> tuple[Line, ...]:
    """Return every action that has a key, in the order of the screens; `keymap`: as moved."""
    groups = [[a for a in keymap.all(group) if a.shown] for group in screens().values()]
    return table(*groups)
