"""What the team configures, as domain values: people, rules, teams, routes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING

from modtui.domain.frozen import dataclass
from modtui.domain.model import Severity

if TYPE_CHECKING:
    from modtui.domain.help_routes import HelpBook
    from modtui.domain.spam import SpamRules
    from modtui.domain.wording import CheckBook


@dataclass(frozen=True, slots=True)
class Moderator:
    """Who sits here: the name in claims and notes, the zone of every time on screen, and the
    languages that are read here."""

    name: str
    timezone: str
    languages: tuple[str, ...] = ("en",)
    keyboards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A community rule, picked by number; `texts` maps a language to its wording."""

    id: str
    texts: Mapping[str, str]
    url: str = ""

    def spoken(self, language: str | None) -> str:
        """The language of the wording: `language`, else English, else the first there is."""
        wanted = (language or "", "en", *self.texts)
        return next((each for each in wanted if self.texts.get(each)), next(iter(self.texts)))

    def text(self, language: str | None) -> str:
        """The wording in `language`, else English, else the first there is."""
        return self.texts[self.spoken(language)]


def named_rule(rules: Sequence[Rule], reasons: Iterable[str]) -> Rule | None:
    """Return the first of `rules` whose id is one of the flag `reasons`, or its plural; None if
    none is."""
    wanted = {reason.casefold().rstrip("s") for reason in reasons}
    return next((rule for rule in rules if rule.id.casefold().rstrip("s") in wanted), None)


def worded(rule: Rule, language: str | None, mine: Sequence[str]) -> tuple[str, str]:
    """Return a rule in one of the languages `mine`, and what the author is told of it in
    `language`: "" where that is the same."""
    told = rule.text(language)
    spoken = next((each for each in (language, *mine) if each in mine and each in rule.texts), None)
    shown = rule.texts[spoken] if spoken is not None else told
    return shown, told if told != shown else ""


def telling(
    rule: Rule, language: str | None, mine: Sequence[str], name: Callable[[str], str] = str
) -> str:
    """Return what the author is told of a rule where that is another text than is shown, or not in
    the author's `language`; "" else. `name` names a language."""
    _, told = worded(rule, language, mine)
    lacking = language is not None and language not in rule.texts
    lacks = f"it has no text in {name(language or '')}" if lacking else ""
    if not told:
        return f"the author is told this: {lacks}" if lacks else ""
    words = f"the author is told, in {name(rule.spoken(language))}: {told}"
    return f"{words} ({lacks})" if lacks else words


@dataclass(frozen=True, slots=True)
class Reach:
    """How a team is told: always through an account (webhook and smtp are accounts too)."""

    account: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """Who owns a kind of problem (RACI). `languages`: those that the team reads."""

    name: str
    responsible: tuple[str, ...]
    accountable: str
    consulted: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()
    reach: Reach | None = None
    reasons: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeverityRule:
    """First match wins over the connector's mapping when it is higher."""

    level: Severity
    reasons: tuple[str, ...] = ()
    flags_at_least: int = 0
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the engine needs to know about how this team works. `help_book`, `check_book`
    None: the one that came with modtui; `countries`: by account, where it is not `country`."""

    moderator: Moderator
    rules: tuple[Rule, ...] = ()
    teams: tuple[Team, ...] = ()
    severity_rules: tuple[SeverityRule, ...] = ()
    help_reasons: tuple[str, ...] = ()
    help_book: HelpBook | None = None
    check_book: CheckBook | None = None
    spam: SpamRules | None = None
    country: str = ""
    countries: Mapping[str, str] = field(default_factory=dict)
    now_reasons: tuple[str, ...] = ()
    now_target: timedelta = timedelta(minutes=15)
    undo_window: timedelta = timedelta(seconds=10)
    library_folders: tuple[str, ...] = field(default=())
    fold_reasons: tuple[str, ...] = ()
    fold_media: bool = False
    handover: Reach | None = None
    notify: tuple[str, ...] = ("bell", "title")
    translate: tuple[str, ...] = ()

    def country_of(self, account: str) -> str:
        """The country of the people on `account`, "" where it is not written down."""
        return self.countries.get(account, self.country)

    def reads(self, language: str) -> bool:
        """Whether the moderator reads `language`."""
        return language in self.moderator.languages

    def readers(self, language: str) -> tuple[Team, ...]:
        """The teams that read `language`."""
        return tuple(team for team in self.teams if language in team.languages)
