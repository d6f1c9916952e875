"""A user API key by approve-and-paste: what is asked for, and what is taken for the answer."""

from __future__ import annotations

import base64
import json
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from modtui.connectors import Rejected
from modtui.connectors.discourse.approval import begin
from modtui.connectors.registry import KINDS

FORUM = "https://ours.test/forum"


def answer(address: str, **changes: object) -> str:
    """What the forum shows for an address that was approved, in lines as it writes them."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    public = load_pem_public_key(asked["public_key"].encode())
    assert isinstance(public, RSAPublicKey)
    payload = {"key": "a1b2", "nonce": asked["nonce"], "push": False, "api": 4, **changes}
    sealed = public.encrypt(json.dumps(payload).encode(), PKCS1v15())
    return base64.encodebytes(sealed).decode()


def test_the_address_asks_for_what_a_moderator_needs_and_has_no_secret_in_it() -> None:
    texts = iter(("nonce-1", "client-1"))
    approval = begin(f"{FORUM}/", lambda: next(texts))
    parts = urlsplit(approval.url)
    asked = parse_qs(parts.query)
    assert (parts.netloc, parts.path) == ("ours.test", "/forum/user-api-key/new")
    assert (asked["scopes"], asked["nonce"]) == (["read,write"], ["nonce-1"])
    assert "BEGIN PUBLIC KEY" in asked["public_key"][0]
    assert "PRIVATE" not in approval.url
    assert approval.field in {secret.name for secret in KINDS["discourse"].schema.secrets}


def test_the_answer_is_opened_here_however_it_was_wrapped() -> None:
    approval = begin(FORUM, lambda: "n")
    shown = answer(approval.url)
    assert "\n" in shown.strip()
    assert approval.take(shown).reveal() == "a1b2"
    assert approval.take(f"  {shown.replace(chr(10), ' ')} ").reveal() == "a1b2"


def test_anything_else_is_refused_in_words_and_shows_nothing_of_it() -> None:
    approval = begin(FORUM, lambda: "ours")
    other = begin(FORUM, lambda: "ours")
    flawed = {
        "no answer": ("hello there!", answer(other.url), answer(approval.url, nonce="theirs"),
                      answer(approval.url, key=7), "\x1b]52;c;AAAA\x07"),
        "missing": (answer(approval.url)[:60], ""),
    }  # fmt: skip
    for words, texts in flawed.items():
        for text in texts:
            with pytest.raises(Rejected, match=words) as raised:
                approval.take(text)
            assert str(raised.value).isprintable()
            assert "a1b2" not in str(raised.value)


def test_without_the_optional_package_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    with pytest.raises(Rejected, match=r"pip install 'modtui\[discourse\]'"):
        begin(FORUM, lambda: "n")
