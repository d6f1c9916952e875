"""What a pretend thread is before anybody acts on it: a pure function of seed, start and name."""

from __future__ import annotations

import dataclasses
import random
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property

from modtui.connectors.demo.content import (
    AUTHORS,
    ELSEWHERE,
    PLACES,
    REPORTERS,
    STANDINGS,
    URGENT,
    Scene,
)
from modtui.connectors.demo.scenes import SCENES
from modtui.domain.frozen import dataclass
from modtui.domain.model import Author, Flag, Post, Role, Severity, Thread
from modtui.domain.text import clean, clean_line, literal

US = Author("mod-demo", literal("support"), literal("staff"))

_MODEST = 6
_BREAKS_OUT = 0.03
_BETWEEN_FLAGS = timedelta(seconds=9)


@dataclass(frozen=True, slots=True)
class Place:
    """One channel of a pretend platform. `slug` is its key in `PLACES`."""

    slug: str
    remote_id: str
    name: str
    index: int


@dataclass(frozen=True, slots=True)
class Facts:
    """A thread as it is reported first."""

    scene: Scene
    thread: Thread
    posts: tuple[Post, ...]
    flags: tuple[Flag, ...]
    place: Place
    values: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Plan:
    """A pretend platform as it was laid out: everything that no command can change.

    `woke_at` is when somebody began to watch after a long absence; nothing arrives between
    `start` and then. `rate` is happenings a minute.
    """

    seed: int
    profile: str
    start: datetime
    threads: int
    rate: float
    woke_at: datetime
    scene: str = "mixed"

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The channels of this platform."""
        return tuple(
            Place(slug, f"{self.profile}/{slug}", name, index)
            for index, (slug, name) in enumerate(PLACES[self.profile].items())
        )

    @cached_property
    def pool(self) -> tuple[Scene, ...]:
        """The scenes that this platform can show, in their opening order: its own come first."""
        letter = self.profile[0]
        routine = self.scene == "questions"
        here = (
            scene
            for scene in SCENES
            if letter in scene.where and (scene.reason == "question" or not routine)
        )
        return tuple(sorted(here, key=lambda scene: not scene.where.startswith(letter)))

    @cached_property
    def everyday(self) -> tuple[Scene, ...]:
        """The pool weighted for later threads: emergencies are rare, pile-ons only live."""
        return tuple(
            scene
            for scene in self.pool
            if not scene.hot
            for _ in range(1 if scene.reason in URGENT else _MODEST)
        )

    @cached_property
    def usual(self) -> Mapping[str, tuple[Scene, ...]]:
        """Per channel, what may arrive there at any time."""
        return self._by_place(self.everyday)

    @cached_property
    def fresh(self) -> Mapping[str, tuple[Scene, ...]]:
        """Per channel, what the opening queue did not show yet."""
        return self._by_place(scene for scene in self.pool[self.threads :] if not scene.hot)

    @cached_property
    def heated(self) -> Mapping[str, tuple[Scene, ...]]:
        """Per channel, the pile-ons that may break out there."""
        return self._by_place(scene for scene in self.pool if scene.hot)

    def _by_place(self, scenes: Iterable[Scene]) -> Mapping[str, tuple[Scene, ...]]:
        found: dict[str, list[Scene]] = {place.slug: [] for place in self.places}
        for scene in scenes:
            found[self.place(scene).slug].append(scene)
        return {slug: tuple(here) for slug, here in found.items()}

    def place(self, scene: Scene) -> Place:
        """The channel in which `scene` plays here."""
        slug = scene.place
        known = {place.slug: place for place in self.places}
        while slug not in known:
            slug = ELSEWHERE[slug]
        return known[slug]

    def dice(self, name: str) -> random.Random:
        """The generator that belongs to `name` alone."""
        return random.Random(self.seed << 33 | zlib.crc32(f"{self.profile}:{name}".encode()))

    def backlog(self, number: int) -> Facts:
        """The thread that is `number` in the queue at start."""
        subject = f"t{number}"
        dice = self.dice(subject)
        scene = self.pool[number] if number < len(self.pool) else dice.choice(self.everyday)
        return self._facts(subject, scene, self.start - _age(number, scene, dice), dice)

    def arrival(self, place: Place, number: int) -> Facts:
        """The thread that arrives as `number` in `place`."""
        subject = f"{place.slug}-{number}"
        dice = self.dice(subject)
        # Where only questions are asked, some places have none of their own.
        fresh, here = self.fresh[place.slug], self.usual[place.slug] or self.everyday
        if dice.random() < _BREAKS_OUT:
            here = self.heated[place.slug] or here
        scene = fresh[number] if number < len(fresh) else dice.choice(here)
        return self._facts(subject, scene, self.arrives_at(place, number), dice)

    def arrives_at(self, place: Place, number: int) -> datetime:
        """When happening `number` of `place` is due. Independent of all others."""
        known, at = self._latest.get((place.slug, number % 2), (None, self.start))
        if known == number:
            return at
        share = len(self.places)
        jitter = self.dice(f"when:{place.slug}:{number}").uniform(0.0, 0.8)
        turns = number + (place.index + jitter) / share
        at = self.start + timedelta(seconds=turns * share * 60 / self.rate)
        self._latest[place.slug, number % 2] = number, at
        return at

    @cached_property
    def _latest(self) -> dict[tuple[str, int], tuple[int, datetime]]:
        """When the latest two happenings of each place are due: each is asked for as it is planned,
        and again as it happens, after the next was planned."""
        return {}

    @cached_property
    def first_after_waking(self) -> int:
        """The number of the first happening of each channel after `woke_at`."""
        turn = timedelta(seconds=len(self.places) * 60 / self.rate)
        return -((self.start - self.woke_at) // turn)

    def find(self, subject: str) -> Facts | None:
        """The thread with that subject, or None when there can be none."""
        slug, _, number = subject.rpartition("-")
        if not slug and subject[:1] == "t" and subject[1:].isdecimal():
            return self.backlog(int(subject[1:])) if int(subject[1:]) < self.threads else None
        known = {place.slug: place for place in self.places}
        if slug in known and number.isdecimal() and self.rate:
            return self.arrival(known[slug], int(number))
        return None

    def _facts(
        self, subject: str, scene: Scene, flagged_at: datetime, dice: random.Random
    ) -> Facts:
        author = _author(scene, dice)
        flagged = _flag_times(scene, flagged_at, dice)
        written_at = flagged[0] - timedelta(seconds=dice.uniform(60, 1500))
        filled = {"amount": str(dice.randrange(4, 160) * 100), "request": str(_request(dice))}
        place = self.place(scene)
        thread = Thread(
            subject=subject,
            channel=place.remote_id,
            title=clean_line(scene.title),
            author=author,
            created_at=written_at,
            url=f"https://{self.profile}.demo.example/{place.slug}/{subject}",
            conversation=f"{self.profile}/{scene.topic}" if scene.topic else None,
            language=scene.language if self.profile == "social" else None,
            severity=_severity(scene),
            held=scene.reason == "held",
        )
        posts = [_subject_post(thread, fill(scene.text, filled), scene)]
        for number, (name, text) in enumerate(scene.chatter, start=1):
            at = written_at + (flagged[0] - written_at) * number / (len(scene.chatter) + 1)
            who = Author(name, literal(name), literal("regular"))
            posts.append(chatter(f"{subject}-p{number}", thread, who, text, at))
        flags = _flags(thread, scene, flagged, dice)
        return Facts(scene, thread, tuple(posts), flags, place, filled)


def chatter(remote_id: str, thread: Thread, author: Author, text: str, at: datetime) -> Post:
    """Return a post of `author` in `thread`."""
    cleaned = clean(text)
    return Post(
        remote_id,
        thread.subject,
        author,
        Role.AUTHOR,
        cleaned.text,
        cleaned.raw,
        at,
        cleaned.hidden,
    )


def _subject_post(thread: Thread, text: str, scene: Scene) -> Post:
    cleaned = clean(text)
    return Post(
        remote_id=f"{thread.subject}-p0",
        thread=thread.subject,
        author=thread.author,
        role=Role.AUTHOR,
        text=cleaned.text,
        raw=cleaned.raw,
        created_at=thread.created_at,
        hidden=cleaned.hidden,
        held=thread.held,
        media=(literal(scene.media),) if scene.media else (),
        is_subject=True,
    )


def _flag_times(scene: Scene, newest: datetime, dice: random.Random) -> tuple[datetime, ...]:
    count = 1 if scene.by_rule else dice.randint(*scene.flags)
    return tuple(newest - number * _BETWEEN_FLAGS for number in reversed(range(count)))


def _flags(
    thread: Thread, scene: Scene, flagged: tuple[datetime, ...], dice: random.Random
) -> tuple[Flag, ...]:
    if not scene.by_rule:
        return tuple(report(thread, scene, n, at, dice) for n, at in enumerate(flagged))
    return (
        Flag(
            thread=thread.subject,
            reason=scene.reason,
            at=flagged[0],
            remote_id=f"{thread.subject}-f0",
            post=f"{thread.subject}-p0",
            rule=True,
        ),
    )


def report(thread: Thread, scene: Scene, number: int, at: datetime, dice: random.Random) -> Flag:
    """Return the report `number` of a person on the subject of `thread`."""
    odd = bool(scene.mixed) and number > 0 and dice.random() < 0.3
    name = REPORTERS[(number * 7 + len(thread.subject)) % len(REPORTERS)]
    again = number // len(REPORTERS)
    return Flag(
        thread=thread.subject,
        reason=dice.choice(scene.mixed) if odd else scene.reason,
        at=at,
        remote_id=f"{thread.subject}-f{number}",
        post=f"{thread.subject}-p0",
        by=literal(f"{name}{again + 1}" if again else name),
    )


def _author(scene: Scene, dice: random.Random) -> Author:
    name = dice.choice(AUTHORS[scene.language])
    standing = "new here" if scene.reason in {"held", "spam", "scam"} else dice.choice(STANDINGS)
    return Author(name, literal(name), literal(standing))


def _severity(scene: Scene) -> Severity:
    if scene.reason in URGENT:
        return Severity.URGENT
    if scene.hot or scene.reason in {"gambling", "scam"}:
        return Severity.HIGH
    return Severity.LOW if scene.reason == "off-topic" else Severity.NORMAL


def _age(number: int, scene: Scene, dice: random.Random) -> timedelta:
    """How long ago a backlog thread was flagged: with two hours to answer, two in fourteen
    are late and two due soon; emergencies are minutes old."""
    if scene.reason in URGENT:
        minutes = dice.uniform(2, 9)
    elif scene.hot:
        minutes = dice.uniform(12, 25)
    elif number % 14 in {1, 12}:
        minutes = dice.uniform(121, 150)
    elif number % 14 in {5, 9}:
        minutes = dice.uniform(108, 119)
    else:
        minutes = dice.uniform(4, 96)
    return timedelta(minutes=minutes)


def _request(dice: random.Random) -> int:
    return dice.randrange(70_000, 99_999)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its `{name}` places filled."""
    if "{" in text:
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
    return text
