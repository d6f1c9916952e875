from datetime import UTC, datetime, timedelta

import pytest

from modtui.domain.model import State
from modtui.domain.named_views import By, Kind, View, dump, load
from modtui.domain.views import QueueFilter

NOW = datetime(2026, 11, 20, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (Kind.ALL, QueueFilter()),
        (Kind.MINE, QueueFilter(claimed_by="mod-a")),
        (Kind.UNOWNED, QueueFilter(unowned=True, states=(State.OPEN,))),
        (Kind.LATE, QueueFilter(late=True)),
        (Kind.HOUR, QueueFilter(due_before=NOW + timedelta(hours=1))),
        (Kind.NOW, QueueFilter(now=True)),
        (Kind.ESCALATED, QueueFilter(states=(State.ESCALATED,))),
        (Kind.WAITING, QueueFilter(states=(State.WAITING,))),
        (Kind.SNOOZED, QueueFilter(states=(State.SNOOZED,))),
        (Kind.BACKLOG, QueueFilter(backlog=True)),
    ],
)
def test_each_kind_asks_for_what_it_says(kind: Kind, asked: QueueFilter) -> None:
    assert View(kind).asks("mod-a", NOW, "UTC") == asked


def test_today_begins_in_the_moderators_zone() -> None:
    since = View(Kind.DONE).asks("mod-a", NOW, "Asia/Almaty").done_since
    assert since == datetime(2026, 11, 20, 19, 0, tzinfo=UTC)


def test_a_view_is_narrowed_and_named_by_what_narrows_it() -> None:
    view = View(Kind.LATE).narrowed(By.PLATFORM, "harbour").narrowed(By.LANGUAGE, "")
    assert view.words == "late · harbour · unknown"
    assert view.asks("mod-a", NOW, "UTC") == QueueFilter(
        late=True, accounts=("harbour",), languages=("",)
    )
    assert View().narrowed(By.REASON, "spam").words == "spam"
    assert View(text="casino").words == '"casino"'
    assert View().words == "all"
    assert View(Kind.HOUR).words == "due within the hour"
    assert View(name="mine", kind=Kind.LATE).words == "mine"
    assert View(name="mine").narrowed(By.REASON, "spam").name == ""


def test_only_all_hides_nothing_and_some_change_with_time_alone() -> None:
    assert View().whole
    assert not View(text="x").whole
    assert [kind for kind in Kind if View(kind).timed] == [Kind.LATE, Kind.HOUR, Kind.DONE]


def test_a_saved_view_comes_back_equal_and_an_unknown_one_is_refused() -> None:
    view = View(Kind.LATE, ("harbour",), ("", "ru"), ("spam",), "тест", "night")
    assert load(dump(view)) == view
    with pytest.raises(ValueError, match="mood"):
        load(dump(view).replace('"late"', '"mood"'))
