"""What a stranger may put into a name, a title, a post, an error: one piece of each kind."""

from __future__ import annotations

PIECES = {
    "clipboard": "\x1b]52;c;cHduZWQ=\x07",
    "title": "\x1b]0;pwned\x07\x1b]2;pwned\x1b\\",
    "link": "\x1b]8;;https://evil.example/\x1b\\here\x1b]8;;\x1b\\",
    "clear": "\x1b[2J\x1b[H\x1b[3J",
    "modes": "\x1b[?1000h\x1b[?1049l\x1b[?2004h\x1b[?25l\x1b[?47h\x1b[?3h",
    "strings": "\x1bP+q544e\x1b\\\x1b_Gi=1;AAAA\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\",
    "unended": "\x1b]0;never ended",
    "asks": "\x1b[c\x1b[6n\x1b[5n\x1b]11;?\x07",
    "reset": "\x1bc\x1b(0\x1b#8\x1b=",
    "eight bit": "\x9d0;pwned\x9c\x9b2J\x90q\x9c\x9fx\x9c\x84\x85",
    "controls": "\x07\x00\x08\x0b\x0c\x0e\x0f\x7f\x18\x1a",
    "lines": "\r\n\t\r\u2028\u2029",
    "bidi": "exe\u202egpj\u202c \u2066a\u2067b\u2068c\u2069 \u202ad\u202b\u202d \u200e\u200f\u061c",
    "tags": "\U000e0001\U000e0041\U000e0062\U000e007f",
    "thin": "a\u200bb\u2060c\ufeffd\u00ade\u180ef\u3164g",
    "variants": "\u2764\ufe0f\ufe0e\ufe00\U000e0101",
    "marks": "Z" + "\u0335\u0301\u0489" * 40,
    "right to left": "שלום عليكم",
    "private": "\ue000\uf8ff\U000f0000\U0010fffd",
    "no character": "\ufffe\uffff\U0001fffe\ufdd0",
    "markup": "[bold]b[/bold][@click=app.quit]quit[/][link=https://evil.example/]l[/link][/]\\[[",
    "actions": "[@click=app.bell]x[/][@click=screen.leave()]y[/][reverse on red]z",
    "emoji": "\U0001f469\u200d\U0001f467\U0001f3fd\U0001f1f5\U0001f1f1",
    "host": "https://аррӏе.example/login http://xn--e1afmkfd.example/\u202e",
    "wide": "漢字" * 4,
}
"""Name to text. None holds a lone surrogate: see `LONE`."""
LONE = "lone \ud800 half \udfff"
"""What "\\ud800" in a platform's JSON may become; no encoding can store it."""
EVERYTHING = " ".join(PIECES.values())
_NAMES = tuple(PIECES)


def piece(number: int) -> str:
    """Return one piece, another one for each `number` of a row."""
    return PIECES[_NAMES[number % len(_NAMES)]]
