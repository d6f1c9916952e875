"""`make docs`: writes what is told of keys, accounts and capabilities from what is declared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from modtui.cli.compose import wall
from modtui.cli.keys import markdown_keys
from modtui.connectors import Environment, Limits, Schema, Setting
from modtui.connectors.registry import KINDS
from modtui.domain.commands import Capability
from modtui.domain.secret import Secret
from modtui.domain.words import length
from tests.connectors.test_budgets import BUDGETS

ROOT = Path(__file__).parents[1]
NO_URL = ("demo", "smtp")


def accounts() -> str:
    """Return what each connector asks for, as Markdown."""
    return "\n".join(line for name in KINDS for line in _connector(KINDS[name].schema))


def _connector(schema: Schema) -> Iterator[str]:
    only = ", which can only tell a team" if schema.notify_only else ""
    without = "it takes no `url`" if schema.connector in NO_URL else "`url` may be left out"
    url = "" if schema.needs_url else f"; {without}"
    yield f"### {schema.connector}{only}{url}\n"
    yield "| key | what it is | without it |\n|---|---|---|"
    for setting in schema.settings:
        yield f"| `{setting.name}` | {_what(setting)} | {_without(setting)} |"
    for secret in schema.secrets:
        need = "" if secret.required else ", if there is one"
        yield f"| secret `{secret.name}` | {secret.help}{need} | |"
    for together in schema.needs:
        yield f"\n{together.say[:1].upper()}{together.say[1:]}."
    yield ""


def _what(setting: Setting) -> str:
    choices = ", ".join(f"`{choice}`" for choice in setting.choices)
    return ": ".join(part for part in (setting.help, choices) if part) or setting.kind


def _without(setting: Setting) -> str:
    if setting.required:
        return "it must be there"
    return "" if setting.default is None else f"`{setting.default}`"


WORDS = {
    Capability.REPLY: "reply",
    Capability.REPLY_PRIVATE: "reply to the author alone",
    Capability.HIDE: "remove",
    Capability.RESTORE: "take a removal back",
    Capability.DISMISS: "keep",
    Capability.APPROVE: "approve what is held",
    Capability.LOCK: "lock",
    Capability.SLOW_MODE: "slow mode",
    Capability.READ_ONLY: "read-only",
    Capability.CROWD_CONTROL: "crowd control",
    Capability.WARN: "warn",
    Capability.MUTE: "mute",
    Capability.KICK: "kick",
    Capability.BAN: "ban",
    Capability.NOTIFY: "tell a team",
    Capability.ASSIGN: "assign to oneself",
    Capability.NOTE: "leave a note",
    Capability.REOPEN: "reopen what was kept",
    Capability.SENSITIVE_MEDIA: "mark media as sensitive",
    Capability.FREEZE: "freeze the login",
    Capability.MUTE_REPORTER: "mute who reports",
    Capability.PRIORITY: "priority",
    Capability.TAG: "put on and take off tags",
    Capability.DIVERT: "divert media",
}


SAMPLES = {"repositories": "o/r", "labeler": "did:plc:1"}


def capabilities() -> str:
    """Return what each connector can do, by the platform's own word, as Markdown."""
    built = {name: _offers(name) for name in KINDS if name != "demo"}
    lines = [f"| | {' | '.join(built)} |", "|---" * (len(built) + 1) + "|"]
    for each in Capability:
        cells = " | ".join(_cell(offers.get(each)) for offers in built.values())
        lines.append(f"| {WORDS.get(each, each.value)} | {cells} |")
    costs = " | ".join(_cost(name) for name in built)
    lines.append(f"| requests in a quiet minute | {costs} |")
    return "\n".join(lines)


def _offers(name: str) -> Mapping[Capability, Limits]:
    """Return what a connector offers before it is told that a right is missing."""
    kind = KINDS[name]
    samples = {each.name: _sample(each) for each in kind.schema.settings}
    url = kind.schema.default_url or "http://localhost"
    secrets = {each.name: Secret("1") for each in kind.schema.secrets}
    env = Environment("docs", {"url": url, **samples}, secrets, wall, asyncio.sleep)
    return kind.load()(env).capabilities.offers


def _sample(setting: Setting) -> object:
    if setting.name == "notes":
        # Left on the platform as well: the last of the choices.
        return setting.choices[-1]
    if not setting.required:
        return SAMPLES.get(setting.name, setting.default)
    one = SAMPLES.get(setting.name, "1")
    return (one,) if setting.kind == "list" else one


def _cell(limits: Limits | None) -> str:
    if limits is None:
        return "–"
    parts = [limits.name]
    if limits.max_seconds is not None:
        parts.append(f"to {length(limits.max_seconds)}")
    if limits.for_good:
        parts.append("for good")
    return ", ".join(parts)


def _cost(name: str) -> str:
    budget = BUDGETS.get(name)
    if budget is None:
        return "–"
    return f"{budget.minute}, and {budget.hourly} an hour" if budget.hourly else f"{budget.minute}"


PARTS: tuple[tuple[str, str, str, Callable[[], str]], ...] = (
    ("README.md", "<!-- keys: made by `make docs` -->\n", "<!-- /keys -->",
     lambda: markdown_keys(("the list", "everywhere"))),
    ("docs/keys.md", "<!-- keys: made by `modtui keys --markdown` -->\n", "<!-- /keys -->",
     markdown_keys),
    ("docs/configuration.md", "<!-- accounts: made by `make docs` -->\n", "<!-- /accounts -->",
     accounts),
    ("docs/connectors.md", "<!-- capabilities: made by `make docs` -->\n",
     "<!-- /capabilities -->", capabilities),
)  # fmt: skip


def renewed(text: str, begin: str, end: str, made: str) -> str:
    """Return `text` with `made` between `begin` and `end`, which must be there."""
    head, _, rest = text.partition(begin)
    return head + begin + made + "\n" + end + rest.partition(end)[2]


if __name__ == "__main__":
    for name, begin, end, make in PARTS:
        path = ROOT / name
        path.write_text(renewed(path.read_text("utf-8"), begin, end, make()), "utf-8")
