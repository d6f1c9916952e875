"""A post beside what a machine makes of it, for reading only."""

from __future__ import annotations

from modtui.domain.decide import Case
from modtui.domain.text import Clean
from modtui.engine import Refused
from modtui.engine.translating import Translator
from modtui.screens.sheets import Sheet, inside
from modtui.widgets.cells import Row, one_line, wrap
from modtui.widgets.host import work

OFF = "no translation: name a program under [translate] command in config.toml"


class TranslationSheet(Sheet):
    """The post under the cursor in `language`, and as it was written. Nothing here can be sent."""

    def __init__(self, case: Case, translator: Translator, language: str, width: int) -> None:
        self._case = case
        self._translator = translator
        self._language = language
        self._width = inside(width)
        waiting = ((f" {translator.name} is asked…", "muted"),)
        title = f"machine translation into {language}: for reading only"
        super().__init__(title, (waiting, *self._original()))

    def on_mount(self) -> None:
        work(self, self._translate, "translation")

    async def _translate(self) -> None:
        assert self._case.post is not None
        post, source = self._case.post, self._case.detail.record.language
        text = self._case.detail.folding.whole(post).text
        try:
            words = await self._translator.translate(str(text), source, self._language)
        except Refused as refused:
            self.show((*self._lines(f"not translated: {refused}", "strong"), *self._original()))
            return
        self.show((*self._said(words), *self._original()))

    def _said(self, words: Clean) -> tuple[Row, ...]:
        head = f"machine, {self._translator.name}, {self._language}:"
        return (*self._lines(head, "muted"), *self._lines(str(words), "text"))

    def _original(self) -> tuple[Row, ...]:
        post = self._case.post
        if post is None:
            return ()
        author = one_line(post.author.name)
        language = self._case.detail.record.language or "language not known"
        head = f"as {author} wrote it ({language}):"
        text = str(self._case.detail.folding.whole(post).text)
        return ((("", "text"),), *self._lines(head, "muted"), *self._lines(text, "text"))

    def _lines(self, text: str, style: str) -> tuple[Row, ...]:
        lines = [part for line in text.split("\n") for part in wrap(line, self._width - 1) or ("",)]
        return tuple(((f" {line}", style),) for line in lines)
