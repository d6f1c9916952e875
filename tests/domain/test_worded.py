"""A rule in the moderator's own language, and what its author is told."""

from __future__ import annotations

import pytest

from modtui.domain.settings import Rule, telling, worded

RULE = Rule("spam", {"en": "No spam", "ru": "Без спама", "ka": "სპამი აკრძალულია"})


@pytest.mark.parametrize(
    ("language", "mine", "shown", "told"),
    [
        ("ka", ("ru", "en"), "Без спама", "სპამი აკრძალულია"),
        ("ka", ("ka",), "სპამი აკრძალულია", ""),
        ("en", ("ru", "en"), "No spam", ""),
        ("pl", ("ru",), "Без спама", "No spam"),
        ("pl", ("en",), "No spam", ""),
        (None, ("kk",), "No spam", ""),
        ("ka", ("kk",), "სპამი აკრძალულია", ""),
    ],
)
def test_what_is_shown_and_what_is_told(
    language: str | None, mine: tuple[str, ...], shown: str, told: str
) -> None:
    assert worded(RULE, language, mine) == (shown, told)


@pytest.mark.parametrize(
    ("language", "mine", "says"),
    [
        ("ka", ("ru",), "the author is told, in ka: სპამი აკრძალულია"),
        ("ru", ("ru",), ""),
        (None, ("ru",), "the author is told, in en: No spam"),
        ("pl", ("en",), "the author is told this: it has no text in pl"),
        ("pl", ("ru",), "the author is told, in en: No spam (it has no text in pl)"),
    ],
)
def test_what_the_author_is_told_names_its_language_and_what_is_missing(
    language: str | None, mine: tuple[str, ...], says: str
) -> None:
    assert telling(RULE, language, mine) == says
