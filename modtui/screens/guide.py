"""A guide on the screen: one question, what it means, and what the next key does."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from modtui.domain.guide import Guide, Option, Question
from modtui.widgets.cells import Row, clip, cut, one_line, spread, width_of, wrap
from modtui.widgets.host import work
from modtui.widgets.lines import KeyLine
from modtui.widgets.paint import Rows
from modtui.widgets.small import as_large_as

SETTLE = 0.4
_MOST_KEYS = 8
"""Seconds for which keys that answer are not taken: they were meant for the question before."""


class AnswerBox(Input):
    """Where an answer is typed. Nothing of a secret gets out of it, not to the clipboard either."""

    def action_copy(self) -> None:
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        if not self.password:
            super().action_cut()


class GuideScreen(Screen[bool]):
    """Asks a guide's questions; its result is whether the guide was walked to its end."""

    BLANK = True
    DEFAULT_CSS = """
    GuideScreen #bar { height: 1; background: $panel; }
    GuideScreen #question { height: 1; }
    GuideScreen AnswerBox { height: 1; border: none; margin: 1 2; padding: 0 1;
      background: $boost; }
    GuideScreen AnswerBox, GuideScreen AnswerBox:focus { border: none;
      border-left: outer $primary; }
    GuideScreen #says { height: 3; }
    GuideScreen KeyLine { dock: bottom; height: 1; }
    """
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("escape", "back", "one question back", id="guide.back", show=False),
        Binding("enter", "confirm", "answer", id="guide.confirm", show=False),
        Binding("up,k", "move(-1)", "up", id="guide.up", show=False),
        Binding("down,j", "move(1)", "down", id="guide.down", show=False),
        Binding("ctrl+y", "copy", "copy the address or the text", id="guide.copy", show=False),
    ]

    async def on_event(self, event: events.Event) -> None:
        await super().on_event(as_large_as(event, self.app.size))

    def __init__(self, guide: Guide, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.guide = guide
        self._clock = clock
        self._bar, self._rows, self._says = Rows(id="bar"), Rows(id="question"), Rows(id="says")
        self._box, self._keys = AnswerBox(select_on_focus=False), KeyLine()
        self._asked: Question | None = None
        self._chosen = ""
        self._busy = False
        self._open_at = 0.0

    def compose(self) -> ComposeResult:
        yield self._bar
        yield self._rows
        yield self._box
        yield self._says
        yield self._keys

    def on_mount(self) -> None:
        self._ask()

    def on_resize(self) -> None:
        self._paint()

    # the question
    def _ask(self) -> None:
        """Show what is asked now."""
        question = self.guide.question
        if question is None:
            self.dismiss(True)
            return
        if self._asked is None or question.id != self._asked.id:
            self._open_at = self._clock() + SETTLE
            self._chosen = question.answer
            self._box.password = question.ask == "secret"
            self._box.value = question.answer if question.ask == "text" else ""
            self._box.cursor_position = len(self._box.value)
        self._asked = question
        self._box.display = question.ask != "pick"
        self.set_focus(None if question.ask == "pick" else self._box)
        self._paint()

    def _paint(self) -> None:
        question, width = self._asked, max(self.size.width, 20)
        if question is None:
            return
        left: Row = ((f" modtui · {self.guide.title}", "strong"),)
        trail = cut(one_line(" · ".join(self.guide.trail)), max(width - width_of(left) - 4, 0))
        self._bar.show((spread(left, ((f"{trail} ", "muted"),), width),))
        rows = self._question_rows(question, width)
        self._rows.styles.height = len(rows)
        self._rows.show(tuple(clip(row, width) for row in rows))
        hints = self._hints(question, width)
        self._keys.styles.height = len(hints)
        self._keys.hints(tuple(((f" {line}", "text"),) for line in hints))

    def _question_rows(self, question: Question, width: int) -> list[Row]:
        """Return the title, as many lines of the explanation as there is room for, and the
        options, which are always in sight."""
        head = [(), *(((f" {line}", "strong"),) for line in wrap(question.title, width - 2)), ()]
        lines = [part for line in question.lines for part in wrap(line, width - 4)]
        end: list[Row] = [row for each in question.options for row in self._option(each, width)]
        if question.kept:
            end.append((("   One was typed before: Enter alone keeps it.", "text"),))
        if lines and end:
            end.insert(0, ())
        others = (4 if question.ask == "pick" else 7) + len(self._hints(question, width))
        room = max(self.size.height - others - len(head) - len(end), 2)
        if len(lines) > room:
            lines = [*lines[: room - 1], f"… {len(lines) - room + 1} more lines"]
        return [*head, *(((f"   {line}", "text"),) for line in lines), *end]

    def _option(self, option: Option, width: int) -> list[Row]:
        here = option.value == self._chosen
        style = "off" if option.off else "strong" if here else "text"
        first, *more = wrap(option.label, width - 10)
        rows: list[Row] = [((f" {'▸' if here else ' '} {option.key}  {first}", style),)]
        rows += [((f"      {line}", style),) for line in more]
        rows += [((f"      not here: {option.off}", "soon"),)] if option.off else []
        return rows

    def _hints(self, question: Question, width: int) -> list[str]:
        each = [option.key for option in question.options if not option.off]
        # Of many only the ends: all of them would push out what else the keys do.
        keys = " ".join(each if len(each) <= _MOST_KEYS else (each[0], "…", each[-1]))
        picks = f"{keys} picks" if question.ask == "pick" else ""
        back = f"Esc {self.guide.escape}" if self.guide.escape else ""
        copies = f"Ctrl+Y copies the {question.copied}" if question.copies else ""
        lines = [""]
        for part in filter(None, (picks, copies, f"Enter {question.enter}", back, "Ctrl+Q leaves")):
            longer = f"{lines[-1]}   {part}" if lines[-1] else part
            lines = [*lines[:-1], longer] if len(longer) < width - 1 else [*lines, part]
        return lines

    def say(self, text: str, style: str = "message") -> None:
        """Say one line under the question, wrapped where it is longer than the screen."""
        width = max(self.size.width, 20)
        rows = [((f" {line}", style),) for line in wrap(text, width - 2)] if text else []
        self._says.show(tuple(clip(row, width) for row in rows))

    # keys
    def on_key(self, event: events.Key) -> None:
        question = self._asked
        if question is None or question.ask != "pick" or event.character is None:
            return
        option = next((o for o in question.options if o.key == event.character), None)
        if option is not None:
            event.stop()
            self._pick(option)

    def _pick(self, option: Option) -> None:
        if option.off:
            self.say(f"{option.label}: {option.off}")
            return
        if self._takes():
            self._chosen = option.value
            self._paint()
            self._answer(option.value)

    def action_move(self, by: int) -> None:
        question = self._asked
        if question is None or question.ask != "pick":
            return
        values = [option.value for option in question.options if not option.off]
        at = values.index(self._chosen) if self._chosen in values else -1
        self._chosen = values[(at + by) % len(values)]
        self._paint()

    def action_confirm(self) -> None:
        if self._asked is not None and self._asked.ask == "pick" and self._takes():
            self._answer(self._chosen)

    def action_copy(self) -> None:
        if self._asked is None or not self._asked.copies:
            self.say("there is nothing to copy here")
            return
        self.app.copy_to_clipboard(self._asked.copies)
        what = "open it in a browser" if self._asked.copied == "address" else "send it to an admin"
        self.say(f"sent to the terminal's clipboard: {what} (OSC 52)")

    @on(Input.Submitted)
    def _typed(self) -> None:
        if not self._takes():
            return
        text = self._box.value
        if self._box.password:
            self._box.value = ""
        self._answer(text)

    def _takes(self) -> bool:
        """Whether an answer is taken now, and was meant for what is asked."""
        if self._busy:
            return False
        if self._clock() < self._open_at:
            self.say("1 key dropped: new question")
            return False
        return True

    def _answer(self, text: str) -> None:
        self._busy = True
        self.say("one moment … Esc gives it up", "muted")
        work(self, partial(self._tell, text), "answer")

    async def _tell(self, text: str) -> None:
        try:
            why = await self.guide.answer(text)
        finally:
            self._busy = False
        self.say(why)
        self._ask()

    def action_back(self) -> None:
        if self._busy:
            self.workers.cancel_group(self, "answer")
            self._busy = False
            self.say("given up: nothing was changed")
        elif self.guide.back():
            self.say("")
            self._ask()
        elif self.guide.escape:
            self.dismiss(False)
        else:
            self.say("this is the first question: Ctrl+Q leaves")
