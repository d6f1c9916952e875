"""The desk of `modtui demo`: three pretend platforms, believable promises, a team to call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from modtui.cli.schema import Account
from modtui.config import HELP_REASONS, default_policy
from modtui.connectors.demo import community
from modtui.connectors.registry import KINDS
from modtui.credentials import Wanted
from modtui.domain.help_routes import by_head, pattern
from modtui.domain.hours import always
from modtui.domain.model import Severity
from modtui.domain.settings import Desk, Moderator, Reach, Rule, SeverityRule, Team
from modtui.domain.sla import Policy
from modtui.domain.spam import SpamRules, step

NAMES = {"forum": "harbour", "chat": "lounge", "social": "square"}

_PAGE = "https://forum.demo.example/rules"

RULES = (
    Rule(
        "threats",
        {
            "en": "Rule 1: no threats",
            "ru": "Правило 1: без угроз",
            "pl": "Zasada 1: bez gróźb",
            "ka": "წესი 1: მუქარის გარეშე",
            "kk": "1-ереже: қоқан-лоққы болмасын",
        },
        f"{_PAGE}#1",
    ),
    Rule(
        "spam",
        {
            "en": "Rule 2: no advertising and no repeated posts",
            "ru": "Правило 2: без рекламы и повторов",
            "pl": "Zasada 2: bez reklam i powtórek",
            "ka": "წესი 2: რეკლამისა და გამეორების გარეშე",
            "kk": "2-ереже: жарнама мен қайталау болмасын",
        },
        f"{_PAGE}#2",
    ),
    Rule(
        "insults",
        {
            "en": "Rule 3: argue about the matter, not about the person",
            "ru": "Правило 3: спорим о деле, а не о человеке",
            "pl": "Zasada 3: spieramy się o sprawę, nie o osobę",
            "ka": "წესი 3: ვკამათობთ საქმეზე და არა ადამიანზე",
            "kk": "3-ереже: адам туралы емес, іс туралы дауласамыз",
        },
        f"{_PAGE}#3",
    ),
    Rule(
        "doxxing",
        {
            "en": "Rule 4: no private data of others",
            "ru": "Правило 4: без чужих личных данных",
            "pl": "Zasada 4: bez cudzych danych osobowych",
            "ka": "წესი 4: სხვისი პირადი მონაცემების გარეშე",
            "kk": "4-ереже: бөтеннің жеке деректерін жарияламаңыз",
        },
        f"{_PAGE}#4",
    ),
)


def desk(moderator: Moderator) -> Desk:
    """Return how the pretend team works."""
    staff = Reach(NAMES["forum"], "staff")
    return Desk(
        moderator=replace(moderator, languages=("en", "ru", "pl", "kk")),
        rules=RULES,
        teams=(
            Team("payments", ("mod-d",), "lead", (), ("support",), staff, ("payments",)),
            Team(
                "care",
                ("mod-e", "mod-f"),
                "lead",
                ("legal",),
                ("lead",),
                staff,
                ("self-harm", "self-exclusion", "gambling"),
                ("ka", "en"),
            ),
            Team("legal", ("counsel",), "lead", (), (), staff, ("doxxing", "threat", "minors")),
        ),
        severity_rules=(
            SeverityRule(Severity.URGENT, ("self-harm", "threat", "doxxing", "minors")),
            SeverityRule(Severity.HIGH, flags_at_least=5),
        ),
        help_reasons=HELP_REASONS,
        spam=_spam(),
        fold_reasons=("self-harm", "minors", "gore", "violence"),
        now_reasons=("self-harm", "threat", "doxxing", "minors", "self-exclusion"),
    )


def _spam() -> SpamRules:
    words = by_head(
        [pattern("", text) for text in ("free spins", "claim here", "бесплатные спины")]
    )
    ladder = tuple(step(text) for text in ("warn", "mute 1h", "mute 1d", "ban 7d", "ban"))
    return SpamRules(words, times=3, ladder=ladder)


def policies() -> tuple[Policy, ...]:
    """Return what the pretend team promises; the last one matches everything."""
    hour = timedelta(hours=1)
    return (
        Policy("urgent", always(), hour / 2, hour, 8 * hour, severities=(Severity.URGENT,)),
        default_policy(),
    )


def accounts(threads: int, rate: float, seed: int) -> tuple[Account, ...]:
    """Return one account per pretend platform, sharing `threads` and `rate` (a minute)."""
    kind = KINDS["demo"]

    def account(profile: str, settings: Any) -> Account:
        name = NAMES[profile]
        return Account(name, "demo", kind, settings, Wanted(name, "demo://", ()))

    return tuple(
        account(profile, {"url": "", "poll": None, **settings})
        for profile, settings in community(threads, rate, seed).items()
    )
