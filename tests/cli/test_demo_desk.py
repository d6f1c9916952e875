"""The pretend team of `modtui demo`."""

from __future__ import annotations

from modtui.cli.demo import desk
from modtui.domain.settings import Moderator


def test_what_cannot_wait_is_some_teams_own() -> None:
    pretend = desk(Moderator("mod-a", "UTC", ("en",)))
    owned = {reason for team in pretend.teams for reason in team.reasons}
    assert set(pretend.now_reasons) | set(pretend.help_reasons) <= owned
