"""A known secret is taken out of text in whatever form it was written there."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.secret import MASK, SHORTEST, Redactor, Secret, for_children

VALUES = ["syt_canary_4f1d9c77", "p*ss!w(rd)/+=", "p&ss w<rd/ü\"\\'%+", "с7рого-секретно", "abcdef"]


@pytest.mark.parametrize("value", VALUES)
def test_every_way_of_writing_it_is_masked(value: str) -> None:
    redact = Redactor([Secret(value)])
    for written in (
        value,
        quote(value),
        quote(value, safe=""),
        quote(value, safe="").lower(),
        quote_plus(value),
        quote(value, safe="!'()*"),
        quote(value, safe="!'()*;,/?:@&=+$#"),
        quote(value, safe="!'()*;,:@&=+$"),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(value)[1:-1].replace("/", "\\/"),
        json.dumps(value)[1:-1]
        .replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace("'", "\\u0027"),
        repr(value)[1:-1],
        html.escape(value),
    ):
        assert redact(f"<{written}>") == f"<{MASK}>"
        # Beside bytes that are no text.
        assert redact.of_bytes(f"<{written}>".encode() + b"\xff") == b"<****>\xff"


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=10).filter(
        lambda text: text == text.strip()
    ),
    st.binary(max_size=7),
    st.binary(max_size=7),
    st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]),
)
def test_base64_gives_no_run_of_it_away(value, before, after, encode) -> None:  # type: ignore[no-untyped-def]
    packed = encode(before + value.encode() + after).decode()
    assert MASK in Redactor([Secret(value)])(packed)


def test_an_authorization_header_of_both_kinds_is_masked() -> None:
    secret = "syt_canary_4f1d9c77"
    basic = base64.b64encode(f"mod:{secret}".encode()).decode()
    shown = Redactor([Secret(secret)])(f"Authorization: Bearer {secret}; Basic {basic}")
    assert secret not in shown
    assert len(shown.rpartition("Basic ")[2]) < len(basic) / 2


def test_bytes_that_are_no_text_are_masked_as_well() -> None:
    value = b"caf\xe9-canary".decode("utf-8", "surrogateescape")
    redact = Redactor([Secret(value)])
    assert redact(f"<{value}> <{value!r}>") == f"<{MASK}> <'{MASK}'>"


def test_short_words_stay_and_several_secrets_are_known() -> None:
    redact = Redactor(
        [Secret("a" * (SHORTEST - 1)), Secret(""), Secret("secret"), Secret("secrets")]
    )
    assert redact("aaaaa secrets secret") == f"aaaaa {MASK} {MASK}"
    assert redact("nothing here") == "nothing here"
    assert "secret" not in repr(redact)


def test_children_get_no_secret_of_the_environment() -> None:
    environ = {"PATH": "/bin", "MODTUI_HOME": "/h", "MODTUI_FORUM_TOKEN": "x", "MODTUI_X": "y"}
    assert for_children(environ) == {"PATH": "/bin", "MODTUI_HOME": "/h"}
