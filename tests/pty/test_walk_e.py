"""Walk (e): the line drops while a long reply is being written; the next start goes on with it."""

from __future__ import annotations

from pathlib import Path

from tests.pty.community import Community, leave, modtui, settle_in, told
from tests.pty.walk import Walk, keep

SENTENCES = (
    "Thank you for writing, and sorry for the wait. ",
    "Your request is with the payments desk since this morning, under the number you gave us. ",
    "They compare it with the bank's list at noon and again at six, and we write here after each. ",
)
LAST = "If nothing came by tomorrow evening, answer here and we look again."


def typed(home: Path) -> str:
    """The one draft there is, as the store has it; "" for none."""
    from modtui.cli.compose import open_store, run_async

    async def read() -> str:
        store = open_store(home / "modtui" / "state" / "modtui.db")
        try:
            drafts = await store.read(lambda tx: tx.drafts("mod-a"))
        finally:
            await store.close()
        return drafts[0].text if drafts else ""

    return run_async(read())


def test_a_dropped_line_loses_no_word_of_a_reply(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(undo="0s"))
    with modtui(tmp_path, (80, 24)) as terminal:
        one = Walk(terminal)
        one.tell("A long reply is being written when the connection drops.")
        one.press("r")
        one.see("reply to the thread")
        for sentence in SENTENCES:
            one.type(sentence)
        one.see("again at six")
        one.shot()
        one.tell("The line drops in the middle of a sentence: the terminal is gone.")
        one.type("If nothing")
        one.see("If nothing")
        code = terminal.hang_up()
    assert code == 129
    assert typed(tmp_path) == "".join(SENTENCES) + "If nothing"
    with modtui(tmp_path, (80, 24)) as terminal:
        two = Walk(terminal, one.told)
        two.tell("At the next start modtui says what was left; Enter goes on writing.")
        two.see("Welcome back")
        two.see("go on writing")
        two.shot()
        two.press("enter")
        two.see("reply to the thread")
        two.see("If nothing")
        two.type(LAST.removeprefix("If nothing"))
        two.see("look again")
        two.shot()
        two.press("ctrl+s")
        two.tell(
            "It is in another language than the thread: the check says so, a second Enter sends."
        )
        two.see(lambda text: "twice sends" in " ".join(text.split()))
        two.press("enter")
        two.see(lambda text: "Once more sends" in " ".join(text.split()))
        two.press("enter")
        two.see(lambda text: "sent " in text and "reply" in text)
        two.shot()
        assert leave(terminal) == 0
    keep("e-a-dropped-line", "The line drops while a reply is written", two.told)
    (row,) = told(tmp_path, "deliveries")["deliveries"]
    assert (row["state"], row["command"]["text"]) == ("sent", "".join(SENTENCES) + LAST)
    assert typed(tmp_path) == ""
