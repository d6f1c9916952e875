"""What stands on the screen in the place of a folded post."""

from __future__ import annotations

from dataclasses import replace

from modtui.domain.care import Fold, Folding
from modtui.domain.text import clean_line
from modtui.domain.views import ThreadDetail
from modtui.widgets.folds import labelled
from tests.screens.stage import staged

TITLE = clean_line("I do not want [@click=app.quit]to be here[/]")


async def detail(*, opened: bool = False, text: bool = True) -> ThreadDetail:
    """A thread whose subject is folded, its words or its media alone."""
    found = await staged().thread(1)
    assert found is not None
    subject = replace(found.posts[0], media=(clean_line("image 1×1"),))
    fold = Fold(subject, "self-harm" if text else "media", text)
    folding = Folding({"t1p1": fold}, frozenset({"t1p1"} if opened else ()))
    record = replace(found.record, thread=replace(found.record.thread, title=TITLE))
    posts = tuple(folding.shown(post) for post in (subject, *found.posts[1:]))
    return replace(found, record=record, posts=posts, folding=folding)


async def test_a_folded_post_names_the_reason_and_the_key_in_force() -> None:
    shown = labelled(await detail(), "F8").posts
    assert shown[0].text == "[folded: self-harm · F8 shows it]"
    assert shown[0].media == ()
    assert shown[1:] == (await detail()).posts[1:]


async def test_folded_media_leave_the_words_in_sight() -> None:
    first, *_ = labelled(await detail(text=False), "Z").posts
    assert first.text.startswith("Вывод висит")
    assert first.media == ("folded: media · Z shows it",)


async def test_an_unfolded_subject_has_the_title_before_its_words() -> None:
    first, *_ = labelled(await detail(opened=True), "Z").posts
    assert first.text.startswith(f"{TITLE}\nВывод висит")
    assert first.media == ("image 1×1",)


async def test_a_subject_that_begins_with_its_title_does_not_say_it_twice() -> None:
    found = await detail(opened=True)
    title = clean_line(found.posts[0].text[:20])
    record = replace(found.record, thread=replace(found.record.thread, title=title))
    first, *_ = labelled(replace(found, record=record), "Z").posts
    assert first.text == found.posts[0].text


async def test_nothing_is_done_where_nothing_is_folded() -> None:
    plain = await staged().thread(1)
    assert plain is not None
    assert labelled(plain, "Z") is plain
