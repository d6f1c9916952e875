"""A row of picks in a narrow dialog."""

import re

from textual.app import App, ComposeResult

from modtui.widgets.choice import Choice, Pick

PICKS = (
    Pick("warn", "warn by direct message"),
    Pick("mute", "mute (power -1)"),
    Pick("kick", "kick", "this account has power 40, and it needs 50"),
    Pick("ban", "ban from the room"),
)


class Narrow(App[None]):
    def compose(self) -> ComposeResult:
        yield Choice("what", PICKS)


async def shown(width: int) -> list[str]:
    app = Narrow()
    async with app.run_test(size=(width, 12)):
        choice = app.query_one(Choice)
        return [choice.render_line(y).text.rstrip() for y in range(choice.size.height)]


async def test_lines_break_between_picks_and_never_within_one() -> None:
    for width in range(44, 120, 4):
        lines = await shown(width)
        text = "\n".join(lines)
        for pick in PICKS:
            assert f") {pick.label}" in text, (width, text)
        assert all(len(line) <= width for line in lines)
        assert " ".join(text.split()).endswith(
            "kick is off: this account has power 40, and it needs 50"
        )
    assert len(await shown(119)) == 2


async def test_what_is_chosen_is_marked_once() -> None:
    text = "\n".join(await shown(60))
    assert re.findall(r"\(•\) (\w+)", text) == ["warn"]
