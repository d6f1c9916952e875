"""Every section of the configuration but calendars: what it may hold and what it becomes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from modtui.config.authorities import read_ca_file
from modtui.config.calendars import zone
from modtui.config.reader import Cell, Table, Where, nearest
from modtui.config.secrets import EXAMPLE, read_command, read_store
from modtui.domain.address import flaw
from modtui.domain.frozen import dataclass
from modtui.domain.hours import Calendar, always
from modtui.domain.model import Severity
from modtui.domain.settings import Moderator, Reach, Rule, SeverityRule, Team
from modtui.domain.sla import Policy
from modtui.layouts import TABLES

COMMON_KEYS = (
    "name", "connector", "url", "poll", "secret", "secret_command", "staff", "backlog",
)  # fmt: skip
BACKLOG = timedelta(days=7)
NOTIFY = ("none", "bell", "title", "osc9", "osc777", "osc99", "tmux")
NOTIFY_STANDARD = ("bell", "title")

TRANSLATE_EXAMPLE = 'such as ["trans", "-brief", "{from}:{to}"]'

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_PLACE = re.compile(r"\{[^{}]*\}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_LANGUAGE_NAMES = {
    "english": "en", "russian": "ru", "polish": "pl", "georgian": "ka", "kazakh": "kk",
}  # fmt: skip
_KEYBOARD_NAMES = {
    "kk": "kz", "ka": "ge", "en": "us", "gb": "us", "kazakh": "kz", "georgian": "ge",
    "russian": "ru", "polish": "pl", "english": "us",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AccountTable:
    """An account as written. `settings` are the connector's own keys, checked by its schema;
    `staff` the ids on the platform whose posts are staff's; `secret` where the secret is kept,
    `command` the argv that gives it, if that is a command; `backlog`: what is older than that
    when the account is first read is put aside; `ca_file`: whom it trusts, if not everybody."""

    name: str
    connector: str
    url: str
    poll: timedelta | None
    settings: Mapping[str, Any]
    cells: Mapping[str, Cell]
    where: Where
    staff: tuple[str, ...] = ()
    secret: str = "system"
    backlog: timedelta = BACKLOG
    command: tuple[str, ...] = ()
    ca_file: str = ""

    def place(self, key: str) -> Where:
        """Where `key` stands, else where the account does."""
        cell = self.cells.get(key)
        return cell.where if cell else self.where


def read_moderator(table: Table, default: Moderator) -> Moderator:
    """Return who works here; what is not written is as in `default`."""
    table.only(("name", "timezone", "languages", "keyboards"))
    languages = table.texts("languages", default.languages)
    for language in languages:
        _language(table, "languages", language)
    return Moderator(
        table.text("name", default.name).strip() or default.name,
        zone(table, "timezone", default.timezone),
        languages or default.languages,
        _keyboards(table, default.keyboards),
    )


def _keyboards(table: Table, default: tuple[str, ...]) -> tuple[str, ...]:
    names = table.texts("keyboards", default)
    for name in names:
        if name not in TABLES:
            known = _KEYBOARD_NAMES.get(name.casefold())
            hint = f' (did you mean "{known}"?)' if known else nearest(name, TABLES)
            table.problem(
                "keyboards", f'"{name}" is not one of the keyboards {", ".join(TABLES)}{hint}'
            )
    if {"ge", "ge-ergonomic"} <= set(names):
        table.problem("keyboards", "ge and ge-ergonomic put one letter on two keys: keep one")
    return tuple(name for name in names if name in TABLES)


def _language(table: Table, key: str, word: str) -> None:
    if not _LANGUAGE.fullmatch(word):
        known = _LANGUAGE_NAMES.get(word.casefold())
        hint = f' (did you mean "{known}"?)' if known else ', such as "en" or "ru"'
        table.problem(key, f'"{word}" is not a language code{hint}')


def read_account(
    table: Table, command: tuple[str, ...] = (), ca_file: str = ""
) -> AccountTable | None:
    """Return the account, its problems noted; None where it does not even name a connector.

    `command` gives the secret where the account has no command of its own, `ca_file` says whom it
    trusts where it does not say so itself.
    """
    name = table.text("name", required=True)
    if name and not _NAME.fullmatch(name):
        table.problem("name", f'"{name}" is not a name: a to z first, then a to z, 0 to 9 and -')
    connector = table.text("connector", required=True)
    url = table.text("url")
    if url and not _is_address(table, url):
        url = ""
    poll = table.duration("poll", None)
    secret = read_store(table, name)
    command = read_command(table) or command
    if secret == "command" and not command and "secret_command" not in table.cells:
        table.problem("secret", f"needs a secret_command, such as {EXAMPLE}")
    if not connector:
        return None
    settings = {key: cell.value for key, cell in table.cells.items() if key not in COMMON_KEYS}
    return AccountTable(
        name, connector, url, poll, settings, table.cells, table.where, table.texts("staff"),
        secret, _backlog(table), command, read_ca_file(table) or ca_file,
    )  # fmt: skip


def _backlog(table: Table) -> timedelta:
    cell = table.cells.get("backlog")
    if cell is not None and cell.value == "0":
        return timedelta()
    found = table.duration("backlog", BACKLOG, zero=True)
    return BACKLOG if found is None else found


def _is_address(table: Table, url: str) -> bool:
    why = flaw(url)
    if why:
        table.problem("url", why)
    return not why


def read_policy(
    table: Table, calendars: Mapping[str, Calendar], accounts: Collection[str]
) -> Policy | None:
    """Return the policy of one [[sla]], or None with its problems noted."""
    before = len(table.problems)
    targets = {
        key: table.duration(key, None, days=False)
        for key in ("first_response", "next_response", "resolution")
    }
    table.only(
        ("name", "accounts", "channels", "severities", "languages", "tags", "calendar",
         *targets, "warn_at")
    )  # fmt: skip
    if not any(targets.values()) and len(table.problems) == before:
        table.problem("", "promises nothing: give first_response, next_response or resolution")
    calendar = _named(table, "calendar", table.text("calendar", "always"), calendars)
    policy = Policy(
        name=table.text("name", required=True),
        calendar=calendars.get(calendar) or always(),
        warn_at=_warn_at(table),
        accounts=_all_named(table, "accounts", accounts),
        channels=table.texts("channels"),
        severities=_severities(table),
        languages=table.texts("languages"),
        tags=table.texts("tags"),
        **targets,
    )
    return policy if len(table.problems) == before else None


def default_policy() -> Policy:
    """What holds where nothing else was configured: round the clock, two, four and 24 hours."""
    first, after, resolution = (timedelta(hours=hours) for hours in (2, 4, 24))
    return Policy("default", always(), first, after, resolution)


def _named(table: Table, key: str, word: str, known: Collection[str]) -> str:
    if word in known:
        return word
    names = ", ".join(known) or "none yet"
    table.problem(key, f'there is no {key.rstrip("s")} "{word}"{nearest(word, known)}; {names}')
    return ""


def _all_named(table: Table, key: str, known: Collection[str]) -> tuple[str, ...]:
    return tuple(word for word in table.texts(key) if _named(table, key, word, known))


def _severities(table: Table) -> tuple[Severity, ...]:
    words = table.texts("severities")
    allowed = [level.value for level in Severity]
    for word in words:
        if word not in allowed:
            table.problem(
                "severities",
                f'"{word}" is not one of {", ".join(allowed)}{nearest(word, allowed)}',
            )
    return tuple(Severity(word) for word in words if word in allowed)


def _warn_at(table: Table) -> tuple[float, ...]:
    cell = table.cells.get("warn_at")
    if cell is None:
        return (0.5, 0.8)
    values = cell.value if isinstance(cell.value, list) else [cell.value]
    if not all(
        isinstance(v, int | float) and not isinstance(v, bool) and 0 < v < 1 for v in values
    ):
        table.problem("warn_at", "takes fractions between 0 and 1, such as [0.5, 0.8]")
        return (0.5, 0.8)
    return tuple(sorted(float(value) for value in values))


def read_severity(table: Table) -> SeverityRule:
    """Return the rule of one [[severity]], its problems noted."""
    table.only(("level", "reasons", "flags_at_least", "channels"))
    if "level" not in table.cells:
        table.problem("level", f"is missing: one of {', '.join(Severity)}")
    rule = SeverityRule(
        Severity(table.choice("level", [level.value for level in Severity], "normal")),
        table.texts("reasons"),
        table.number("flags_at_least", 0),
        table.texts("channels"),
    )
    if not any(key in table.cells for key in ("reasons", "flags_at_least", "channels")):
        table.problem("", "matches nothing: give reasons, flags_at_least or channels")
    return rule


def read_rule(table: Table) -> Rule:
    """Return the community rule of one [[rule]], its problems noted."""
    before = len(table.problems)
    table.only(("id", "url", "en"), also=_LANGUAGE)
    languages = [
        key for key in table.cells if _LANGUAGE.fullmatch(key) and key not in ("id", "url")
    ]
    texts = {language: table.text(language, required=True) for language in languages}
    if not texts and len(table.problems) == before:
        table.problem("en", 'is missing: the wording in one language or more, such as en = "..."')
    return Rule(table.text("id", required=True), texts or {"en": ""}, table.text("url"))


def read_team(table: Table, accounts: Collection[str]) -> Team:
    """Return the team of one [[team]], its problems noted; `accounts` can be its reach."""
    table.only(
        ("name", "responsible", "accountable", "consulted", "informed", "reach", "reasons",
         "languages")
    )  # fmt: skip
    languages = table.texts("languages")
    for language in languages:
        _language(table, "languages", language)
    return Team(
        table.text("name", required=True),
        table.texts("responsible"),
        table.text("accountable"),
        table.texts("consulted"),
        table.texts("informed"),
        _reach(table, accounts),
        table.texts("reasons"),
        languages,
    )


def _reach(table: Table, accounts: Collection[str]) -> Reach | None:
    cell = table.cells.get("reach")
    if cell is None:
        return None
    if not isinstance(cell.value, dict):
        table.problem("reach", 'is not a table, such as { account = "ops", channel = "#oncall" }')
        return None
    cells = {key: Cell(value, cell.where) for key, value in cell.value.items()}
    return _reached(Table(f"{table.name}.reach", cell.where, cells, table.problems), accounts)


def read_handover(table: Table, accounts: Collection[str]) -> Reach | None:
    """Return where hand-overs are told; None without the table, or with its problems noted."""
    return _reached(table, accounts) if table.cells else None


def _reached(table: Table, accounts: Collection[str]) -> Reach | None:
    table.only(("account", "channel"))
    account = table.text("account", required=True)
    if account and not _named(table, "account", account, accounts):
        return None
    return Reach(account, table.text("channel"))


def read_notify(top: Table) -> tuple[str, ...]:
    """Return how the moderator is woken: one way, or a list of them."""
    cell = top.cells.get("notify")
    if cell is not None and isinstance(cell.value, str):
        ways: tuple[str, ...] = (top.choice("notify", NOTIFY, "none"),)
    else:
        ways = top.texts("notify", NOTIFY_STANDARD)
    for way in ways:
        if way not in NOTIFY:
            top.problem(
                "notify", f'"{way}" is not one of {", ".join(NOTIFY)}{nearest(way, NOTIFY)}'
            )
    if "none" in ways and len(ways) > 1:
        top.problem("notify", '"none" stands alone: take it out, or take out the others')
    if "tmux" in ways and not any(way.startswith("osc") for way in ways):
        top.problem("notify", '"tmux" passes on what is beside it: osc9, osc777 or osc99')
    return ways


def read_translate(table: Table) -> tuple[str, ...]:
    """Return the command that translates, its problems noted; () where there is none."""
    table.only(("command",))
    command = table.texts("command")
    cell = table.cells.get("command")
    if cell is not None and (cell.value == [] or command[:1] == ("",)):
        table.problem("command", f"names no program: {TRANSLATE_EXAMPLE}")
        return ()
    places = {place for part in command for place in _PLACE.findall(part)}
    if wrong := sorted(places - {"{from}", "{to}"}):
        table.problem("command", f"knows {{from}} and {{to}}, not {wrong[0]}")
        return ()
    return command
