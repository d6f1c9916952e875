"""What a start puts off is there when it is asked for, and what it makes shorter is the same."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from threading import Barrier, Thread
from types import ModuleType

import pytest

from modtui import lean
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
from modtui.lean import Later
for name in ("typing_extensions", "difflib", "platformdirs", "mimetypes"):
    assert isinstance(sys.modules[name], Later), name
from textual.suggestions import get_suggestion
assert get_suggestion("colour", ["color", "width"]) == "color"
assert textual.app.user_downloads_path().name
assert textual.app.mimetypes.guess_type("a.svg")[0] == "image/svg+xml"
from typing_extensions import Protocol, deprecated
import typing
assert Protocol is typing.Protocol and sys.modules["typing_extensions"].__file__
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
import inspect, uuid, subprocess, traceback, urllib.parse, zoneinfo
from ast import literal_eval
assert literal_eval("(-12,)") == (-12,) and literal_eval("('queue',)") == ("queue",)
assert literal_eval("(0,)") == (0,) and literal_eval("('',)") == ("",)
stands = {name for name, module in sys.modules.items() if isinstance(module, Later)}
print(*sorted(stands))
import asyncio, ipaddress, locale, platform, ssl, textwrap
assert platform.system() == os.uname().sysname == "Linux"
assert platform.python_version_tuple() and platform.system() == "Linux"
assert str(ipaddress.ip_address("::1")) == "::1"
assert urllib.parse.urlsplit("http://[::1]/").hostname == "::1"
assert locale.getencoding() and textwrap.dedent("  a") == "a"
assert isinstance(ssl.create_default_context(), ssl.SSLContext)
assert literal_eval("('a b', 1.5)") == ("a b", 1.5) and sys.modules["ast"].__file__
assert "class Path" in inspect.getsource(__import__("pathlib").Path)
import sysconfig
held, suffix = zoneinfo._tzpath.sysconfig, sysconfig.get_config_var("EXT_SUFFIX")
assert suffix and held.get_config_var("EXT_SUFFIX") == suffix
zones = tuple(sysconfig.get_config_var("TZPATH").split(os.pathsep))
assert zoneinfo.TZPATH == tuple(filter(os.path.isabs, zones))
assert asyncio.sslproto.SSLProtocol and asyncio.base_events.ssl.SSLContext is ssl.SSLContext
"""
KEYS = """
import textual.keys
theirs = textual.keys.key_to_character
from modtui.lean import TYPED, lighten
lighten()
import textual.screen, modtui.keymap
ours = textual.screen.key_to_character
assert ours is not theirs
names = {each.value for each in textual.keys.Keys} | {*TYPED, "j", "full_stop", "ctrl+colon"}
assert {name: ours(name) for name in names} == {name: theirs(name) for name in names}
before = theirs.cache_info()
assert [ours(name) for name in TYPED] and theirs.cache_info() == before
print(len(names))
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


def test_a_key_types_what_textual_says() -> None:
    assert int(said(KEYS)) > 100


def test_names_of_types_are_there_when_they_are_asked_for() -> None:
    assert "textual.widgets._directory_tree" in said(NAMES)


def test_what_is_kept_at_hand_for_few_is_loaded_when_they_ask() -> None:
    stands = "ast asyncio.sslproto ipaddress locale platform ssl sysconfig textwrap"
    assert said(KEPT_AT_HAND).split() == stands.split()


@pytest.mark.parametrize("text", ["(1, 2)", "(01,)", "(-0,)", "('it''s',)", "(b'a',)", "", "(a,)"])
def test_what_is_more_than_a_number_or_a_word_is_read_as_ever(text: str) -> None:
    def read(by: Callable[[str], object]) -> object:
        try:
            return by(text)
        except (SyntaxError, ValueError) as error:
            return type(error)

    assert read(lean._literal) == read(ast.literal_eval)


def test_a_setting_of_the_interpreter_is_the_one_that_it_was_built_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TZPATH", "SOABI", "HAVE_FORK", "no such name"):
        assert lean._configured(name) == sysconfig.get_config_var(name)
    monkeypatch.setattr(os, "__file__", str(tmp_path / "os.py"))
    assert lean._configured("TZPATH") == sysconfig.get_config_var("TZPATH")
    assert not list(tmp_path.iterdir())


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
