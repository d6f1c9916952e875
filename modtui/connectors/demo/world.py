"""The pretend community in time: a function of its plan, the clock and what was done when.

Every thread and every channel draws from generators of its own, so acting on one leaves the
others as they were. Time moves only by `run`; what became visible waits in `take`.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice

from modtui.connectors.demo.content import ANSWERS, AUTHORS, EDIT_MARK, HEAT, NUDGES, Scene
from modtui.connectors.demo.facts import Facts, Place, Plan, chatter, fill, report
from modtui.domain.frozen import dataclass
from modtui.domain.model import Author, Channel, Flag, Post, Restriction, Thread
from modtui.domain.text import clean, literal

_FAMILIAR = 60
_POSTS_KEPT = 20
_COURSES_KEPT = 200
_REPORTERS_KEPT = 50
FROZEN = "login frozen"
"""The tag of a thread whose author cannot log in."""
_LONGEST_HEAT = 60
_TIRED = 40
_MOST_ANSWERS = 3
_TALKATIVE = frozenset({"question", "held", "gambling", "self-harm"})
_SILENT = frozenset({"spam", "scam"})
_TIDIED_ELSEWHERE = frozenset({"spam", "off-topic", "insult"})


@dataclass(frozen=True, slots=True)
class News:
    """What became visible at `at` about one thread, or about one channel."""

    at: datetime
    thread: Thread | None = None
    posts: tuple[Post, ...] = ()
    flags: tuple[Flag, ...] = ()
    closed: tuple[str, ...] = ()
    channel: Channel | None = None


class Course:
    """How one thread went on: what came after its facts. It has the posts of the facts and the
    newest `_POSTS_KEPT` of the others; of its flags how many there were, and where it makes a
    difference the keys of those that nobody closed."""

    def __init__(self, facts: Facts) -> None:
        # The flags were told; of all that it is made of they are the most.
        self.facts = replace(facts, flags=())
        self.posts = {post.remote_id: post for post in facts.posts}
        self.open_flags: dict[str, None] = {}
        self.raised = 0
        self.hidden: set[str] = set()
        self.touched = False
        self.locked = ""
        self.approved = False
        self.silence = ""
        self.silent_until: datetime | None = None
        self.kept: tuple[str, ...] = ()
        self.taken_up: tuple[str, ...] = ()
        self.reporters: dict[str, str] = {}
        self.tags: tuple[str, ...] = ()
        self.score = 0
        self.replies = 0
        for flag in facts.flags:
            self.flag(flag)

    @property
    def thread(self) -> Thread:
        """The thread as it stands."""
        thread = self.facts.thread
        held = thread.held and not self.approved
        score = (f"priority: {self.score}",) if self.score else ()
        tags = (*thread.tags, *(literal(tag) for tag in (*score, *self.tags)))
        return replace(thread, held=held, locked=bool(self.locked), tags=tags)

    def write(self, post: Post) -> None:
        """Add `post`; the oldest that is too many goes."""
        self.posts[post.remote_id] = post
        told = len(self.facts.posts)
        if len(self.posts) > told + _POSTS_KEPT:
            del self.posts[next(islice(self.posts, told, None))]

    def flag(self, flag: Flag) -> None:
        """Count one more flag."""
        self.raised += 1
        if flag.by:
            self.reporters[flag.key] = str(flag.by)
            if len(self.reporters) > _REPORTERS_KEPT:
                del self.reporters[next(iter(self.reporters))]
        scene = self.facts.scene
        if scene.hot or scene.reason in _TIDIED_ELSEWHERE:
            self.open_flags[flag.key] = None

    def keep(self, keys: Iterable[str]) -> None:
        """Close the flags of these keys by our doing."""
        self.kept = tuple(dict.fromkeys((*self.kept, *keys)))
        self.close(keys)

    def close(self, keys: Iterable[str]) -> None:
        """Take the flags of these keys for closed."""
        for key in keys:
            self.open_flags.pop(key, None)


class World:
    """One pretend platform."""

    def __init__(self, plan: Plan, channels: dict[str, Channel] | None = None) -> None:
        """Begin when `plan` wakes. `channels` are states that outlived an earlier process."""
        self.plan = plan
        self.now = plan.woke_at
        self.channels = {
            place.remote_id: Channel(place.remote_id, literal(place.name)) for place in plan.places
        }
        self._earlier = channels or {}
        self.staff: list[str] = []
        self.muted: dict[str, datetime] = {}
        self._courses: dict[str, Course] = {}
        self._due: list[tuple[datetime, str, str, str]] = []
        self._news: list[News] = []
        self._begin()

    @cached_property
    def _oldest(self) -> tuple[Facts, ...]:
        return tuple(self.plan.backlog(number) for number in range(self._opening))

    @property
    def _opening(self) -> int:
        return min(self.plan.threads, _FAMILIAR)

    def _begin(self) -> None:
        if self.plan.woke_at == self.plan.start:
            for number, scene in enumerate(self.plan.pool[: self._opening]):
                if scene.hot:
                    self._heat_up(self.course(self.plan.backlog(number).thread.subject), 0)
        if self.plan.rate:
            for place in self.plan.places:
                first = self.plan.first_after_waking
                self.due(self.plan.arrives_at(place, first), "arrive", place.slug, str(first))
        for channel in self._earlier.values():
            if channel.restriction is not None:
                since = channel.restriction.since or self.now
                self.due(max(since, self.now), "restrict", channel.remote_id, "")

    # time

    def due(self, at: datetime, kind: str, name: str, what: str) -> None:
        """Let `kind` happen to `name` at `at`."""
        heapq.heappush(self._due, (at, kind, name, what))

    def next_at(self) -> datetime | None:
        """When something happens next, or None."""
        return self._due[0][0] if self._due else None

    def run(self, to: datetime) -> None:
        """Let everything up to `to` happen. A clock that went back changes nothing."""
        while self._due and self._due[0][0] <= to:
            at, kind, name, what = heapq.heappop(self._due)
            self.now = max(self.now, at)
            match kind:
                case "arrive":
                    self._arrive(self._place(name), int(what))
                case "heat":
                    self._heat(self._known(name), int(what))
                case "answer":
                    self._answer(self._known(name), what)
                case "echo":
                    self._echo(self._known(name), what)
                case "restrict":
                    self.restrict(self._earlier[name])
                case "lift":
                    self._lift(name, what)
                case "unlock":
                    self._unlock(self._known(name), what)
        self.now = max(self.now, to)

    def take(self) -> tuple[News, ...]:
        """What became visible since the last take."""
        news, self._news = tuple(self._news), []
        return news

    def forget(self, up_to: datetime) -> None:
        """Drop the news up to that time: they were told before."""
        self._news = [news for news in self._news if news.at > up_to]

    # state

    def course(self, subject: str) -> Course | None:
        """How the thread with that subject stands, or None when there is none."""
        course = self._courses.get(subject)
        if course is None:
            facts = self.plan.find(subject)
            if facts is None:
                return None
            course = self._courses[subject] = Course(facts)
            self._let_go()
        return course

    def _let_go(self) -> None:
        """Forget how the oldest threads went on that nobody touched and that are seldom heard of:
        they are laid out anew when they are asked for."""
        if len(self._courses) <= _COURSES_KEPT:
            return
        familiar = {facts.thread.subject for facts in self._oldest}
        spare = (
            subject
            for subject, course in self._courses.items()
            if not course.touched and subject not in familiar
        )
        for subject in tuple(islice(spare, _COURSES_KEPT // 4)):
            del self._courses[subject]

    def tell(self, course: Course, *posts: Post) -> None:
        """Make `posts`, or the thread's new state, visible."""
        self._news.append(News(self.now, course.thread, posts))

    def raise_again(self, course: Course, keys: Collection[str]) -> None:
        """Make the flags of these keys visible as open, as far as the thread began with them."""
        facts = self.plan.find(course.facts.thread.subject)
        flags = tuple(flag for flag in (facts.flags if facts else ()) if flag.key in keys)
        for flag in flags:
            course.flag(flag)
        self._news.append(News(self.now, course.thread, flags=flags))

    def restrict(self, channel: Channel) -> None:
        """Replace a channel's state and make it visible; it ends itself where it has an end."""
        self.channels[channel.remote_id] = channel
        self._news.append(News(self.now, channel=channel))
        if channel.restriction is not None and channel.restriction.until is not None:
            until = channel.restriction.until
            self.due(until, "lift", channel.remote_id, until.isoformat())

    def restriction(self, course: Course) -> Restriction | None:
        """What slows or closes the channel of the thread."""
        return self.channels[course.facts.place.remote_id].restriction

    def reply(self, course: Course, post: Post) -> None:
        """Our post was written; perhaps the author answers back."""
        course.write(post)
        self.due(self.now + timedelta(seconds=1), "echo", post.thread, post.remote_id)
        self.stir(course, post.remote_id)

    def stir(self, course: Course, remote_id: str) -> None:
        """Decide whether and when the author answers to what we wrote."""
        if self.plan.scene == "questions":
            return
        course.replies += 1
        dice = self.plan.dice(f"answer:{course.facts.thread.subject}:{course.replies}")
        reason = course.facts.scene.reason
        chance = 0.8 if reason in _TALKATIVE else 0.0 if reason in _SILENT else 0.35
        wait = timedelta(seconds=dice.uniform(20, 75))
        if course.replies <= _MOST_ANSWERS and dice.random() < chance / course.replies:
            self.due(self.now + wait, "answer", course.facts.thread.subject, remote_id)

    def _echo(self, course: Course, remote_id: str) -> None:
        """Tell of our post, unless so much came after it that it is out of sight."""
        if remote_id in course.posts:
            self.tell(course, course.posts[remote_id])

    # happenings

    def _place(self, slug: str) -> Place:
        return next(place for place in self.plan.places if place.slug == slug)

    def _known(self, subject: str) -> Course:
        course = self.course(subject)
        assert course is not None
        return course

    def _arrive(self, place: Place, number: int) -> None:
        following = self.plan.arrives_at(place, number + 1)
        self.due(following, "arrive", place.slug, str(number + 1))
        dice = self.plan.dice(f"what:{place.slug}:{number}")
        thinned, what = dice.random(), dice.random()
        restriction = self.channels[place.remote_id].restriction
        if restriction and (restriction.kind == "read_only" or thinned < 0.6):
            return
        familiar = [facts.thread.subject for facts in self._oldest if facts.place == place]
        if what < 0.55 or not familiar:
            facts = self.plan.arrival(place, number)
            self._news.append(News(self.now, facts.thread, facts.posts, facts.flags))
            if facts.scene.hot:
                self._heat_up(self.course(facts.thread.subject), 0)
            return
        self._stir_again(self._known(dice.choice(familiar)), f"{place.slug}{number}", what)

    def _stir_again(self, course: Course, mark: str, what: float) -> None:
        """Something more happens to a thread that is known."""
        scene, subject = course.facts.scene, course.facts.thread.subject
        if what > 0.95 and scene.reason in _TIDIED_ELSEWHERE and not scene.hot:
            self._close_elsewhere(course)
        elif what > 0.88 and scene.reason == "question":
            self._edit(course)
        elif scene.by_rule:
            text = self.plan.dice(f"nudge:{mark}").choice(NUDGES[scene.language])
            self._author_writes(course, f"{subject}-n{mark}", text)
        elif not course.hidden and not course.locked:
            self._flag(course, f"{subject}-x{mark}")

    def _flag(self, course: Course, remote_id: str) -> None:
        dice = self.plan.dice(f"flag:{remote_id}")
        made = report(course.facts.thread, course.facts.scene, course.raised, self.now, dice)
        flag = replace(made, remote_id=remote_id)
        if self.muted.get(str(flag.by), self.now) > self.now:
            course.raised += 1
            return
        course.flag(flag)
        self._news.append(News(self.now, course.thread, flags=(flag,)))

    def _close_elsewhere(self, course: Course) -> None:
        keys = tuple(course.open_flags)
        course.close(keys)
        if keys:
            self._news.append(News(self.now, course.thread, closed=keys))

    def _edit(self, course: Course) -> None:
        subject = course.facts.posts[0]
        if not self._may_write(course) or course.posts[subject.remote_id].edited_at:
            return
        more = fill(EDIT_MARK[course.facts.scene.language], course.facts.values)
        cleaned = clean(f"{subject.raw}\n{more}")
        edited = replace(subject, text=cleaned.text, raw=cleaned.raw, edited_at=self.now)
        course.posts[edited.remote_id] = edited
        self.tell(course, edited)

    def _answer(self, course: Course, reply_id: str) -> None:
        scene = course.facts.scene
        dice = self.plan.dice(f"words:{course.facts.thread.subject}:{course.replies}")
        own = scene.answers[course.replies - 1 : course.replies]
        text = own[0] if own else dice.choice(ANSWERS[scene.language])
        self._author_writes(course, f"{reply_id}-a", fill(text, course.facts.values))

    def _author_writes(self, course: Course, remote_id: str, text: str) -> None:
        if not self._may_write(course):
            return
        thread = course.facts.thread
        post = chatter(remote_id, thread, thread.author, text, self.now)
        course.write(post)
        self.tell(course, post)

    def _may_write(self, course: Course) -> bool:
        """Whether the author can and wants to: not after a removal, a lock or a sanction."""
        restriction = self.restriction(course)
        closed = restriction is not None and restriction.kind == "read_only"
        silent = course.silent_until is not None and course.silent_until > self.now
        frozen = FROZEN in course.tags
        return not (course.hidden or course.locked or closed or silent or frozen)

    def _heat_up(self, course: Course | None, step: int) -> None:
        """Plan the next step of a pile-on; slow mode makes it cool down."""
        if course is None or step >= _LONGEST_HEAT:
            return
        restriction = self.restriction(course)
        gap = self.plan.dice(f"gap:{course.facts.thread.subject}:{step}").uniform(5, 12)
        gap *= 1 + max(0, step - _TIRED) / 5
        if restriction is not None:
            gap *= min(12.0, 2 + (restriction.seconds or 900) / 60)
        if not course.open_flags:
            gap *= 3
        at = self.now + timedelta(seconds=gap)
        self.due(at, "heat", course.facts.thread.subject, str(step))

    def _heat(self, course: Course, step: int) -> None:
        if course.facts.posts[0].remote_id in course.hidden or course.locked:
            return
        subject, scene = course.facts.thread.subject, course.facts.scene
        self._flag(course, f"{subject}-h{step}")
        restriction = self.restriction(course)
        if step % 3 == 1 and not (restriction and restriction.kind == "read_only"):
            self._join_in(course, scene, step)
        self._heat_up(course, step + 1)

    def _join_in(self, course: Course, scene: Scene, step: int) -> None:
        thread = course.facts.thread
        dice = self.plan.dice(f"join:{thread.subject}:{step}")
        name = dice.choice(AUTHORS[scene.language])
        author = Author(name, literal(name), literal("member"))
        text = dice.choice(HEAT[scene.language])
        post = chatter(f"{thread.subject}-h{step}", thread, author, text, self.now)
        course.write(post)
        self.tell(course, post)

    def _lift(self, channel_id: str, until: str) -> None:
        channel = self.channels[channel_id]
        now = channel.restriction
        if now is not None and now.until is not None and now.until.isoformat() == until:
            self.restrict(replace(channel, restriction=None))

    def _unlock(self, course: Course, mark: str) -> None:
        if course.locked == mark:
            course.locked = ""
            self.tell(course)
