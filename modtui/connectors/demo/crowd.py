"""The pretend community while a pile-on is under way: one thread that everybody reports."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from functools import cached_property

from modtui.connectors.demo.content import AUTHORS, HEAT, REPORTERS, Scene
from modtui.connectors.demo.facts import Facts, Plan, chatter
from modtui.connectors.demo.scenes import SCENES
from modtui.domain.model import Author, Flag, Post
from modtui.domain.text import literal

FLAGS = 80
REPORTING = 61
_POSTS = 96
_FOR = timedelta(minutes=12)
_FLAGGED_FOR = timedelta(minutes=10)
_COPIED = {
    "en": "GET YOUR MONEY BACK!! {n}% paid out, write to https://refund{n}.example/now",
    "ru": "ВЕРНЁМ ДЕНЬГИ!! {n}% выплат, пишите на https://refund{n}.example/now",
    "pl": "ZWROT PIENIĘDZY!! {n}% wypłat, piszcie na https://refund{n}.example/now",
    "ka": "დაგიბრუნებთ ფულს!! {n}% გადახდა: https://refund{n}.example/now",
    "kk": "АҚШАҢЫЗДЫ ҚАЙТАРАМЫЗ!! {n}% төлем: https://refund{n}.example/now",
}


class PileOn(Plan):
    """A plan whose first thread is a pile-on of ten minutes; the others are ordinary."""

    @cached_property
    def pool(self) -> tuple[Scene, ...]:
        """The pile-on of this platform, then everything that is none."""
        here = [scene for scene in SCENES if self.profile[0] in scene.where]
        hot = [scene for scene in here if scene.hot]
        return (*hot[:1], *(scene for scene in here if not scene.hot))

    def backlog(self, number: int) -> Facts:
        """The thread that is `number` in the queue at start."""
        facts = super().backlog(number)
        return self._crowded(facts) if number == 0 else facts

    def _crowded(self, facts: Facts) -> Facts:
        dice = self.dice("crowd")
        thread = replace(facts.thread, created_at=self.start - _FOR - timedelta(minutes=2))
        facts = replace(facts, thread=thread)
        posts = (
            replace(facts.posts[0], created_at=thread.created_at),
            *(self._said(facts, number, dice) for number in range(1, _POSTS)),
        )
        return replace(facts, posts=posts, flags=self._reports(facts, posts, dice))

    def _said(self, facts: Facts, number: int, dice: random.Random) -> Post:
        """Return a post of the crowd; every eighth is one and the same advertisement."""
        language = facts.scene.language
        at = self.start - _FOR + (_FOR - timedelta(seconds=20)) * number / _POSTS
        name = f"{dice.choice(AUTHORS[language])}_{number}"
        text = dice.choice(HEAT[language])
        standing = "member"
        if _copied(number):
            text, standing = _COPIED[language].format(n=dice.randrange(70, 99)), "new here"
        author = Author(name, literal(name), literal(standing))
        return chatter(f"{facts.thread.subject}-p{number}", facts.thread, author, text, at)

    def _reports(
        self, facts: Facts, posts: tuple[Post, ...], dice: random.Random
    ) -> tuple[Flag, ...]:
        """Return eighty flags of ten minutes: on what is advertised, and most on the subject."""
        wanted = {post.remote_id: _worth(number) for number, post in enumerate(posts)}
        made: list[Flag] = []
        for number in range(FLAGS):
            at = self.start - _FLAGGED_FOR * (FLAGS - 1 - number) / FLAGS
            seen = [p.remote_id for p in posts if p.created_at < at and wanted[p.remote_id]]
            post = dice.choice(seen) if seen and number % 4 else posts[0].remote_id
            wanted[post] = max(wanted[post] - 1, 0)
            copy = _copied(int(post.rpartition("-p")[2]))
            who = number % REPORTING
            name = f"{REPORTERS[who % len(REPORTERS)]}{who // len(REPORTERS) + 1}"
            made.append(
                Flag(
                    thread=facts.thread.subject,
                    reason="spam" if copy else facts.scene.reason,
                    at=at,
                    remote_id=f"{facts.thread.subject}-f{number}",
                    post=post,
                    by=literal(name),
                )
            )
        return tuple(made)


def _copied(number: int) -> bool:
    return number % 8 == 1


def _worth(number: int) -> int:
    """How many people report a post."""
    return 3 if _copied(number) else 1 if number % 5 == 2 else 0
