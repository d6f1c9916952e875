"""A guide to an account, walked without a terminal."""

from __future__ import annotations

from modtui.cli.compose import set_up
from modtui.cli.guide import Said, Walk
from modtui.cli.keeping import account_steps
from modtui.domain.guide import Question


def guide(*, first: bool = True) -> Walk:
    """A guide on the configuration of this machine."""
    setup = set_up()
    said = Said(setup, setup.config.desk.moderator)
    return Walk(said, lambda said: account_steps(said, first=first), "first run")


def asked(walk: Walk) -> Question:
    """What is asked now."""
    question = walk.question
    assert question is not None, "the guide is over"
    return question


async def say(walk: Walk, *answers: str) -> str:
    """Give answers, all but the last one without trouble; return the trouble of the last."""
    why = ""
    for text in answers:
        assert why == "", why
        why = await walk.answer(text)
    return why


async def walk_to(walk: Walk, wanted: str) -> Question:
    """Take what is proposed until the question `wanted` is there."""
    for _ in range(30):
        question = asked(walk)
        if question.id == wanted:
            return question
        assert await walk.answer(question.answer) == "", question
    raise AssertionError(f"no question {wanted}")
