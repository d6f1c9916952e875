import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from modtui.cli.delivering import tell
from modtui.cli.exits import Failure
from modtui.cli.options import Patience
from modtui.domain.commands import Lock
from modtui.domain.outbox import Delivery, DeliveryState
from tests.cli.shell import ROOT, Shell

ROW = Delivery(
    id=7,
    key="k",
    batch="b",
    thread=3,
    account="hub",
    command=Lock(thread=3, revision=1, reason="heat"),
    state=DeliveryState.QUEUED,
    by="mod-a",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    error="why it is so",
)
WAIT = Patience(1, wait=True)

ENDS = [
    ("queued", 5, "somebody sends it"),
    ("rejected", 5, "why it is so"),
    ("stale", 1, "modtui show 3"),
    ("cancelled", 1, "modtui deliveries --thread 3"),
    ("blocked", 3, "modtui login hub"),
    ("sending", 6, "modtui deliveries --thread 3"),
    ("unknown", 6, "modtui deliveries --thread 3"),
    ("reconciling", 6, "modtui deliveries --thread 3"),
    ("needs_human", 6, "modtui delivery 7 --there, --again or --drop"),
]


@pytest.mark.parametrize(("state", "code", "words"), ENDS)
def test_each_end_has_its_code_and_says_what_to_do(state: str, code: int, words: str) -> None:
    row = replace(ROW, state=DeliveryState(state))
    with pytest.raises(Failure, match=words) as caught:
        tell([row], WAIT, "somebody sends it")
    assert caught.value.code == code
    assert "delivery 7 (lock, thread 3)" in str(caught.value)


def test_the_first_failure_counts_and_not_what_it_took_down() -> None:
    cancelled = replace(ROW, id=8, state=DeliveryState.CANCELLED)
    rejected = replace(ROW, state=DeliveryState.REJECTED)
    for rows in ([rejected, cancelled], [cancelled, rejected]):
        with pytest.raises(Failure, match="delivery 7") as caught:
            tell(rows, WAIT, "")
        assert caught.value.code == 5


@pytest.fixture
def served(desk: Shell) -> Iterator[subprocess.Popen[str]]:
    """Another modtui that serves the accounts."""
    process = subprocess.Popen(
        [sys.executable, "-m", "modtui", "sync"],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while "harbour: live" not in process.stdout.readline():
        assert process.poll() is None
    yield process
    process.kill()
    process.stdout.close()
    process.wait()


def test_another_modtui_that_holds_the_account_delivers(
    desk: Shell, served: subprocess.Popen[str]
) -> None:
    states = {a["name"]: a["health"] for a in desk("accounts", "--json").json["accounts"]}
    assert states["harbour"] == "live"
    number = desk("queue", "--account", "harbour", "--json").json["threads"][-1]["id"]
    done = desk("lock", number, "--reason", "heat")
    assert (done.code, done.err) == (0, "")
    assert " sent" in done.out
    served.send_signal(signal.SIGTERM)
    assert served.wait(10) == 0


def test_a_drain_whose_log_cannot_be_written_delivers(desk: Shell) -> None:
    number = desk("queue", "--account", "harbour", "--json").json["threads"][-1]["id"]
    assert desk("lock", number, "--reason", "heat", "--no-wait").code == 0
    (desk.home / "state" / "drain.log").mkdir()
    done = desk("drain", "--detached")
    assert (done.code, done.err) == (0, "")
    assert desk("deliveries", "--json").json["deliveries"][0]["state"] == "sent"


def test_deliveries_of_an_account_that_is_gone_are_told(desk: Shell) -> None:
    number = desk("queue", "--account", "harbour", "--json").json["threads"][-1]["id"]
    assert desk("lock", number, "--reason", "heat", "--no-wait").code == 0
    file = next(path for path in desk.home.rglob("*.toml") if '"harbour"' in path.read_text())
    kept = file.read_text()
    file.write_text(kept.replace('"harbour"', '"haven"'))
    told = "harbour: 1 delivery waits and no account has this name any more"
    for words in (("drain",), ("sync", "--once")):
        done = desk(*words)
        assert done.code == 4
        assert done.err.startswith(f"modtui: {told}")
        assert "haven: done" in done.out
    assert desk("drain", "--detached").code == 4
    assert told in (desk.home / "state" / "drain.log").read_text()
    assert f"FAIL  account {told}" in desk("doctor").out
    sync = [sys.executable, "-m", "modtui", "sync"]
    with subprocess.Popen(sync, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            assert told in process.stderr.readline()
        finally:
            process.kill()
    file.write_text(kept)
    assert desk("drain").code == 0
