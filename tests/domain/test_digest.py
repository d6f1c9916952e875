"""The digest is SHA-256, whoever computes it."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.digest import sha256


@given(st.binary())
def test_it_is_that_of_openssl(data: bytes) -> None:
    assert sha256(data) == hashlib.sha256(data).hexdigest()
