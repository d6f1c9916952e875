"""A user API key by approve-and-paste: for who moderates a forum and is no admin of it.

A pair of keys is made here. The forum shows the owner of the account what is asked for, makes a
key, and shows it encrypted for the pair; what is pasted is decrypted here. The private half never
leaves the process. Source: Discourse's user_api_keys_controller, version 4.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from modtui.connectors import Approval, Rejected
from modtui.connectors.http import origin_of
from modtui.domain.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SCOPES = "read,write"
_BITS = 2048
_INSTALL = "approving needs the package cryptography: pip install 'modtui[discourse]'"
_OTHER = "this is no answer to the address shown above: open that one, approve, paste what it shows"


class _Payload(msgspec.Struct):
    key: str
    nonce: str


def begin(url: str, fresh: Callable[[], str]) -> Approval:
    """Return what is to be approved at the forum `url`; `fresh` gives text that nobody guesses.

    Raises Rejected without the optional package.
    """
    try:
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    except ImportError as error:
        raise Rejected(_INSTALL) from error
    origin_of(url)
    pair = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    public = pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    nonce = fresh()
    asked = {
        "application_name": "modtui",
        "client_id": fresh(),
        "scopes": SCOPES,
        "nonce": nonce,
        "public_key": public.decode(),
    }
    address = f"{url.rstrip('/')}/user-api-key/new?{urlencode(asked)}"
    return Approval("user_api_key", address, lambda pasted: _opened(pair, nonce, pasted))


def _opened(pair: RSAPrivateKey, nonce: str, pasted: str) -> Secret:
    """Return the key in what the forum showed. Raises Rejected for anything else."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    try:
        sealed = base64.b64decode("".join(pasted.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Rejected(_OTHER) from error
    if len(sealed) < _BITS // 8:
        raise Rejected("a part of it is missing: copy all that the forum shows")
    try:
        payload = msgspec.json.decode(pair.decrypt(sealed, PKCS1v15()), type=_Payload)
    except (ValueError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Rejected(_OTHER) from error
    if not hmac.compare_digest(payload.nonce.encode(), nonce.encode()):
        raise Rejected(_OTHER)
    return Secret(payload.key)
