"""What was answered by hand, and what an entry is made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from modtui.domain.gaps import THREADS, by_hand, gap
from modtui.domain.model import Author, Post, Role, Thread
from modtui.domain.outcomes import Answer
from modtui.domain.replies import Entry, Variant
from modtui.domain.text import clean, clean_line, literal

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FEES = Entry("fees", {"en": Variant("en", "Fees", "Hello {author}, there is no fee for cards.")})


def answer(thread: int = 1, text: str = "It is done.", quick: str = "", minutes: int = 0) -> Answer:
    return Answer(thread, T0 + timedelta(minutes=minutes), text, quick, "en")


def test_a_reply_of_ones_own_and_an_entry_written_anew_are_by_hand() -> None:
    kept = answer(1, "Hello Nina, there is no fee for cards, I looked it up.", "fees")
    anew = answer(2, "The bank takes two percent, ask them about it.", "fees")
    gone = answer(3, "Whatever it said.", "deleted-entry")
    own = answer(4)
    assert by_hand((own, gone, anew, kept), {"fees": FEES}) == (own, anew)


def test_of_each_thread_the_first_answer_counts_and_of_threads_the_newest() -> None:
    first, second = answer(7, "first"), answer(7, "second", minutes=5)
    assert by_hand((second, first), {}) == (first,)
    many = tuple(answer(number) for number in range(THREADS + 5))
    assert by_hand((*many, answer(0, "older"), answer(THREADS + 1, "older")), {}) == (
        answer(0, "older"), *many[1:THREADS],
    )  # fmt: skip


def post(text: str, by: str = "u1", role: Role = Role.AUTHOR) -> Post:
    author = Author(by, literal("Nina K."))
    return Post(text[:5], "s1", author, role, clean(text).text, text, T0)


def made(text: str, *posts: Post, title: str = "Where is my card?") -> tuple[str, str, str]:
    author = Author("u1", literal("Nina K."))
    thread = Thread("s1", "general", clean_line(title), author, T0)
    found = gap(answer(text=text), thread, posts, "en")
    return found.title, found.question, found.body


def test_braces_are_harmless_and_the_authors_name_is_a_placeholder() -> None:
    body = made("Hello Nina K., use {code} or {{include x}}.\nNina Karim helps.")[2]
    assert body == "Hello {author}, use (code) or ((include x)).\nNina Karim helps."


def test_the_question_is_the_authors_last_without_what_is_personal() -> None:
    asked = (
        "I am Nina K., nina@example.org,\n+7 701 234 56 78, card 4111 1111 1111 1111,"
        " @nina_k, @nina@social.example or https://example.org/u/nina: where is it?"
    )
    other = post("Same here, call 8 800 555 35 35", by="u2")
    staff = post("We look into it", role=Role.STAFF)
    _, question, _ = made("Soon.", post("Hello"), post(asked), other, staff)
    assert question == "I am , , , card , , or where is it?"


def test_a_thread_without_a_title_is_called_by_its_question() -> None:
    assert made("Soon.", post("Where is it?"), title="")[0] == "Where is it?"
    assert made("Soon.", title="Nina K. cannot log in")[0] == "cannot log in"
