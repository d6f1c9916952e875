"""The people, places and small talk of the pretend community."""

from __future__ import annotations

from collections.abc import Mapping

from modtui.domain.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Scene:
    """What one flagged thread is about, in one language.

    `where` holds the first letters of the profiles it suits, its own first; `place` is a key of
    `PLACES`; `flags` bounds the number of reports; `mixed` are reasons a few gave instead.
    `hot` is a pile-on that goes on growing. `{amount}` and `{request}` are filled.
    """

    language: str
    reason: str
    place: str
    title: str
    text: str
    where: str = "fcs"
    flags: tuple[int, int] = (1, 3)
    mixed: tuple[str, ...] = ()
    chatter: tuple[tuple[str, str], ...] = ()
    answers: tuple[str, ...] = ()
    topic: str = ""
    hot: bool = False
    media: str = ""

    @property
    def by_rule(self) -> bool:
        """Whether a rule raised the flag and no person did."""
        return self.reason in {"question", "held"}


URGENT = frozenset({"self-harm", "threat", "doxxing", "minors"})

PLACES: Mapping[str, Mapping[str, str]] = {
    "forum": {
        "pay": "payments",
        "slots": "slots",
        "help": "help",
        "intro": "introductions",
        "talk": "chat",
    },
    "chat": {"pay": "#payments", "slots": "#slots", "help": "#help", "talk": "#general"},
    "social": {"pay": "mentions", "talk": "replies"},
}
ELSEWHERE = {"intro": "talk", "slots": "talk", "help": "pay"}

AUTHORS: Mapping[str, tuple[str, ...]] = {
    "en": ("lucky_jim", "night_owl", "dee_w", "harbour7", "mossy", "t_bone", "quiet_kate"),
    "ru": ("vasya_77", "anna_k", "spin_king", "oleg82", "petr_v", "fast_99", "marina_s", "lev_n"),
    "pl": ("kasia_new", "piotrek", "zosia_m", "wojtek88", "bartek_t", "ola_k", "janek"),
    "ka": ("nika_g", "tamuna", "gio_b", "lasha77", "mariam_k", "dato_v"),
    "kk": ("aidos", "dana_kz", "nurlan_b", "aigerim", "yerlan88", "saule_t"),
}
REPORTERS = (
    "anna_k", "mossy", "piotrek", "tamuna", "aidos", "dee_w", "lev_n", "zosia_m", "gio_b",
    "saule_t", "harbour7", "marina_s", "janek", "night_owl", "yerlan88", "t_bone", "ola_k",
    "dato_v",
)  # fmt: skip
STANDINGS = ("new here", "new here", "member", "regular")

ANSWERS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "Thanks, I did that. How long does it take now?",
        "OK, but that is what the last person told me as well.",
        "That worked, thank you!",
    ),
    "ru": (
        "Спасибо, сделал. А сколько теперь ждать?",
        "Мне это уже писали в прошлый раз, ничего не изменилось.",
        "Помогло, спасибо!",
    ),
    "pl": (
        "Dziękuję, zrobione. Ile to teraz potrwa?",
        "To samo pisał mi już ktoś wczoraj i nic się nie zmieniło.",
        "Działa, dzięki!",
    ),
    "ka": (
        "მადლობა, გავაკეთე. ახლა რამდენ ხანს დაველოდო?",
        "ეს უკვე მითხრეს და არაფერი შეცვლილა.",
        "გამოვიდა, დიდი მადლობა!",
    ),
    "kk": (
        "Рақмет, жасадым. Енді қанша күту керек?",
        "Маған мұны бұрын да айтқан, ештеңе өзгерген жоқ.",
        "Болды, көп рақмет!",
    ),
}
NUDGES: Mapping[str, tuple[str, ...]] = {
    "en": ("Is anybody there?", "Any news on this?", "Still waiting for an answer."),
    "ru": ("Есть кто живой?", "Ну что там по моему вопросу?", "Всё ещё жду ответа."),
    "pl": ("Czy ktoś tu jest?", "Są jakieś wieści?", "Wciąż czekam na odpowiedź."),
    "ka": ("არის ვინმე?", "არის რამე სიახლე?", "ისევ პასუხს ველოდები."),
    "kk": ("Біреу бар ма?", "Менің сұрағым не болды?", "Әлі жауап күтіп отырмын."),
}
HEAT: Mapping[str, tuple[str, ...]] = {
    "en": (
        "Same here, lost everything in an hour. Rigged.",
        "They delete honest posts, take screenshots!",
        "Refund us or we go to the regulator.",
        "Stop panicking, read the RTP page first.",
        "Still nothing from the mods, of course.",
    ),
    "ru": (
        "+1, жулики. Удаляют честные посты.",
        "У меня так же: ноль за двести спинов.",
        "Верните деньги, иначе пишем в надзор!",
        "Народ, давайте без криков. Ждём ответа про RTP.",
        "Скриншоты делайте, пока не снесли.",
    ),
    "pl": (
        "U mnie to samo, wszystko ustawione!",
        "Oddajcie pieniądze.",
        "Ludzie, spokojnie, poczekajmy na odpowiedź.",
        "Róbcie zrzuty, bo zaraz skasują.",
    ),
    "ka": (
        "ჩემთანაც იგივეა, მოტყუებაა!",
        "დაგვიბრუნეთ ფული.",
        "ნუ ყვირით, პასუხს დაველოდოთ.",
    ),
    "kk": (
        "Менде де солай, бәрі алдау!",
        "Ақшамызды қайтарыңдар.",
        "Сабыр етейік, жауабын күтейік.",
    ),
}
EDIT_MARK: Mapping[str, str] = {
    "en": "Edit: forgot to say, it is request {request}.",
    "ru": "Дополню: номер заявки {request}.",
    "pl": "Edycja: numer zgłoszenia to {request}.",
    "ka": "დამატება: განაცხადის ნომერია {request}.",
    "kk": "Толықтыру: өтініш нөмірі {request}.",
}
