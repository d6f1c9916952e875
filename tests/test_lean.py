"""What a start puts off is there when it is asked for, and what it makes shorter is the same."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from threading import Barrier, Thread
from types import ModuleType

import pytest

from modtui.lean import Later
from tests.bench import cases

MADE = """
import importlib, pkgutil
from textual.dom import DOMNode
theirs = DOMNode.__init_subclass__.__func__
from modtui.lean import lighten
lighten()
assert DOMNode.__init_subclass__.__func__ is not theirs
import modtui.screens, modtui.widgets, textual.widgets
for package in (modtui.screens, modtui.widgets):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(found.name)
for name in textual.widgets.__all__:
    getattr(textual.widgets, name)
import modtui.app, modtui.first_run

def every(cls):
    for each in cls.__subclasses__():
        yield each
        yield from every(each)

def made(cls):
    keys = cls._merged_bindings.key_to_bindings
    return (
        list(cls._reactives.items()), list(keys.items()), cls._css_type_name, cls._css_type_names,
        cls._computes, cls._inherit_css, cls._inherit_bindings, cls._inherit_component_classes,
    )

kinds = set(every(DOMNode))
for cls in kinds:
    ours = made(cls)
    theirs(cls, *ours[-3:])
    assert made(cls) == ours, cls
print(len(kinds))
"""
TOKENS = """
import sys
if sys.argv[1]:
    from modtui.lean import lighten
    lighten()
import textual.markup
from textual.css import tokenize
from textual.css.tokenizer import Expect
every = [e for m in (tokenize, textual.markup) for e in vars(m).values() if isinstance(e, Expect)]
print(sum("_regex" in vars(each) for each in every))
for each in every:
    assert each.match.__self__ is each.search.__self__ is each._regex
    assert not hasattr(each, "another")
    rest = {name: had for name, had in vars(each).items() if name not in ("match", "search")}
    print(rest.pop("_regex").pattern, sorted(rest.items()))
"""
NAMES = """
import sys
from modtui.lean import lighten
lighten()
import textual.app
assert not {"textual.widgets._directory_tree", "rich.table"} & set(sys.modules)
from textual.design import ColorSystem, show_design
dark = ColorSystem("#004578", dark=True)
from rich.table import Table
assert isinstance(show_design(dark, dark), Table)
import textual.types
assert all(getattr(textual.types, name) for name in textual.types.__all__)
from textual.types import DirEntry
print(DirEntry.__module__, sys.modules["textual.types"].__file__)
"""
KEPT_AT_HAND = """
import os, sys
from modtui.lean import Later, put_off
put_off()
import uuid, subprocess, traceback, urllib.parse
stands = {name for name, module in sys.modules.items() if isinstance(module, Later)}
print(*sorted(stands))
import asyncio, ipaddress, locale, platform, ssl, textwrap
assert platform.system() == os.uname().sysname == "Linux"
assert platform.python_version_tuple() and platform.system() == "Linux"
assert str(ipaddress.ip_address("::1")) == "::1"
assert urllib.parse.urlsplit("http://[::1]/").hostname == "::1"
assert locale.getencoding() and textwrap.dedent("  a") == "a"
assert isinstance(ssl.create_default_context(), ssl.SSLContext)
assert asyncio.sslproto.SSLProtocol and asyncio.base_events.ssl.SSLContext is ssl.SSLContext
"""
UNTESTED = """
from textual.dom import DOMNode
theirs = DOMNode.__init_subclass__.__func__
import modtui.terminal, modtui.lean
modtui.terminal._release = lambda: "8.2.9"
modtui.lean.lighten()
print(DOMNode.__init_subclass__.__func__ is theirs)
"""
TLS = """
import sys
from modtui.lean import put_off
put_off()
import asyncio
assert "_ssl" not in sys.modules
import pytest
raise SystemExit(pytest.main(["-q", "-p", "no:cacheprovider", "tests/connectors/test_tls.py"]))
"""


def said(words: str, *args: str) -> str:
    """Return what a process of its own writes that runs `words` with `args`."""
    done = subprocess.run(
        (sys.executable, "-c", words, *args),
        cwd=cases.ROOT,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_class_of_widgets_is_what_textual_makes_of_it() -> None:
    assert int(said(MADE)) > 150


def test_tokens_are_what_textual_makes_of_them_but_made_when_they_are_looked_for() -> None:
    theirs, *tokens = said(TOKENS, "").splitlines()
    ours, *same = said(TOKENS, "lean").splitlines()
    assert (int(theirs), int(ours)) == (len(tokens), 0)
    assert same == tokens
    assert len(tokens) > 10


def test_names_of_types_are_there_when_they_are_asked_for() -> None:
    assert "textual.widgets._directory_tree" in said(NAMES)


def test_what_is_kept_at_hand_for_few_is_loaded_when_they_ask() -> None:
    stands = "asyncio.sslproto ipaddress locale platform ssl textwrap"
    assert said(KEPT_AT_HAND).split() == stands.split()


def test_a_release_that_was_not_tested_is_left_alone() -> None:
    assert said(UNTESTED) == "True\n"


def test_certificates_are_refused_as_ever_where_tls_is_loaded_late() -> None:
    assert "[100%]" in said(TLS)


def test_a_module_is_loaded_once_by_whoever_asks_first(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = Later("colorsys")
    monkeypatch.setitem(sys.modules, "colorsys", stand_in)
    assert import_module("colorsys") is stand_in
    assert not hasattr(stand_in, "__path__")
    assert sys.modules["colorsys"] is stand_in
    found: list[object] = []
    start = Barrier(4)

    def ask() -> None:
        start.wait()
        found.append(stand_in.hls_to_rgb)

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    real = sys.modules["colorsys"]
    assert type(real) is ModuleType
    assert found == [real.hls_to_rgb] * 4


def test_a_name_that_is_not_there_is_an_attribute_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "colorsys", Later("colorsys"))
    with pytest.raises(AttributeError):
        _ = sys.modules["colorsys"].no_such_name
