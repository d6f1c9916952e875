"""A short list: what of a row there is no room for."""

from textual.app import App, ComposeResult

from modtui.widgets.id_list import IdList, Line

TEXTS = (
    " warn night_owl",
    " warn night_owl → DM me again and see",
    " ლიმიტის შეცვლა, და მერე ისევ",
)


class Narrow(App[None]):
    def compose(self) -> ComposeResult:
        yield IdList()

    def on_mount(self) -> None:
        lines = tuple(Line(str(number), text) for number, text in enumerate(TEXTS))
        self.query_one(IdList).lines = lines


async def test_a_row_that_is_too_long_says_that_it_goes_on() -> None:
    app = Narrow()
    async with app.run_test(size=(20, 6)) as pilot:
        await pilot.pause()
        rows = app.query_one(IdList)
        shown = [rows.render_line(y) for y in range(len(TEXTS))]
    assert [strip.cell_length for strip in shown] == [20, 20, 20]
    texts = [strip.text.rstrip() for strip in shown]
    assert texts[0].endswith("night_owl")
    assert [text[-1] for text in texts[1:]] == ["…", "…"]


async def test_a_row_beside_the_bar_says_that_it_goes_on_too() -> None:
    app = Narrow()
    async with app.run_test(size=(20, 2)) as pilot:
        await pilot.pause()
        rows = app.query_one(IdList)
        assert rows.show_vertical_scrollbar
        strip = rows.render_line(1)
    assert strip.cell_length == 19
    assert strip.text.rstrip().endswith("…")
