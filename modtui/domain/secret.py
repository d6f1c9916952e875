"""A secret that does not show itself, and text from which known secrets are taken out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NoReturn

MASK = "****"
_MASK = MASK.encode()
SHORTEST = 6
"""What is shorter is no secret, and words of that length stand everywhere."""
LONG = 16
"""A path, or a part of one, that is so long is no word."""
# As servers write them that fear for a page into which their JSON is put.
_IN_SCRIPTS = {ord(each): f"\\u{ord(each):04x}" for each in "&<>'"}
_OPEN = ("MODTUI_HOME", "MODTUI_NO_DIFF", "MODTUI_NO_BCE")


class Secret:
    """Holds a credential; repr, str and format are masked, pickling is refused."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the credential. Call it where the request is made and nowhere else."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")


def behind_host(url: str) -> tuple[Secret, ...]:
    """Return what of an address is a secret where its path is one: the path with all that follows,
    and its last part, as who answers may quote that alone. Of a short path, whose words may stand
    anywhere, it is the host with it. None of what is no address, or has no path."""
    rest = url.strip().partition("://")[2]
    path = rest[min((rest.index(each) for each in "/?#" if each in rest), default=len(rest)) :]
    last = path.rstrip("/").rpartition("/")[2]
    long = [part for part in (path, last) if len(part) >= LONG]
    return tuple(map(Secret, long or [rest])) if path.strip("/") else ()


class Redactor:
    """Takes the secrets it knows out of text: as they are, and as URLs, JSON, HTML, Python and
    base64 would write them."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._forms: tuple[str, ...] = ()
        self._packed: tuple[bytes, ...] = ()
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: Secret) -> None:
        """Know this secret from now on."""
        value = secret.reveal().strip()
        if len(value) >= SHORTEST and value not in self._forms:
            known = {*self._forms, *_forms(value)}
            # The longest first: a form may hold another one.
            self._forms = tuple(sorted(known, key=lambda form: (-len(form), form)))
            self._packed = tuple(form.encode("utf-8", "surrogatepass") for form in self._forms)

    def __call__(self, text: str) -> str:
        """Return `text` with **** in the place of every known secret."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text

    def of_bytes(self, packed: bytes) -> bytes:
        """Return UTF-8 with **** in the place of every known secret, whatever else is in it."""
        for form in self._packed:
            packed = packed.replace(form, _MASK)
        return packed

    def __repr__(self) -> str:
        return "Redactor(****)"


def _forms(value: str) -> Iterator[str]:
    # Only who knows a secret needs these.
    import base64
    import html
    import json
    from urllib.parse import quote, quote_plus

    yield value
    # Bytes that are no text come from the environment as halves of surrogate pairs.
    raw = value.encode("utf-8", "surrogatepass")
    # By Python, by JavaScript's encodeURIComponent and encodeURI, and as RFC 3986 lets a path be.
    kept = ("", "/", "!'()*", "!'()*;,/?:@&=+$#", "!'()*;,:@&=+$", "!'()*;,:@&=+$/")
    for quoted in (quote_plus(raw), *(quote(raw, safe=safe) for safe in kept)):
        yield quoted
        yield quoted.lower()
    for escaped in (json.dumps(value), json.dumps(value, ensure_ascii=False), repr(value)):
        yield escaped[1:-1]
        yield escaped[1:-1].replace("/", "\\/")
        yield escaped[1:-1].translate(_IN_SCRIPTS)
    yield html.escape(value)
    # As it comes to stand in base64 behind 0, 1 or 2 other bytes, as of "user:secret", without the
    # characters that its neighbours share.
    for before in range(3):
        packed = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        shared = -1 if (before + len(raw)) % 3 else None
        inner = packed[(0, 2, 3)[before] : shared]
        if len(inner) >= SHORTEST:
            yield inner
            yield inner.translate(str.maketrans("+/", "-_"))


def for_children(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without MODTUI_<ACCOUNT>_<FIELD>, for a program that needs none of
    them."""
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith("MODTUI_") or name in _OPEN
    }
