"""modtui choices: what was learned is listed and forgotten, with the file that holds it."""

from __future__ import annotations

from tests.cli.shell import Shell


def test_what_a_sent_reply_taught_is_listed_and_forgotten(desk: Shell) -> None:
    calm = [t for t in desk("queue", "--json").json["threads"] if t["help_route"] is None]
    thread = str(next(t["id"] for t in calm if t["account"] == "harbour"))
    assert desk("choices").out == ""
    assert desk("reply", thread, "--quick", "thanks-closing").code == 0
    assert desk("choices").out.split() == ["thanks-closing", "1"]
    assert desk("choices", "--json", "--reply", "other").json["choices"] == {}
    said = desk("choices", "--forget", "0", "--reply", "other")
    assert (said.code, said.out) == (2, "")
    assert "no choice of other is kept: modtui choices lists those there" in said.err
    assert desk("choices", "--forget", "1").out.split() == ["0", "forgotten", "thanks-closing", "1"]
    assert desk("choices", "--forget", "0").out.split() == ["1", "forgotten"]
    assert desk("choices", "--json").json["choices"] == {}
