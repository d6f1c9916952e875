"""Far ends of ours on loopback: certificates made on the spot, and servers that note every byte."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self, path: Path, *, key: bool = False) -> Path:
        """Write it to `path`, with its key for a server."""
        text = self.certificate.public_bytes(serialization.Encoding.PEM)
        if key:
            text += self.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        path.write_bytes(text)
        return path


def made(
    name: str = "127.0.0.1",
    by: Pair | None = None,
    *,
    age: int = 1,
    life: int = 30,
    ca: bool = False,
) -> Pair:
    """Return a certificate for `name` that is `age` days old and lives `life` days; signed by
    itself where `by` is not given."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"modtui test {name}")])
    try:
        host: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        host = x509.DNSName(name)
    begin = datetime.datetime.now(datetime.UTC) - age * DAY
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + life * DAY)
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    return Pair(builder.sign(by.key if by else key, hashes.SHA256()), key)


@dataclass
class Server:
    """A server on loopback that answers everything with `answer`. `seen` is what it was told;
    `raw` what came in before any decryption."""

    answer: bytes = OK
    context: ssl.SSLContext | None = None
    greeting: bytes = b""
    seen: list[bytes] = field(default_factory=list)
    port: int = 0
    connections: int = 0

    @property
    def told(self) -> bytes:
        return b"".join(self.seen)

    @contextlib.contextmanager
    def up(self) -> Iterator[Server]:
        """Listen until the end of the block."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port = listening.getsockname()[1]
            thread = threading.Thread(target=self._serve, args=(listening,), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                listening.shutdown(socket.SHUT_RDWR)
                thread.join(10)

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            with contextlib.suppress(OSError), line:
                line.settimeout(10)
                self._converse(line)

    def _converse(self, line: socket.socket) -> None:
        if self.context is not None:
            line = self.context.wrap_socket(line, server_side=True)
        with line:
            line.sendall(self.greeting)
            told = b""
            while b"\r\n\r\n" not in told and (part := line.recv(65536)):
                told += part
                self.seen.append(part)
            line.sendall(self.answer)
            # Closing before the rest is read would reset the connection under the answer.
            line.shutdown(socket.SHUT_WR)
            while part := line.recv(65536):
                self.seen.append(part)


def secure(pem: Path) -> ssl.SSLContext:
    """Return what a server with this certificate speaks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
