import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.language import guess
from modtui.domain.ngrams import KAZAKH_RUSSIAN, POLISH_ENGLISH, NGrams


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
        ("Где мои деньги", "ru"),
        ("Ақшам кайда", "kk"),
        ("Салем достар калайсыздар", "kk"),
        ("акшамды кашан аламын", "kk"),
        ("неге бугаттап койдыныздар", "kk"),
        ("когда придут деньги", "ru"),
        ("Wyplata stoi trzeci", "pl"),
        ("nie przyszly pieniadze", "pl"),
        ("spins never arrived", "en"),
        ("scam link", "en"),
        ("ok", None),
        ("mein Geld fehlt schön länger", None),
        ("2 + 2 = 4", None),
        ("日本語", None),
        ("", None),
        ("https://пример.example/путь", None),
    ],
)
def test_the_letters_tell(text: str, language: str | None) -> None:
    assert guess(text) == language


# Sentences in no file that the n-grams were counted in.
SAID = {
    "en": """
        The river froze early this winter and children skated until dark. My neighbour sold her
        bicycle yesterday because the brakes kept failing. We baked bread with walnuts and honey.
        Tickets for the evening train were already gone. He repairs old watches in a small shop.
        Nobody answered when I called the office on Tuesday. Fresh paint smells strange in summer.
        They promised a new bridge before autumn. Please bring warm socks and a torch.
    """,
    "pl": """
        Rzeka zamarzła wcześnie tej zimy i dzieci jeździły na łyżwach do zmroku. Sąsiadka sprzedała
        wczoraj rower, bo hamulce ciągle zawodziły. Upiekliśmy chleb z orzechami i miodem. Bilety na
        wieczorny pociąg już się skończyły. On naprawia stare zegarki w małym sklepie. Nikt nie
        odebrał telefonu, kiedy dzwoniłem do biura we wtorek. Świeża farba dziwnie pachnie latem.
        Obiecali nowy most przed jesienią. Proszę zabrać ciepłe skarpety i latarkę.
    """,
    "ru": """
        Река рано замёрзла этой зимой, и дети катались на коньках до темноты. Соседка вчера продала
        велосипед, потому что тормоза всё время отказывали. Мы испекли хлеб с орехами и мёдом.
        Билеты на вечерний поезд уже закончились. Он чинит старые часы в маленькой мастерской. Никто
        не ответил, когда я звонил в контору во вторник. Свежая краска странно пахнет летом. Они
        обещали новый мост до осени. Возьмите тёплые носки и фонарик.
    """,
    "kk": """
        Биыл қыста өзен ерте қатып, балалар қараңғы түскенше коньки тепті. Көршім кеше велосипедін
        сатып жіберді, өйткені тежегіші істемей қала берді. Біз жаңғақ пен бал қосып нан пісірдік.
        Кешкі пойызға билеттер бітіп қалыпты. Ол кішкентай шеберханада ескі сағаттарды жөндейді.
        Сейсенбіде кеңсеге қоңырау шалғанымда ешкім жауап бермеді. Олар күзге дейін жаңа көпір
        салуға уәде берді. Жылы шұлық пен қолшам алып келіңіз.
    """,
    "ka": """
        მდინარე ამ ზამთარს ადრე გაიყინა და ბავშვები დაბნელებამდე ციგურაობდნენ. მეზობელმა გუშინ
        ველოსიპედი გაყიდა. ჩვენ პური გამოვაცხვეთ ნიგვზითა და თაფლით. საღამოს მატარებლის ბილეთები
        უკვე აღარ იყო. ის პატარა სახელოსნოში ძველ საათებს აკეთებს. ახალ ხიდს შემოდგომამდე
        დაგვპირდნენ.
    """,
}


@pytest.mark.parametrize("language", SAID)
def test_three_words_are_enough(language: str) -> None:
    words = SAID[language].split()
    texts = [" ".join(words[at : at + 3]) for at in range(len(words) - 2)]
    right = sum(guess(text) == language for text in texts)
    assert right >= 0.95 * len(texts), [text for text in texts if guess(text) != language]


TYPED = {
    "kk": str.maketrans("қғңұүөәіһ", "кгнууоаих"),
    "pl": str.maketrans("ąćęłńóśźż", "acelnoszz"),
}


@pytest.mark.parametrize(
    ("language", "size"), [("pl", 3), *((one, size) for one in TYPED for size in (6, 12, 24))]
)
def test_a_language_typed_without_its_own_letters_is_known_however_long(
    language: str, size: int
) -> None:
    words = SAID[language].casefold().translate(TYPED[language]).split()
    texts = [" ".join(words[at : at + size]) for at in range(len(words) - size + 1)]
    right = sum(guess(text) == language for text in texts)
    assert right >= 0.95 * len(texts), [text for text in texts if guess(text) != language]


@pytest.mark.parametrize(("language", "least"), [("kk", 0.95), ("ru", 0.98)])
def test_three_words_of_news_tell_kazakh_typed_on_a_russian_keyboard_from_russian(
    language: str, least: float
) -> None:
    """On news of NTREX-128 (Federmann et al., 2022), in the folder that `MODTUI_FAQ_DATA` names."""
    data = os.environ.get("MODTUI_FAQ_DATA")
    if not data:
        pytest.skip("MODTUI_FAQ_DATA names no folder")
    rows = (Path(data) / f"ntrex-{language}" / "pool.jsonl").read_text("utf-8").splitlines()
    texts = []
    for row in rows:
        words = json.loads(row)["text"].casefold().translate(TYPED["kk"]).split()
        texts += [" ".join(words[at : at + 3]) for at in range(0, len(words) - 2, 3)]
    # Names in Latin letters and numbers say nothing of either.
    texts = [text for text in texts if sum("а" <= letter <= "я" for letter in text) > len(text) / 2]
    right = sum(guess(text) == language for text in texts)
    assert right >= least * len(texts), right / len(texts)


@pytest.mark.parametrize("text", ["How do I", "I know how", "to know if", "am I able", "I want to"])
def test_a_short_english_text_with_one_small_word_is_english(text: str) -> None:
    assert guess(text) == "en"


@pytest.mark.parametrize(
    "text",
    ["Келеси дуйсенбиде тис", "депрессия куйин устап", "ерте не кеш", "президент сенби куни"],
)
def test_a_short_kazakh_text_with_a_word_that_russian_has_too_is_kazakh(text: str) -> None:
    assert guess(text) == "kk"


def test_a_longer_text_that_says_little_in_latin_letters_stays_open() -> None:
    assert guess("zdravstvujte pochemu ya uzhe tretij den zhdu svoj vyvod i podderzhka") is None


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert guess(text) in {None, "ka", "kk", "ru", "pl", "en"}


@pytest.mark.parametrize("table", [KAZAKH_RUSSIAN, POLISH_ENGLISH])
@given(words=st.lists(st.text("теьчыңіaieszłwycthd", min_size=1, max_size=9), max_size=9))
def test_words_alone_say_what_the_ngrams_of_all_of_them_say(
    table: NGrams, words: list[str]
) -> None:
    said, get = f" {' '.join(words)} ", table.weights.get
    slices = [said[at : at + size] for size in (1, 2, 3) for at in range(len(said))]
    assert table.said_by(words) == sum(get(ngram, 0) for ngram in slices)
    assert table.said_by(words) == sum(get(ngram, 0) for ngram in slices)
