"""Faults made of valid answers: a seed gives one fault, the same one every time. Ours."""

from __future__ import annotations

import copy
import gzip
import json
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx

DEEP = 150
WAITS = (
    "3", "0", "-5", "1e9", "1e400", "NaN", "soon", "", "Sat, 21 Nov 2026 03:00:09 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "9" * 400, "3, 4", "1.5",
)  # fmt: skip
STATUSES = (
    201, 202, 203, 204, 205, 206, 207, 226, 299, 300, 301, 302, 303, 304, 305, 307, 308, 400, 401,
    402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422,
    423, 424, 425, 426, 428, 429, 431, 444, 451, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508,
    510, 511, 520, 521, 522, 523, 524, 525, 526, 530, 599,
)  # fmt: skip
BREAKS: tuple[Callable[[httpx.Request], Exception], ...] = (
    lambda request: httpx.ConnectError("refused", request=request),
    lambda request: httpx.ConnectTimeout("too slow", request=request),
    lambda request: httpx.PoolTimeout("none free", request=request),
    lambda request: httpx.ReadError("reset\x1b[2J\nby peer", request=request),
    lambda request: httpx.ReadTimeout("", request=request),
    lambda request: httpx.WriteError("broken pipe", request=request),
    lambda request: httpx.WriteTimeout("", request=request),
    lambda request: httpx.CloseError("", request=request),
    lambda request: httpx.RemoteProtocolError("peer closed", request=request),
    lambda request: httpx.LocalProtocolError("illegal header", request=request),
    lambda request: httpx.ProxyError("no proxy", request=request),
    lambda request: httpx.DecodingError("bad gzip", request=request),
)


@dataclass(frozen=True)
class Fault:
    """What is done to an answer. `name` says it; `make` does it to the valid document."""

    name: str
    make: Callable[[httpx.Request, Any], httpx.Response]


def fault(seed: int) -> Fault:
    """Return the fault of this seed: two of three are torn documents, the rest the line's."""
    chance = random.Random(seed)
    if seed % 3:
        return _torn(chance)
    return chance.choice((_status, _body, _line, _cut))(chance)


def places(document: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document, each before those within it."""
    found: list[tuple[Any, Any]] = []
    waiting = [iter([(None, None, document)])]
    while waiting:
        one = next(waiting[-1], None)
        if one is None:
            waiting.pop()
            continue
        container, key, value = one
        if container is not None:
            found.append((container, key))
        if isinstance(value, dict):
            waiting.append(iter([(value, name, inner) for name, inner in value.items()]))
        elif isinstance(value, list):
            waiting.append(iter([(value, at, inner) for at, inner in enumerate(value)]))
    return found


def _deep() -> Any:
    value: Any = "the bottom"
    for _ in range(DEEP):
        value = [value]
    return value


ODD: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("null", lambda old: None),
    ("a text", lambda old: "wrong"),
    ("an empty text", lambda old: ""),
    ("a number", lambda old: 7),
    ("a huge number", lambda old: 10**30),
    ("minus a huge number", lambda old: -(10**30)),
    ("a negative time", lambda old: -1),
    ("the year 9999", lambda old: 253_402_300_799_000),
    ("a fraction", lambda old: 0.5),
    ("true", lambda old: True),
    ("a list", lambda old: [old]),
    ("an empty list", lambda old: []),
    ("an object", lambda old: {"value": old}),
    ("an empty object", lambda old: {}),
    ("lone surrogates", lambda old: "\ud800x\udfff"),
    ("controls", lambda old: "\x1b]0;owned\x07\x9b2J\u202e\u2066\n\r\0"),
    ("a long text", lambda old: "long " * 20_000),
    ("a deep one", lambda old: _deep()),
    ("twice itself", lambda old: [old, old]),
)


def _torn(chance: random.Random) -> Fault:
    """Something in the document is missing, doubled, or of another kind."""
    times = chance.choice((1, 1, 1, 2, 5))
    picks = [(chance.random(), chance.random(), chance.choice(ODD)) for _ in range(times)]
    names = ", ".join(name if how > 0.2 else "missing" for _, how, (name, _) in picks)

    def make(request: httpx.Request, document: Any) -> httpx.Response:
        torn = copy.deepcopy(document)
        for where, how, (_, odd) in picks:
            found = places(torn)
            if not found:
                torn = odd(torn)
                continue
            container, key = found[int(where * len(found))]
            if how < 0.2:
                del container[key]
            elif how < 0.3 and isinstance(container, list):
                container.append(copy.deepcopy(container[key]))
            else:
                container[key] = odd(container[key])
        return httpx.Response(200, content=json.dumps(torn).encode())

    return Fault(f"torn: {names}", make)


def _status(chance: random.Random) -> Fault:
    status, wait = chance.choice(STATUSES), chance.choice(WAITS)
    headers = chance.choice(({}, {"retry-after": wait}, {"location": "https://evil.test/\x1b"}))
    bodies: tuple[Any, ...] = (
        b"", b"<html><h1>Bad gateway\x1b[2J</h1></html>", b'{"errcode": "M_LIMIT_EXCEEDED"}',
        json.dumps({"retry_after_ms": chance.choice((5, -5, 1e300, None, "x", [], {}))}).encode(),
        b'{"error": {"deep": ["\\u001b"]}}', b'{"errors": []}',
        b'{"error": "line\\none\\u001b[2J"}',
    )  # fmt: skip
    content = chance.choice(bodies)

    def make(request: httpx.Request, document: Any) -> httpx.Response:
        return httpx.Response(status, headers=headers, content=content)

    return Fault(f"status {status} {headers} {content[:20]!r}", make)


def _body(chance: random.Random) -> Fault:
    """The answer is not the document, or is it in another dress."""
    kinds: dict[str, Callable[[bytes], tuple[bytes, dict[str, str]]]] = {
        "empty": lambda good: (b"", {}),
        "blank": lambda good: (b" \n ", {}),
        "html": lambda good: (b"<!doctype html><p>login", {"content-type": "text/html"}),
        "cut": lambda good: (good[: chance.randrange(len(good) or 1)], {}),
        "doubled": lambda good: (good + good, {}),
        "not UTF-8": lambda good: (good.replace(b"e", b"\xff\xfe", 3), {}),
        "byte order mark": lambda good: (b"\xef\xbb\xbf" + good, {}),
        "UTF-16": lambda good: (good.decode("latin-1").encode("utf-16"), {}),
        "NaN": lambda good: (b'{"event_reports": NaN, "next_batch": NaN}', {}),
        "infinite": lambda good: (b'{"event_reports": [{"id": 1e999}], "total": -Infinity}', {}),
        "too deep": lambda good: (b"[" * 100_000, {}),
        "null": lambda good: (b"null", {}),
        "a number": lambda good: (b"7", {}),
        "a list": lambda good: (b"[]", {}),
        "wrong type": lambda good: (good, {"content-type": "image/png"}),
        "packed": lambda good: (gzip.compress(good), {"content-encoding": "gzip"}),
        "a packed bomb": lambda good: (
            gzip.compress(b" " * 10_000_000, 9), {"content-encoding": "gzip"}
        ),
        "packed, it says": lambda good: (good, {"content-encoding": "br, gzip"}),
    }  # fmt: skip
    name = chance.choice(sorted(kinds))

    def make(request: httpx.Request, document: Any) -> httpx.Response:
        content, headers = kinds[name](json.dumps(document).encode())
        return httpx.Response(200, headers=headers, stream=Plain(content))

    return Fault(f"body {name}", make)


def _line(chance: random.Random) -> Fault:
    broken = chance.choice(BREAKS)

    def make(request: httpx.Request, document: Any) -> httpx.Response:
        raise broken(request)

    return Fault("line", make)


def _cut(chance: random.Random) -> Fault:
    """The answer begins, and the line breaks, hangs or never ends."""
    share, broken, endless = chance.random(), chance.choice(BREAKS[3:]), chance.random() < 0.2

    def make(request: httpx.Request, document: Any) -> httpx.Response:
        content = json.dumps(document).encode()
        if endless:
            return httpx.Response(200, stream=Endless())
        cut = content[: int(share * len(content))]
        return httpx.Response(200, stream=Plain(cut, broken(request)))

    return Fault("endless" if endless else f"cut at {share:.0%}", make)


class Plain(httpx.AsyncByteStream):
    """A body as it is, in small chunks, and then an error."""

    def __init__(self, content: bytes, error: Exception | None = None) -> None:
        self._content = content
        self._error = error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self._content), 8192):
            yield self._content[at : at + 8192]
        if self._error is not None:
            raise self._error


class Endless(httpx.AsyncByteStream):
    """A body that goes on for 50 MB; `read` is how much of it was asked for."""

    read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(50):
            Endless.read += 1024 * 1024
            yield b"x" * 1024 * 1024
