import pytest
from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.language import guess


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Вывод висит третий день, поддержка молчит", "ru"),
        ("KYC второй раз?", "ru"),
        ("Лимитті қалай қоямын?", "kk"),
        ("Төлем қашан түседі?", "kk"),
        ("ლიმიტის შეცვლა", "ka"),
        ("KYC ბონუსის პირობები", "ka"),
        ("Jak zmienić e-mail?", "pl"),
        ("Gdzie jest regulamin", "pl"),
        ("Dlaczego wypłata", "pl"),
        ("How do I close my account", "en"),
        ("2FA code never arrives", "en"),
        ("FREE SPINS t.me/spins", "en"),
        ("Де мої гроші? Це ґвалт, їй-богу", None),
        ("12345 !!!", None),
        ("Lorem ipsum dolor", None),
        ("日本語", None),
        ("", None),
        ("https://пример.example/путь", None),
    ],
)
def test_the_letters_tell(text: str, language: str | None) -> None:
    assert guess(text) == language


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert guess(text) in {None, "ka", "kk", "ru", "pl", "en"}
