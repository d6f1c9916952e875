"""The stand-in for Synapse, ours, behind a real port: it says the token back in every refusal."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from tests.connectors.fakesynapse import FakeSynapse, message, report


@dataclass
class Echo(FakeSynapse):
    """`refusing`: the status of every answer, with the credentials in it; 0: none is refused but
    what is sent into a room."""

    refusing: int = 0
    url: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def answered(self, request: httpx.Request) -> httpx.Response:
        said = request.headers.get("authorization", "nothing")
        sends = request.method == "PUT" and "/send/" in str(request.url)
        if self.refusing or sends:
            told = f"no such thing: {said} at {request.url}?access_token={said.split()[-1]}"
            body = {"errcode": "M_FORBIDDEN", "error": told}
            return httpx.Response(self.refusing or 403, json=body, headers={"X-Echo": said})
        if request.url.path.endswith("/sync") and self.asked("GET .*/sync$"):
            self.over.wait(10)
        return self._handle(request)


@contextmanager
def listening(token: str) -> Iterator[Echo]:
    """Listen on loopback; one post of the community has the token in it."""
    # Now, by the clock of the program under test: what is older than a week it puts aside.
    now = int(time.time() * 1000)
    words = {"$e1": "you are rude", "$e2": f"look: {token} was shown to me"}
    synapse = Echo(
        reports=[report(n, f"$e{n}", received_ts=now - 300_000) for n in (1, 2)],
        events={e: message(text, origin_server_ts=now - 600_000) for e, text in words.items()},
    )

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = httpx.Request(
                self.command,
                f"{synapse.url}{self.path}",
                headers=dict(self.headers),
                content=content,
            )
            response = synapse.answered(request)
            self.send_response(response.status_code)
            for name, value in response.headers.items():
                self.send_header(name, value)
            # Who asked may have gone meanwhile.
            with suppress(OSError):
                self.end_headers()
                self.wfile.write(response.content)

        do_GET = do_POST = do_PUT = answer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    synapse.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield synapse
    finally:
        synapse.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
