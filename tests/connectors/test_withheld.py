"""What a platform can do and an account may not is told apart from what the platform has not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from modtui.connectors import Capabilities
from modtui.connectors.discord.offers import capabilities as discord
from modtui.connectors.discourse.facts import User
from modtui.connectors.discourse.offers import capabilities as discourse
from modtui.connectors.github.offers import Access, Owner
from modtui.connectors.github.offers import capabilities as github
from modtui.connectors.mastodon.offers import capabilities as mastodon
from modtui.connectors.matrix.offers import capabilities as matrix
from modtui.connectors.ozone.offers import capabilities as ozone
from modtui.connectors.reddit.offers import capabilities as reddit
from modtui.connectors.twitch.offers import capabilities as twitch
from modtui.domain.commands import Capability

READER = Access("octo/repo", Owner("octo", "Organization"), {"pull": True})
PLATFORMS: dict[str, tuple[Callable[[], Capabilities], Callable[[], Capabilities], str]] = {
    "discord": (discord, lambda: discord(0), "slow_mode ban"),
    "discourse": (discourse, lambda: discourse(User(1, "me"), queue=False), "mute hide"),
    "github": (github, lambda: github(scopes=(), access=(READER,)), "read_only ban"),
    "mastodon": (mastodon, lambda: mastodon(()), "mute freeze"),
    "matrix": (matrix, lambda: matrix(admin=False), "dismiss"),
    "ozone": (ozone, lambda: ozone("triage"), "ban warn"),
    "reddit": (reddit, lambda: reddit(()), "crowd_control ban"),
    "twitch": (twitch, lambda: twitch(()), "slow_mode warn"),
}


@pytest.mark.parametrize("name", PLATFORMS)
def test_what_more_rights_would_allow_is_withheld_and_no_more(name: str) -> None:
    full, least, some = PLATFORMS[name]
    lesser = least()
    withheld = set(lesser.withheld)
    assert withheld >= {Capability(each) for each in some.split()}
    assert not withheld & set(lesser.offers)
    always = {Capability.NOTE} & set(full().withheld)
    assert withheld | set(lesser.offers) == set(full().offers) | always
    assert all(lesser.missing[each] for each in withheld)
