"""What a start loads and makes without need: put off, or made in a shorter way."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from textual.binding import Binding
    from textual.dom import DOMNode
    from textual.reactive import Reactive

_TURN = RLock()
_ALONE = re.compile(r"\((?:(0|-?[1-9][0-9]{0,8})|'([a-z]*)'),\)")
TYPED: dict[str, str | None] = {
    "colon": ":", "question_mark": "?", "exclamation_mark": "!", "space": " ", "tab": "\t",
    "escape": "\x1b", "backspace": "\x08", "delete": "\x7f", "slash": None, "enter": None,
    "up": None, "down": None, "left": None, "right": None, "home": None, "end": None,
    "pageup": None, "pagedown": None, **{f"f{number}": None for number in range(1, 13)},
}  # fmt: skip
"""What Textual 8.2.8 takes the keys of these names to type."""
_TYPES = (
    "Final", "Literal", "ParamSpec", "Protocol", "Self", "TypeAlias", "TypeGuard", "TypedDict",
    "runtime_checkable",
)  # fmt: skip


class Later(ModuleType):
    """Stands for a module that is loaded when it is first asked for a name. Who holds this then
    asks it on; who imports the module from there on has the module itself."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        return getattr(_loaded(self.__name__), name)


class _Visitor:
    """As `ast.NodeVisitor`, of which `inspect` makes a class that no session has a use for."""

    def __getattr__(self, name: str) -> object:
        return getattr(_loaded("ast").NodeVisitor, name).__get__(self)


def put_off() -> None:
    """Load asyncio without what the standard library keeps at hand for few: TLS, which a connector
    asks for after the first paint, and others that are asked for at no start at all.

    Does nothing where asyncio is loaded already.
    """
    if "asyncio" in sys.modules:
        return
    for name in ("ssl", "asyncio.sslproto", "ipaddress", "locale", "textwrap"):
        _stand_in(name)
    # `uuid` asks for no more of it.
    _stand_in("platform", system=lambda: os.uname().sysname)
    _stand_in("sysconfig", get_config_var=_configured)
    _stand_in("ast", NodeVisitor=_Visitor, literal_eval=_literal)
    import asyncio

    cast(Any, asyncio).sslproto = sys.modules["asyncio.sslproto"]


def _configured(name: str) -> object:
    """As `sysconfig.get_config_var`, which makes a thousand settings of the interpreter, to stay
    for good, where `zoneinfo` asks for one: it is looked for in the file that they stand in."""
    # It loads `ipaddress`, unless that is put off already.
    from pathlib import Path

    system = f"{sys.platform}_{getattr(sys.implementation, '_multiarch', '')}"
    file = Path(os.__file__).with_name(f"_sysconfigdata_{sys.abiflags}_{system}.py")
    try:
        found = re.search(rf"^ '{name}': '([^'\\\n]*)',$", file.read_text("utf-8"), re.M)
    except (OSError, UnicodeDecodeError):
        found = None
    if found is None or "_PYTHON_SYSCONFIGDATA_NAME" in os.environ:
        return _loaded("sysconfig").get_config_var(name)
    return found[1]


def _stand_in(name: str, **known: object) -> None:
    """Put a stand-in in the place of a module that is not loaded; to ask it for what is `known`
    loads nothing."""
    module = sys.modules.setdefault(name, Later(name))
    if isinstance(module, Later):
        vars(module).update(known)


def _loaded(name: str) -> Any:
    """Return the module `name` itself, in whose place there may be a stand-in."""
    with _TURN:
        if isinstance(sys.modules.get(name), Later):
            del sys.modules[name]
    return import_module(name)


def _asking(module: str, name: str) -> Callable[..., object]:
    """Return what does as `name` of `module`, which is loaded when it is called."""

    def ask(*args: object, **named: object) -> object:
        return getattr(_loaded(module), name)(*args, **named)

    return ask


def _literal(text: Any) -> object:
    """As `ast.literal_eval`, which is loaded for more than the one number or word of most keys."""
    if isinstance(text, str) and (alone := _ALONE.fullmatch(text)):
        number, word = alone.groups()
        return (word if number is None else int(number),)
    return _loaded("ast").literal_eval(text)


def lighten() -> None:
    """Let what is loaded of Textual from now on take less time; what comes out is the same.

    Does nothing for a release of Textual that was not tested.
    """
    from modtui.terminal import is_tested

    if not is_tested() or "textual.widget" in sys.modules:
        return
    _know_types()
    # For who writes a style that there is none of, or saves a screen.
    _stand_in("difflib", get_close_matches=_asking("difflib", "get_close_matches"))
    _stand_in("platformdirs", user_downloads_path=_asking("platformdirs", "user_downloads_path"))
    _stand_in("mimetypes")
    before = _BeforeTokens()
    sys.meta_path.insert(0, before)
    try:
        import textual
        from textual._types import IgnoreReturnCallbackType
        from textual.dom import DOMNode
    finally:
        sys.meta_path.remove(before)

    import textual.keys

    textual.keys.key_to_character = _character(textual.keys.key_to_character)  # type: ignore[assignment]
    DOMNode.__init_subclass__ = classmethod(_begin)  # type: ignore[assignment]
    # It imports the widgets of whose types it has the names; a start asks for one that is no
    # widget's.
    _stand_in("textual.types", IgnoreReturnCallbackType=IgnoreReturnCallbackType)
    cast(Any, textual).types = sys.modules["textual.types"]
    # It has a table for who asks what a theme looks like.
    _stand_in("rich.table", Table=_asking("rich.table", "Table"))
    import textual.design

    if isinstance(sys.modules["rich.table"], Later):
        del sys.modules["rich.table"]


def _character(theirs: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """As `key_to_character`, which searches the names of all characters for every key."""

    def character(key: str) -> str | None:
        return TYPED[key] if key in TYPED else theirs(key)

    return character


def _know_types() -> None:
    """Let Textual have from `typing` what it asks `typing_extensions` for, whose own of that are
    the same or do more than it needs."""
    import typing

    _stand_in("typing_extensions", **{name: getattr(typing, name) for name in _TYPES})


class _BeforeTokens:
    """Sees to it that what a style sheet and markup are made of is compiled as it is first looked
    for: for half of it nothing that a start reads has a use."""

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        if name == "textual.css.tokenize":
            from textual.css.tokenizer import Expect

            made = cast(Any, Expect)
            made.__init__, made.__getattr__ = _expect, _compiled


def _expect(self: Any, description: str, **tokens: str) -> None:
    """As `Expect.__init__`, but for what `_compiled` answers."""
    self.description = f"Expected {description}"
    self.names, self.regexes = [*tokens], [*tokens.values()]
    self._expect_eof, self._expect_semicolon, self._extract_text = False, True, False


def _compiled(self: Any, name: str) -> object:
    """Return what `Expect.__init__` calls so, and keep it there."""
    if name not in ("_regex", "match", "search"):
        raise AttributeError(name)
    each = (f"(?P<{token}>{regex})" for token, regex in zip(self.names, self.regexes, strict=True))
    self._regex = re.compile(f"({'|'.join(each)})")
    self.match, self.search = self._regex.match, self._regex.search
    return vars(self)[name]


def _begin(
    cls: type[DOMNode],
    inherit_css: bool = True,
    inherit_bindings: bool = True,
    inherit_component_classes: bool = True,
) -> None:
    """As `DOMNode.__init_subclass__`, which looks through all that a class inherits; what each
    class adds is looked up once."""
    from textual.binding import BindingsMap
    from textual.dom import DOMNode

    super(DOMNode, cls).__init_subclass__()
    made = cast(Any, cls)
    made._inherit_css = inherit_css
    made._inherit_bindings = inherit_bindings
    made._inherit_component_classes = inherit_component_classes
    bases = cls._css_bases(cls)
    made._css_type_name = bases[0].__name__
    made._css_type_names = frozenset(base.__name__ for base in bases)
    reactives: dict[str, Reactive[Any]] = {}
    keys: dict[str, list[Binding]] = {}
    computes: set[str] = set()
    for base in reversed(cls.__mro__):
        reactives |= _reactives(base)
        computes |= _computes(base)
        if issubclass(base, DOMNode):
            if not base._inherit_bindings:
                keys.clear()
            keys |= _bindings(base)
    made._reactives, made._computes = reactives, frozenset(computes)
    made._merged_bindings = BindingsMap.from_keys({key: [*keys[key]] for key in keys})


@cache
def _reactives(cls: type[object]) -> Mapping[str, Reactive[Any]]:
    from textual.reactive import Reactive

    return {name: each for name, each in vars(cls).items() if isinstance(each, Reactive)}


@cache
def _bindings(cls: type[object]) -> Mapping[str, list[Binding]]:
    from textual.binding import BindingsMap

    return BindingsMap(vars(cls).get("BINDINGS", [])).key_to_bindings


@cache
def _computes(cls: type[object]) -> frozenset[str]:
    begin = ("_compute_", "compute_")
    return frozenset(name.lstrip("_")[8:] for name in vars(cls) if name.startswith(begin))
