"""`make docs`: writes what is told of keys and accounts from what the program declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from modtui.cli.keys import markdown_keys
from modtui.connectors import Schema, Setting
from modtui.connectors.registry import KINDS

ROOT = Path(__file__).parents[1]


def accounts() -> str:
    """Return what each connector asks for, as Markdown."""
    return "\n".join(line for name in KINDS for line in _connector(KINDS[name].schema))


def _connector(schema: Schema) -> Iterator[str]:
    only = ", which can only tell a team" if schema.notify_only else ""
    url = "" if schema.needs_url else "; it takes no `url`"
    yield f"### {schema.connector}{only}{url}\n"
    yield "| key | what it is | without it |\n|---|---|---|"
    for setting in schema.settings:
        yield f"| `{setting.name}` | {_what(setting)} | {_without(setting)} |"
    for secret in schema.secrets:
        need = "" if secret.required else ", if there is one"
        yield f"| secret `{secret.name}` | {secret.help}{need} | |"
    yield ""


def _what(setting: Setting) -> str:
    choices = ", ".join(f"`{choice}`" for choice in setting.choices)
    return ": ".join(part for part in (setting.help, choices) if part) or setting.kind


def _without(setting: Setting) -> str:
    if setting.required:
        return "it must be there"
    return "" if setting.default is None else f"`{setting.default}`"


PARTS: tuple[tuple[str, str, str, Callable[[], str]], ...] = (
    ("README.md", "<!-- keys: made by `modtui keys --markdown` -->\n", "<!-- /keys -->",
     markdown_keys),
    ("docs/configuration.md", "<!-- accounts: made by `make docs` -->\n", "<!-- /accounts -->",
     accounts),
)  # fmt: skip


def renewed(text: str, begin: str, end: str, made: str) -> str:
    """Return `text` with `made` between `begin` and `end`, which must be there."""
    head, _, rest = text.partition(begin)
    return head + begin + made + "\n" + end + rest.partition(end)[2]


if __name__ == "__main__":
    for name, begin, end, make in PARTS:
        path = ROOT / name
        path.write_text(renewed(path.read_text("utf-8"), begin, end, make()), "utf-8")
