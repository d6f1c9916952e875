"""The steps to an account that are the same for every connector, in their order.

What differs is declared by the connector: its settings, its secrets, and how to look at an
address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, repeat

from modtui.cli import compose
from modtui.cli.exits import Failure
from modtui.cli.guide import Said, Step, Trouble, settings
from modtui.cli.schema import convert
from modtui.cli.writing import address, check_name, typed
from modtui.connectors import ConnectorError, Finding, Schema, Setting, Unusable
from modtui.domain.guide import Option, Question
from modtui.domain.text import clean_line

YES = Option("1", "yes", "yes, go on")


class Plain:
    """A step that needs nothing found out beforehand."""

    id = ""

    def asks(self, said: Said) -> bool:
        return True

    async def prepare(self, said: Said) -> Said:
        return said


class Start(Plain):
    """The demo, or a community."""

    id = "start"

    def question(self, said: Said) -> Question:
        return Question(
            self.id,
            "Nothing is configured yet",
            "pick",
            ("modtui gathers what is flagged in your communities into one queue.",),
            (
                Option("1", "demo", "try the demo: a pretend community, nothing is kept"),
                Option("2", "connect", "connect a community"),
            ),
            answer="demo" if not said.connector else "connect",
        )

    async def take(self, said: Said, text: str) -> Said:
        return replace(said, demo=text == "demo")


_PICKS = "123456789abcdefghilmnopqrstuvwxyz"
"""One key for each kind of connector; j and k move."""


class Platform(Plain):
    """Which kind of connector."""

    id = "platform"

    def asks(self, said: Said) -> bool:
        return not said.demo

    def question(self, said: Said) -> Question:
        schemas: dict[str, Schema] = {}
        broken: dict[str, str] = {}
        for name in compose.kinds():
            try:
                schemas[name] = compose.kinds()[name].schema
            except Unusable as error:
                broken[name] = str(error)
        order = sorted(schemas, key=lambda name: (schemas[name].notify_only, name != "matrix"))
        labels = [(name, f"{name}: {_about(schemas[name])}", "") for name in order]
        labels += [(name, name, why) for name, why in broken.items()]
        # More than there are keys for are still to be moved to.
        keys = chain(_PICKS, repeat(""))
        options = tuple(Option(key, *each) for key, each in zip(keys, labels, strict=False))
        start = said.connector or options[0].value
        return Question(self.id, "Platform", "pick", (), options, answer=start)

    async def take(self, said: Said, text: str) -> Said:
        if text == said.connector:
            return said
        fresh = Said(said.setup, said.moderator)
        return replace(fresh, connector=text)


def _about(schema: Schema) -> str:
    return f"{schema.about}{', which can only tell a team' * schema.notify_only}"


class Address(Plain):
    """Where the platform is; looked at before it is taken."""

    id = "url"

    def asks(self, said: Said) -> bool:
        return not said.demo and compose.kinds()[said.connector].schema.needs_url

    def question(self, said: Said) -> Question:
        schema = compose.kinds()[said.connector].schema
        lines = (f"{schema.address[:1].upper()}{schema.address[1:]}.",) if schema.address else ()
        looked = compose.kinds()[said.connector].look is not None
        return Question(
            self.id,
            f"Address of {said.connector}",
            "text",
            (*lines, "https:// is added where it is missing."),
            answer=said.url,
            enter="sees what is there" if looked else "goes on",
        )

    async def take(self, said: Said, text: str) -> Said:
        try:
            url = address(text)
        except ValueError as error:
            raise Trouble(str(error)) from None
        said = replace(said, url=url)
        if compose.kinds()[said.connector].look is None or said.silent == url:
            return replace(said, finding=None)
        try:
            finding = await look(said)
        except Trouble as trouble:
            asked = "Enter again goes on all the same"
            raise Trouble(f"{trouble} · {asked}", replace(said, silent=url)) from None
        return replace(said, finding=finding, silent="")


async def look(said: Said) -> Finding | None:
    """Return what is at the account's address, None where nobody can tell. Raises Trouble."""
    try:
        known = {"ca_file": said.setup.config.ca_file, **settings(said)}
        return await compose.look_at(compose.kinds()[said.connector], said.url, known)
    except (ConnectorError, TimeoutError, ImportError) as error:
        what = str(error) or f"no answer in {compose.LOOK_SECONDS:g} s"
        raise Trouble(what) from None


class Found(Plain):
    """What was found: is it this one?"""

    id = "found"

    def asks(self, said: Said) -> bool:
        return said.finding is not None and compose.kinds()[said.connector].schema.needs_url

    def question(self, said: Said) -> Question:
        assert said.finding is not None
        notes = tuple(f"! {note}" for note in said.finding.notes)
        options = (YES, Option("2", "no", "no, another address"))
        title = f"{said.finding.what}: is it this one?"
        return Question(self.id, title, "pick", notes, options, answer="yes")

    async def take(self, said: Said, text: str) -> Said:
        assert said.finding is not None
        if text == "no":
            return replace(said, next="url")
        if said.finding.url in ("", said.url):
            return said
        return replace(said, url=said.finding.url)


class Name(Plain):
    """What the account is called here."""

    id = "name"

    def asks(self, said: Said) -> bool:
        return not said.demo

    def question(self, said: Said) -> Question:
        return Question(
            self.id,
            "Name of this account",
            "text",
            ("As it stands in the queue and in its file: a to z, 0 to 9 and -.",),
            answer=said.name or self._proposed(said),
        )

    def _proposed(self, said: Said) -> str:
        names = [said.connector, *(f"{said.connector}-{number}" for number in range(2, 100))]
        return next(name for name in names if _free(said, name))

    async def take(self, said: Said, text: str) -> Said:
        name = text.strip()
        try:
            check_name(said.setup, name)
        except Failure as failure:
            raise Trouble(str(failure)) from None
        return replace(said, name=name)


def _free(said: Said, name: str) -> bool:
    try:
        check_name(said.setup, name)
    except Failure:
        return False
    return True


class Leave(Plain):
    """Whether the settings that have a value of their own are gone through."""

    id = "settings"

    def asks(self, said: Said) -> bool:
        return not said.demo and any(not s.required for s in _settings(said))

    def question(self, said: Said) -> Question:
        optional = [setting for setting in _settings(said) if not setting.required]
        lines = tuple(_described(setting, said) for setting in optional)
        return Question(
            self.id,
            f"Settings of {said.connector}",
            "pick",
            lines,
            (
                Option("1", "leave", "leave them as they are"),
                Option("2", "change", "go through them"),
            ),
            answer="change" if said.changes else "leave",
        )

    async def take(self, said: Said, text: str) -> Said:
        return replace(said, changes=text == "change")


def _settings(said: Said) -> tuple[Setting, ...]:
    return compose.kinds()[said.connector].schema.settings


def _described(setting: Setting, said: Said) -> str:
    default = "" if setting.default is None else str(setting.default)
    value = said.texts.get(setting.name) or default or "not set"
    return f"{setting.name}: {value}" + (f" ({setting.help})" if setting.help else "")


class OneSetting(Plain):
    """One key of the connector."""

    def __init__(self, setting: Setting) -> None:
        self.id = f"setting:{setting.name}"
        self._setting = setting

    def asks(self, said: Said) -> bool:
        return not said.demo and (self._setting.required or said.changes)

    def question(self, said: Said) -> Question:
        setting = self._setting
        default = "" if setting.default is None else str(setting.default)
        value = said.texts.get(setting.name, default)
        lines = (f"{setting.help[:1].upper()}{setting.help[1:]}.",) if setting.help else ()
        if setting.kind == "choice":
            options = tuple(
                Option(str(number), choice, choice)
                for number, choice in enumerate(setting.choices, 1)
            )
            return Question(self.id, setting.name, "pick", lines, options, answer=value)
        if setting.kind == "list":
            lines = (*lines, "Several are separated by commas.")
        empty = () if setting.required else ("Left empty, it is not set.",)
        return Question(self.id, setting.name, "text", (*lines, *empty), answer=value)

    async def take(self, said: Said, text: str) -> Said:
        setting, text = self._setting, text.strip()
        if setting.required and not text:
            raise Trouble(f"{said.connector} needs {setting.name}")
        try:
            if text:
                convert(typed(text, setting), setting)
        except ValueError as error:
            raise Trouble(str(clean_line(str(error)))) from None
        return replace(said, texts={**said.texts, setting.name: text})


class Laid(Plain):
    """What an account without an address would be."""

    id = "laid"

    def asks(self, said: Said) -> bool:
        kind = None if said.demo else compose.kinds()[said.connector]
        return kind is not None and not kind.schema.needs_url and kind.look is not None

    async def prepare(self, said: Said) -> Said:
        return replace(said, finding=await look(said))

    def question(self, said: Said) -> Question:
        what = said.finding.what if said.finding else said.connector
        options = (YES, Option("2", "no", "no, other settings"))
        title = f"{what[:1].upper()}{what[1:]}: is it this one?"
        return Question(self.id, title, "pick", (), options, answer="yes")

    async def take(self, said: Said, text: str) -> Said:
        return said if text == "yes" else replace(said, changes=True, next=_first_setting(said))


def _first_setting(said: Said) -> str:
    return f"setting:{_settings(said)[0].name}"


def first_steps(said: Said) -> Sequence[Step]:
    """Return the steps up to the secrets, for the connector that was chosen."""
    own = [OneSetting(each) for each in _settings(said)] if said.connector else []
    steps: list[Step] = [Start(), Platform(), Address(), Found(), Name(), Leave(), *own, Laid()]
    return steps
