"""The way out to the terminal: in order, holding up nobody, and through once it is gone."""

from __future__ import annotations

import os
import pty
import time

from modtui.terminal.output import Output


def test_what_is_written_arrives_in_order() -> None:
    master, slave = pty.openpty()
    lost: list[int] = []
    output = Output(slave, lambda: lost.append(1))
    output.start()
    for text in ("one ", "два ", "three \udcff"):
        output.write(text)
    assert output.end(5)
    came = b""
    while len(came) < len("one два three ?".encode()):
        came += os.read(master, 100)
    assert came.decode() == "one два three ?"
    assert not lost
    assert output.backlog == 0


def test_a_frame_that_there_is_room_for_wakes_no_thread() -> None:
    master, slave = pty.openpty()
    output = Output(slave, lambda: None)
    # Its thread was not started yet.
    output.write("one ")
    assert output.backlog == 0
    assert os.read(master, 100) == b"one "
    output.start()
    assert output.end(5)
    os.close(master)
    os.close(slave)


def test_what_comes_while_some_of_it_waits_comes_after_it() -> None:
    master, slave = pty.openpty()
    output = Output(slave, lambda: None)
    frame = "".join(f"{number:09d} " for number in range(10_000))
    output.write(frame)
    assert 0 < output.backlog < len(frame)
    output.write("and the end")
    output.start()
    seen = b""
    while not seen.endswith(b"end"):
        seen += os.read(master, 4096)
    assert seen.decode() == frame + "and the end"
    assert output.end(5)
    os.close(master)
    os.close(slave)


def test_a_terminal_that_is_gone_is_told_once_and_costs_nothing() -> None:
    master, slave = pty.openpty()
    lost: list[int] = []
    output = Output(slave, lambda: lost.append(1))
    output.start()
    os.close(master)
    output.write("x")
    output.join(5)
    for _ in range(1000):
        output.write("y" * 1000)
    assert output.gone
    assert lost == [1]
    began = time.monotonic()
    assert output.end(5)
    assert time.monotonic() - began < 1
    os.close(slave)


def test_a_terminal_that_takes_nothing_holds_up_nobody() -> None:
    master, slave = pty.openpty()
    output = Output(slave, lambda: None)
    output.start()
    began = time.monotonic()
    for _ in range(1000):
        output.write("y" * 1000)
    assert time.monotonic() - began < 1
    assert output.backlog > 500_000
    assert not output.end(0.1)
    os.close(master)
    output.join(5)
    assert not output.is_alive()


def test_no_text_is_a_control_in_the_charset_of_the_terminal() -> None:
    master, slave = pty.openpty()
    output = Output(slave, lambda: None, "koi8-r")
    output.write("\x1b]2;²52;c;x\x07\x1b[1mПривет ⌡2J – “да”\x1b[m")
    said = b"\x1b]2;252;c;x\x07\x1b[1m" + 'Привет ?2J - "да"'.encode("koi8-r") + b"\x1b[m"
    assert os.read(master, 200) == said
    os.close(master)
    os.close(slave)
