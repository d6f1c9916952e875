"""Real TLS on loopback: what is refused, in which words, and that nothing was sent."""

from __future__ import annotations

import ast
import asyncio
import os
import ssl
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import modtui
from modtui.connectors import ConnectorError, Environment, Rejected, Retryable, Unknown
from modtui.connectors.http import Http, Site
from modtui.connectors.knocking import knock
from modtui.connectors.smtp.connector import _greet, _Server
from modtui.connectors.smtp.connector import create as smtp
from modtui.domain.secret import Secret
from tests.connectors.farend import Pair, Server, made, secure

CANARY = "canary-4f1d9c77"
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def authority() -> Pair:
    return made("authority.test", ca=True)


def http(server: Server, ca_file: Path | None, host: str = "127.0.0.1") -> Http:
    return Http(
        Site(
            url=f"https://{host}:{server.port}",
            now=lambda: NOW,
            sleep=asyncio.sleep,
            credentials={"Authorization": ("Bearer ", Secret(CANARY))},
            ca_file=str(ca_file) if ca_file else None,
        )
    )


async def ask(server: Server, ca_file: Path | None, **more: str) -> Any:
    client = http(server, ca_file, **more)
    try:
        return await client.get("/x")
    finally:
        await client.aclose()


async def test_a_private_authority_is_trusted_where_ca_file_names_it(
    tmp_path: Path, authority: Pair
) -> None:
    context = secure(made(by=authority).pem(tmp_path / "server.pem", key=True))
    with Server(context=context).up() as server:
        assert await ask(server, authority.pem(tmp_path / "ca.pem")) == {}
    assert f"Authorization: Bearer {CANARY}".encode() in server.told


async def test_a_self_signed_certificate_is_trusted_where_ca_file_is_that_certificate(
    tmp_path: Path,
) -> None:
    own = made()
    with Server(context=secure(own.pem(tmp_path / "server.pem", key=True))).up() as server:
        assert await ask(server, own.pem(tmp_path / "ca.pem")) == {}


FLAWS: list[tuple[str, Callable[[Pair], Pair], bool, str]] = [
    ("expired", lambda by: made(by=by, age=40, life=30), True, "has expired"),
    ("too early", lambda by: made(by=by, age=-3), True, "is not valid yet"),
    ("another host", lambda by: made("other.test", by), True, "is for another "),
    ("self-signed", lambda by: made(), False, "is self-signed: if it is yours, name it as the"),
    ("unknown authority", lambda by: made(by=by), False, "an authority that is not known here"),
    ("another authority", lambda by: made(by=made("x", ca=True)), True, "an authority that is not"),
]


@pytest.mark.parametrize(("how", "make", "named", "words"), FLAWS, ids=[f[0] for f in FLAWS])
async def test_a_bad_certificate_is_refused_in_one_line_and_nothing_is_sent(
    tmp_path: Path, authority: Pair, how: str, make: Callable[[Pair], Pair], named: bool, words: str
) -> None:
    context = secure(make(authority).pem(tmp_path / "server.pem", key=True))
    ca_file = authority.pem(tmp_path / "ca.pem") if named else None
    with Server(context=context).up() as server:
        with pytest.raises(Retryable) as told:
            await ask(server, ca_file)
        with pytest.raises(ConnectorError) as of_write:
            await http(server, ca_file).write("POST", "/x", {})
    assert str(told.value).startswith("the certificate of 127.0.0.1 ")
    assert words in str(told.value)
    assert str(told.value).endswith("; nothing was sent")
    assert "\n" not in str(told.value)
    # It is sure that nothing was executed, so the delivery can be tried again.
    assert isinstance(of_write.value, Retryable)
    assert (server.connections, server.told) == (2, b"")


async def test_a_certificate_for_an_address_is_not_one_for_a_name(
    tmp_path: Path, authority: Pair
) -> None:
    context = secure(made("127.0.0.1", authority).pem(tmp_path / "server.pem", key=True))
    told = pytest.raises(Retryable, match="certificate of localhost is for another host")
    with Server(context=context).up() as server, told:
        await ask(server, authority.pem(tmp_path / "ca.pem"), host="localhost")
    assert server.told == b""


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_an_old_tls_is_refused(
    tmp_path: Path, authority: Pair, version: ssl.TLSVersion
) -> None:
    context = secure(made(by=authority).pem(tmp_path / "server.pem", key=True))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = version
    told = pytest.raises(Retryable, match=r"speaks only a TLS older than 1\.2, which is refused")
    with Server(context=context).up() as server, told:
        await ask(server, authority.pem(tmp_path / "ca.pem"))
    assert server.told == b""


async def test_a_port_that_speaks_no_tls_gets_nothing(tmp_path: Path) -> None:
    with Server().up() as server, pytest.raises(Retryable, match="cannot reach https://127"):
        await ask(server, None)
    assert CANARY.encode() not in server.told


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("flawed", [False, True])
async def test_mail_is_held_to_the_same(
    tmp_path: Path, authority: Pair, security: str, flawed: bool
) -> None:
    pair = made(by=authority, age=40) if flawed else made(by=authority)
    context = secure(pair.pem(tmp_path / "server.pem", key=True))
    hello = b"220 ours\r\n"
    server = (
        Server(context=context, greeting=hello, answer=b"")
        if security == "tls"
        else StartTls(context=context)
    )
    with server.up():
        settings = {
            "host": "127.0.0.1", "port": server.port, "security": security, "from": "m@x.test",
            "username": "mod", "ca_file": str(authority.pem(tmp_path / "ca.pem")),
        }  # fmt: skip
        secrets = {"password": Secret(CANARY)}
        connector = smtp(Environment("mail", settings, secrets, lambda: NOW, asyncio.sleep))
        with pytest.raises((Retryable, Unknown)) as told:
            await connector.identity()
    if flawed:
        assert "the certificate of 127.0.0.1 has expired" in str(told.value)
        assert server.told == b""
    else:
        assert "certificate" not in str(told.value)
        assert server.told.lower().startswith(b"ehlo")


class StartTls(Server):
    """A mail server of ours that offers STARTTLS and hangs up behind it."""

    def _converse(self, line: Any) -> None:
        line.sendall(b"220 ours\r\n")
        line.recv(1000)
        line.sendall(b"250-ours\r\n250 STARTTLS\r\n")
        line.recv(1000)
        line.sendall(b"220 go on\r\n")
        assert self.context is not None
        with self.context.wrap_socket(line, server_side=True) as inner:
            self.seen.append(inner.recv(1000))


def test_a_mail_password_does_not_travel_in_the_clear() -> None:
    server = _Server("mail.test", 25, "none", "mod", Secret(CANARY), None)
    with pytest.raises(ConnectorError, match="would get the password in the clear"):
        _greet(None, server, None)  # type: ignore[arg-type]


KEYS = """
import asyncio, os, sys
from tests.connectors.test_tls import http, Server
from pathlib import Path
server = Server(port=int(sys.argv[1]))
async def main():
    client = http(server, Path(sys.argv[2]))
    print(await client.get("/x"))
    await client.aclose()
asyncio.run(main())
"""


async def test_the_environment_neither_adds_an_authority_nor_takes_the_keys(
    tmp_path: Path, authority: Pair
) -> None:
    log, ca = tmp_path / "keys.log", authority.pem(tmp_path / "ca.pem")
    context = secure(made(by=authority).pem(tmp_path / "server.pem", key=True))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login nosy password netrc-canary\n")
    netrc.chmod(0o600)
    environ = {
        **os.environ, "PYTHONPATH": str(ROOT), "SSLKEYLOGFILE": str(log), "NETRC": str(netrc),
        "HTTPX_LOG_LEVEL": "TRACE", "ALL_PROXY": "http://127.0.0.1:1",
    }  # fmt: skip
    with Server(context=context).up() as server:
        done = subprocess.run(
            [sys.executable, "-c", KEYS, str(server.port), str(ca)], env=environ, timeout=60,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.stdout, done.stderr, done.returncode) == ("{}\n", "", 0)
        assert not log.exists()
        assert b"Basic" not in server.told
        assert server.told.count(b"Authorization") == 1
        environ |= {"SSL_CERT_FILE": str(ca), "SSL_CERT_DIR": str(tmp_path)}
        import certifi

        untrusting = subprocess.run(
            [sys.executable, "-c", KEYS, str(server.port), certifi.where()], env=environ,
            timeout=60, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert untrusting.returncode == 1
    assert "an authority that is not known here" in untrusting.stderr


class Tunnel(Server):
    """A proxy of ours: it grants one CONNECT and passes on what goes through, noting it."""

    def _converse(self, line: Any) -> None:
        import socket
        import threading

        asked = line.recv(65536)
        self.seen.append(asked)
        host, _, port = asked.split()[1].decode().rpartition(":")
        with socket.create_connection((host, int(port))) as far:
            line.sendall(b"HTTP/1.1 200 go on\r\n\r\n")

            def back() -> None:
                while part := far.recv(65536):
                    line.sendall(part)
                line.shutdown(socket.SHUT_WR)

            thread = threading.Thread(target=back, daemon=True)
            thread.start()
            while part := line.recv(65536):
                self.seen.append(part)
                far.sendall(part)
            thread.join(10)


async def test_a_proxy_tunnels_and_sees_neither_path_nor_secret(
    tmp_path: Path, authority: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = secure(made(by=authority).pem(tmp_path / "server.pem", key=True))
    ca = authority.pem(tmp_path / "ca.pem")
    with Server(context=context).up() as server, Tunnel().up() as tunnel:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{tunnel.port}")
        monkeypatch.setenv("NO_PROXY", "")
        assert await ask(server, ca) == {}
        assert tunnel.told.startswith(f"CONNECT 127.0.0.1:{server.port} ".encode())
        for hidden in (CANARY.encode(), b"Authorization", b"GET /x"):
            assert hidden in server.told
            assert hidden not in tunnel.told
        before = tunnel.connections
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert await ask(server, ca) == {}
        assert tunnel.connections == before


@pytest.mark.parametrize(
    "proxy",
    [
        "socks5://user:pr0xy-pass@127.0.0.1:1",
        "http://user:pr0xy#pass@127.0.0.1:1",
        "http://user:pr0xy/pass@127.0.0.1:1",
        "http://user:pr0xy-pass@[::1",
        "http://user:pr0xy-pass@127.0.0.1:99999",
        "http://user:pr0xy-pass@127.0.0.1:pr0xy",
        "http://user:pr0xy-pass@",
        "http://user:pr0xy\x1b[2J@127.0.0.1:1",
    ],
)
async def test_a_proxy_that_is_no_address_is_refused_and_not_repeated(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "")
    origin = "https://forum.example"
    with pytest.raises(Rejected, match="HTTPS_PROXY is not an http") as told:
        Http(Site(origin, lambda: NOW, asyncio.sleep))
    with pytest.raises(Rejected, match="HTTPS_PROXY is not an http") as knocked:
        await knock(origin)
    for error in (told.value, knocked.value):
        assert "pr0xy" not in "".join(traceback.format_exception(error))


PROXIED = """
import asyncio, sys
from datetime import UTC, datetime
from modtui.connectors import ConnectorError
from modtui.connectors.http import Http, Site
async def main():
    now = lambda: datetime.now(UTC)
    site = Site("https://far.example", now, asyncio.sleep, ca_file=sys.argv[1])
    client = Http(site)
    try:
        await client.get("/x")
    except ConnectorError as error:
        print(error)
    await client.aclose()
asyncio.run(main())
"""


async def test_a_proxy_that_is_spoken_to_by_tls_is_held_to_the_same(
    tmp_path: Path, authority: Pair
) -> None:
    log, ca = tmp_path / "keys.log", authority.pem(tmp_path / "ca.pem")
    context = secure(made(by=authority).pem(tmp_path / "server.pem", key=True))
    refusal = b"HTTP/1.1 407 who are you\r\nContent-Length: 0\r\n\r\n"
    import certifi

    with Server(context=context, answer=refusal).up() as proxy:
        environ = {
            **os.environ, "PYTHONPATH": str(ROOT), "SSLKEYLOGFILE": str(log), "NO_PROXY": "",
            "HTTPS_PROXY": f"https://mod:pr0xy-pass@127.0.0.1:{proxy.port}",
            "SSL_CERT_FILE": str(ca),
        }  # fmt: skip

        def told(ca_file: str) -> str:
            argv = [sys.executable, "-c", PROXIED, ca_file]
            return subprocess.run(
                argv, env=environ, timeout=60, capture_output=True, text=True, check=True
            ).stdout

        refused = told(certifi.where())
        assert refused.startswith("the certificate of the proxy 127.0.0.1 comes from an authority")
        assert "that is not known here" in refused
        assert b"CONNECT" not in proxy.told
        assert "407" in told(str(ca))
        assert b"CONNECT far.example:443" in proxy.told
    assert not log.exists()


SWITCHES = {
    "CERT_NONE", "CERT_OPTIONAL", "_create_unverified_context", "_create_stdlib_context",
    "create_default_context", "verify_mode", "check_hostname", "keylog_filename",
}  # fmt: skip


def test_nothing_in_the_program_switches_the_check_off() -> None:
    looked = 0
    for path in Path(modtui.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            looked += 1
            if isinstance(node, ast.keyword) and node.arg == "verify":
                assert not isinstance(node.value, ast.Constant), f"{path}:{node.value.lineno}"
            named = getattr(node, "attr", None) or getattr(node, "id", None)
            assert named not in SWITCHES, path
    assert looked > 100_000
