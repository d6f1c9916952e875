"""A post beside what a machine makes of it, for reading only."""

from __future__ import annotations

from functools import partial

from modtui.domain.decide import Case
from modtui.domain.text import Clean
from modtui.engine import Refused
from modtui.engine.translating import Translator
from modtui.screens.sheets import Sheet
from modtui.widgets.cells import Row, one_line, wrap
from modtui.widgets.host import work

OFF = "no translation: name a program under [translate] command in config.toml"


class TranslationSheet(Sheet):
    """The post under the cursor in `language`, and as it was written. Nothing here can be sent."""

    def __init__(self, case: Case, translator: Translator, language: str) -> None:
        self._case = case
        self._translator = translator
        self._language = language
        title = f"machine translation into {language}: for reading only"
        super().__init__(
            title, partial(self._with_original, f"{translator.name} is asked…", "muted")
        )

    def on_mount(self) -> None:
        work(self, self._translate, "translation")

    async def _translate(self) -> None:
        assert self._case.post is not None
        post, source = self._case.post, self._case.detail.record.language
        text = self._case.detail.folding.whole(post).text
        try:
            words = await self._translator.translate(str(text), source, self._language)
        except Refused as refused:
            self.show(partial(self._with_original, f"not translated: {refused}", "strong"))
            return
        self.show(partial(self._translated, words))

    def _translated(self, words: Clean, width: int) -> tuple[Row, ...]:
        head = f"machine, {self._translator.name}, {self._language}:"
        said = _lines(str(words), "text", width)
        return (*_lines(head, "muted", width), *said, *self._original(width))

    def _with_original(self, said: str, style: str, width: int) -> tuple[Row, ...]:
        return (*_lines(said, style, width), *self._original(width))

    def _original(self, width: int) -> tuple[Row, ...]:
        post = self._case.post
        if post is None:
            return ()
        author = one_line(post.author.name)
        language = self._case.detail.record.language or "language not known"
        head = f"as {author} wrote it ({language}):"
        text = str(self._case.detail.folding.whole(post).text)
        return ((("", "text"),), *_lines(head, "muted", width), *_lines(text, "text", width))


def _lines(text: str, style: str, width: int) -> tuple[Row, ...]:
    lines = [part for line in text.split("\n") for part in wrap(line, width - 1) or ("",)]
    return tuple(((f" {line}", style),) for line in lines)
