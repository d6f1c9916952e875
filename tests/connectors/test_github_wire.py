"""The github connector on a line that fails."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from modtui.connectors import Connector
from tests.connectors.fakegithub import FakeGitHub
from tests.connectors.faults import LOCAL, FaultContract
from tests.connectors.platform import Answer
from tests.connectors.test_github import LIMITS
from tests.connectors.wire import Stage, WireContract


class Issues(Stage):
    listing = "GET /repos/ours/app/issues$"
    posting = "POST .*/comments$"
    limits = LIMITS

    def __init__(self, fake: FakeGitHub | None = None) -> None:
        self.platform: FakeGitHub = fake or FakeGitHub()

    def connect(self) -> Connector:
        return self.platform.connector()

    def flag(self, count: int, text: str = "you lot") -> tuple[str, ...]:
        return tuple(self.platform.issue(text) for _ in range(count))

    def spoil(self, item: Any) -> None:
        self.platform.issues.append(item)

    def leads_to(self, url: str) -> Answer | None:
        rows = self.platform.issues[:1] or [{}]
        return httpx.Response(200, json=rows, headers={"Link": f'<{url}>; rel="next"'})


class TestIssuesWire(WireContract):
    kind = "github"

    @pytest.fixture
    def stage(self) -> Stage:
        return Issues()


class TestFaults(FaultContract):
    kind = "github"
    endpoints = ("/issues$", "/graphql$", "/user$", "repos|graphql")

    def stage(self) -> Issues:
        return Issues(FakeGitHub(url=LOCAL))

    def opening(self, stage: Stage) -> set[str]:
        assert isinstance(stage, Issues)
        self.topics = [*stage.flag(2), stage.platform.discussion()]
        return set(self.topics)

    def meanwhile(self, stage: Stage) -> None:
        assert isinstance(stage, Issues)
        stage.platform.say(self.topics[1], "somebody", "Me too.")


class Discussions(Issues):
    listing = "POST /graphql$"
    posting = "POST /graphql$"

    def flag(self, count: int, text: str = "you lot") -> tuple[str, ...]:
        return tuple(self.platform.discussion(text) for _ in range(count))

    def spoil(self, item: Any) -> None:
        self.platform.discussions.append(item)


@pytest.mark.parametrize("listed", ["test_every_page_is_read_and_nothing_is_told_twice",
                                    "test_going_on_tells_what_is_new_and_only_that",
                                    "test_an_old_cursor_loses_nothing",
                                    "test_hostile_text_is_clean_wherever_it_stands"])  # fmt: skip
async def test_discussions_are_read_as_issues_are(listed: str) -> None:
    await getattr(WireContract(), listed)(Discussions())


@pytest.mark.parametrize("item", [None, 7, {}, {"id": {"a": [1]}}], ids=repr)
async def test_a_bad_discussion_hides_no_other(item: Any) -> None:
    await WireContract().test_a_bad_item_hides_no_other(Discussions(), item)
