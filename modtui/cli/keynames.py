"""Keys as a person writes them in a keymap, turned into the names that Textual reports."""

from __future__ import annotations

import string

from modtui.config import nearest
from modtui.keymap import key_name

_MODIFIERS = ("ctrl", "alt", "shift")
_SAME = {
    "esc": "escape", "pgup": "pageup", "pgdn": "pagedown", "return": "enter", "del": "delete",
    "ins": "insert", "spacebar": "space", "↑": "up", "↓": "down", "←": "left", "→": "right",
}  # fmt: skip
_FAR = {
    "up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete",
    *(f"f{number}" for number in range(1, 13)),
}  # fmt: skip
_MARKS = {key_name(char) for char in string.punctuation}
_KNOWN = _FAR | _MARKS | {"backspace", "enter", "escape", "tab", "space"}
_BYTES = {"i": "Tab", "m": "Enter", "j": "Enter", "h": "Backspace"}
_ALLOWED = "write a letter, a digit, ctrl+y, alt+y, f7, pagedown"


def read_keys(text: str) -> tuple[str, ...]:
    """Return Textual's names of the keys in `text`, comma separated, each once.

    Raises ValueError, saying what is wrong with which key.
    """
    words = [word.strip() for word in text.split(",")]
    if not any(words):
        raise ValueError(f"has no key, so nothing could reach it: {_ALLOWED}; or take it out")
    if not all(words):
        raise ValueError("has an empty key: the key of a comma is called comma")
    return tuple(dict.fromkeys(read_key(word) for word in words))


def read_key(word: str) -> str:
    """Return Textual's name of one key. Raises ValueError."""
    if len(word) == 1 and word not in _SAME:
        return _char(word)
    *held, last = word.split("+")
    held = [part.strip().lower() for part in held]
    last = last.strip()
    if len(last) != 1 or last in _SAME:
        last = _SAME.get(last.lower(), last.lower())
    wrong = next((part for part in held if part not in _MODIFIERS), None)
    if wrong is not None:
        raise ValueError(f'"{word}": "{wrong}" is not one of {", ".join(_MODIFIERS)}')
    if len(last) != 1 and last not in _KNOWN:
        raise ValueError(f'"{word}" is not a key{nearest(last, _KNOWN)}: {_ALLOWED}')
    if held and (why := _never_arrives(held, last)):
        raise ValueError(f'"{word}" {why}')
    return "+".join([*held, last.lower() if held else last])


def _char(char: str) -> str:
    if not char.isprintable() or char.isspace():
        raise ValueError(f"{char!r} is not a key: {_ALLOWED}")
    return key_name(char)


def _never_arrives(held: list[str], last: str) -> str:
    """Why a key held with modifiers does not reach a program in most terminals, or ""."""
    if len(held) > 1:
        return "needs two modifiers, which many terminals do not send: use one"
    if last in _FAR or (held == ["shift"] and last == "tab"):
        return ""
    if held == ["shift"]:
        example = f', such as "{last.upper()}"' if len(last) == 1 else ""
        return f"does not arrive like that: write what it types{example}"
    ok = last.isascii() and (last.isalpha() or (held == ["alt"] and last.isdigit()))
    if len(last) != 1 or not ok:
        return f"is not sent by most terminals: {held[0]} goes with the letters a to z"
    if held == ["ctrl"] and last.lower() in _BYTES:
        return f"is the same to a terminal as {_BYTES[last.lower()]}"
    return ""
