"""Which far ends are trusted, and how it is said when one is not.

Nothing here listens to SSL_CERT_FILE, SSL_CERT_DIR or SSLKEYLOGFILE: an account's `ca_file` is the
only knob, and the keys of a session are written nowhere.
"""

from __future__ import annotations

import ssl
from functools import cache
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import certifi

from modtui.connectors import Rejected
from modtui.domain.text import clean_line

# The numbers of OpenSSL's X509_V_ERR_*, which the ssl module hands on as `verify_code`.
_FLAWS = {
    9: "is not valid yet: is this machine's clock right?",
    10: "has expired: whoever runs it must renew it (or this machine's clock is wrong)",
    18: "is self-signed: if it is yours, name it as the account's ca_file",
    19: "comes from an authority that nobody vouches for: if it is yours, name it as ca_file",
    20: "comes from an authority that is not known here: if it is yours, name it as ca_file",
    62: "is for another host",
    64: "is for another address",
}
_NO_PROXY = (
    "HTTPS_PROXY is not an http:// or https:// address, and no other can be used"
    " (characters such as # and / of a password are written as %23 and %2F)"
)
_OLD = ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "VERSION_TOO_LOW", "WRONG_SSL_VERSION")


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Return what checks a server: host name and chain, TLS 1.2 or newer, against the authorities
    in `ca_file` or, without one, Mozilla's. Raises Rejected for a file that cannot be used."""
    # Not ssl.create_default_context, which writes the keys to SSLKEYLOGFILE.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cafile=ca_file or certifi.where())
    except (OSError, ssl.SSLError) as error:
        why = getattr(error, "strerror", None) or "it holds no certificate"
        raise Rejected(f"ca_file {ca_file} cannot be used: {clean_line(str(why))}") from error
    return context


class _OfProxy(ssl.SSLObject):
    """The near end of TLS with a proxy: an error of it says whose it is."""

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except ssl.SSLWantReadError:
            raise
        except ssl.SSLError as error:
            error.add_note(f"the proxy {self.server_hostname}")
            raise


def proxy_context(ca_file: str | None) -> ssl.SSLContext:
    """Return `tls_context` for the way to a proxy: `flaw` tells it from the far end."""
    context = tls_context(ca_file)
    context.sslobject_class = _OfProxy
    return context


def context_for(origin: str, ca_file: str | None) -> ssl.SSLContext:
    """Return `tls_context`; for http one that trusts nobody and is never used, as loading the
    authorities takes 30 ms."""
    return _nobody() if origin.startswith("http:") else tls_context(ca_file)


@cache
def _nobody() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def flaw(error: BaseException, host: str) -> str:
    """Return what was wrong with the TLS of `host`, or of the proxy on the way to it, as one line;
    "" for any other error."""
    at: BaseException | None = error
    while at is not None and not isinstance(at, ssl.SSLError):
        at = at.__cause__ or at.__context__
    host = next(iter(getattr(at, "__notes__", ())), host)
    if isinstance(at, ssl.SSLCertVerificationError):
        what = _FLAWS.get(at.verify_code, f"is refused: {clean_line(at.verify_message)}")
        return f"the certificate of {host} {what}; nothing was sent"
    if isinstance(at, ssl.SSLError) and any(word in (at.reason or "") for word in _OLD):
        return f"{host} speaks only a TLS older than 1.2, which is refused; nothing was sent"
    return ""


def proxy_for(origin: str) -> str | None:
    """Return the proxy that HTTPS_PROXY and NO_PROXY name for an https origin, or None. Raises
    Rejected for one that is no http(s) address, and does not repeat it: a password may be in it.

    It is asked for a tunnel and sees the host's name, nothing else. For http there is none: what
    goes to this machine would leave it in the clear.
    """
    parts = urlsplit(origin)
    if parts.scheme != "https":
        return None
    if proxy_bypass(parts.netloc):
        return None
    proxy = getproxies_environment().get("https") or None
    if proxy and not (proxy.isprintable() and _is_address(proxy)):
        raise Rejected(_NO_PROXY)
    return proxy


def _is_address(proxy: str) -> bool:
    """Return whether the HTTP client would take it; its own error quotes a part of it."""
    try:
        parts = urlsplit(proxy)
        host = (parts.hostname or "").encode("idna")
        # Where a password has a # or a / in it, the rest of it is no port.
        return parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        return False
