from dataclasses import replace
from datetime import UTC, datetime

import pytest

from modtui.domain.alike import Alike, Traits, alike_posts, folded, trait
from modtui.domain.model import Author, Post, Role
from modtui.domain.text import literal

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("FREE SPINS  for 100!!!", "free spins for 7!"),
        ("go https://t.me/a now", "GO t.me/other_place now"),
        ("frее sріns", "free spins"),
        ("ｆｒｅｅ\nspins", "free spins"),
    ],
)
def test_what_only_looks_different_is_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("free spins", "free beer"), ("не верю", "верю"), ("ask me!", "ask me?")],
)
def test_what_says_something_else_is_not(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_a_thread_is_compared_by_its_realm_and_author_and_by_nothing_that_is_not_there() -> None:
    one = Traits(1, "demo:a", "u1", "Nina", "spam", "Hi")
    assert trait(one, Alike.AUTHOR) != trait(replace(one, realm="demo:b"), Alike.AUTHOR)
    assert trait(one, Alike.REASON) == "spam"
    empty = Traits(2, "demo:a", "", "", "", "  ")
    assert [trait(empty, how) for how in (Alike.TEXT, Alike.AUTHOR, Alike.REASON)] == ["", "", ""]


def post(remote_id: str, text: str, author: str = "u1", **changes: object) -> Post:
    made = Post(
        remote_id, "s1", Author(author, literal(author)), Role.AUTHOR, literal(text), text, NOW
    )
    return replace(made, **changes)


def test_posts_alike_are_those_that_still_stand() -> None:
    posts = (
        post("1", "Buy 10 followers"),
        post("2", "buy 99 followers", "u2"),
        post("3", "buy 5 followers", deleted_at=NOW),
        post("4", "hello"),
        post("5", "", "u3"),
        post("6", "", "u4"),
    )
    assert alike_posts(posts, posts[0], Alike.TEXT) == ("1", "2")
    assert alike_posts(posts, posts[0], Alike.AUTHOR) == ("1", "4")
    assert alike_posts(posts, posts[4], Alike.TEXT) == ()
