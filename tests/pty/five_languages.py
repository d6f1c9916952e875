"""modtui on a pretend community of ours where each of five languages asks, or despairs.

`python -m tests.pty.five_languages` is `modtui` with the threads that PRETEND names, "asks" or
"despairs", in place of the demo's own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from modtui.connectors.demo import crowd, facts
from modtui.connectors.demo.content import Scene

ASKS = {
    "en": ("Withdrawal pending", "My withdrawal is pending for three days. When do I get it?"),
    "ru": ("Вывод завис", "Вывод завис, жду третий день. Когда придёт выплата?"),
    "pl": ("Kiedy dojdzie wypłata?", "Czekam na wypłatę już trzeci dzień. Czy to normalne?"),
    "ka": ("თანხის გატანა", "გუშინ მოვითხოვე თანხის გატანა და დღემდე არ მოსულა."),
    "kk": ("Ақша шығару", "Кеше ақша шығаруға өтініш бердім. Әлі түскен жоқ, қашан түседі?"),
}
"""Title and text of a question that `withdrawal-times` answers, by language."""
DESPAIRS = {
    "en": ("My last withdrawal", "My withdrawal is pending and I want to die."),
    "ru": ("Последний вывод", "Вывод завис, я больше не хочу жить."),
    "pl": ("Ostatnia wypłata", "Czekam na wypłatę i już nie chcę żyć."),
    "ka": ("ბოლო გატანა", "თანხის გატანა გაჩერდა და სიცოცხლე აღარ მინდა."),
    "kk": ("Соңғы шығару", "Ақша шығару тоқтады, өлгім келеді."),
}
"""The same in words that open the help route for self-harm: nobody flagged it for that."""
THREADS: Mapping[str, Mapping[str, tuple[str, str]]] = {"asks": ASKS, "despairs": DESPAIRS}


if __name__ == "__main__":
    from modtui.cli import main

    said = THREADS[os.environ["PRETEND"]]
    scenes = tuple(Scene(language, "question", "pay", *words) for language, words in said.items())
    facts.SCENES = crowd.SCENES = scenes
    main()
