"""What happens in the pretend community: hand-written threads, in the order they open a queue."""

from __future__ import annotations

from modtui.connectors.demo.content import Scene

SCENES: tuple[Scene, ...] = (
    Scene(
        "ka", "self-harm", "help", "აღარ შემიძლია",
        "ყველაფერი წავაგე და აღარ მინდა სიცოცხლე. ბოდიში ყველას, ვინც მიცნობდა.",
        where="f", flags=(2, 2),
        chatter=(("tamuna", "გთხოვ, მომწერე. მარტო ნუ დარჩები, რამე დავწეროთ ერთად."),),
        answers=("მადლობა, რომ მიპასუხეთ. ძალიან მძიმედ ვარ.",),
    ),
    Scene(
        "en", "self-harm", "talk", "I don't see the point any more",
        "Lost the rent again last night. I don't want to be here any more. Sorry to everybody.",
        where="s", flags=(2, 4),
        chatter=(("mossy", "Please stay and talk to us. Can somebody from the team look here?"),),
        answers=("Thank you for answering. I am with my sister now.",),
    ),
    Scene(
        "ru", "question", "pay", "Вывод висит третий день",
        "Вывод висит третий день, поддержка молчит. Сумма {amount}, заявка {request}. Это вообще "
        "нормально? Если до вечера не придёт, пишу везде.",
        where="f", mixed=("off-topic",),
        chatter=(("anna_k", "У меня так же было, через два дня пришло."),),
        answers=("Номер заявки я же написал: {request}. Когда придёт?", "Пришло, спасибо."),
        media="image 1280×720, no text",
    ),
    Scene(
        "ru", "insult", "slots", "«Всё подкручено!!»",
        "Всё подкручено!! Вчера 200 спинов и ноль. Админы, верните деньги!",
        where="f", flags=(22, 60), mixed=("spam", "off-topic"), topic="rigged", hot=True,
        chatter=(("oleg82", "+1, жулики. Удаляют честные посты."),
                 ("anna_k", "Народ, давайте без угроз. Вопрос про RTP задали, ждём ответа.")),
    ),
    Scene(
        "pl", "insult", "slots", "„Ustawione!!”",
        "Ustawione!! Dwie godziny i ani jednego bonusu. Oddajcie pieniądze, złodzieje!",
        where="c", flags=(18, 45), mixed=("spam",), topic="rigged", hot=True,
        chatter=(("zosia_m", "Ludzie, spokojnie, moderatorzy już to czytają."),),
    ),
    Scene(
        "en", "insult", "talk", "“Rigged!!”",
        "Two hundred spins and nothing. This site is RIGGED and the mods are in on it!!",
        where="s", flags=(18, 40), mixed=("spam",), topic="rigged", hot=True,
        chatter=(("t_bone", "Same. Screenshot everything before they delete it."),),
    ),
    Scene(
        "ru", "threat", "slots", "Re: «Всё подкручено!!»",
        "Знаю, где живёт их модератор, могу скинуть адрес. Пусть отвечает лично.",
        where="f", flags=(5, 9), mixed=("doxxing",), topic="rigged",
    ),
    Scene(
        "en", "spam", "talk", "FREE SPINS t.me/lucky_drop",
        "FREE SPINS for the first 100 people!!! Click now: https://t.me/lucky_drop_example",
        where="cs", flags=(2, 5),
    ),
    Scene(
        "kk", "question", "help", "Лимитті қалай қоямын?",
        "Сәлеметсіз бе, апталық лимитті қалай қоюға болады? Баптаулардан таба алмадым.",
        where="fc",
        answers=("Рақмет, таптым. Ол бірден күшіне ене ме?",),
    ),
    Scene(
        "pl", "insult", "talk", "Re: kto pilnuje moderatorów",
        "Banda darmozjadów, śpicie w pracy czy po prostu nie umiecie czytać?",
        where="fs", flags=(2, 3),
        chatter=(("ola_k", "Można to napisać bez wyzwisk."),),
    ),
    Scene(
        "pl", "held", "intro", "Pierwszy post: cześć wszystkim",
        "Cześć, jestem tu nowa. Gdzie jest regulamin bonusów? Nie mogę go znaleźć.",
        where="f", answers=("Super, dziękuję za przyjęcie!",),
    ),
    Scene(
        "en", "gambling", "help", "How do I stop?",
        "That is my third payday gone in one night. I keep telling myself it is the last time. "
        "Can you block me for good?",
        where="fc", flags=(1, 2), answers=("Yes please, block it. Is that really for good?",),
    ),
    Scene(
        "ru", "gambling", "pay", "Не могу остановиться",
        "Снова слил всю зарплату. Удаляю приложение и через час ставлю обратно. Закройте мне счёт.",
        where="s", flags=(1, 2), answers=("Да, закройте навсегда. Спасибо.",),
    ),
    Scene(
        "en", "scam", "talk", "Winnings are waiting [@click=app.quit]collect[/]",
        "[bold red]You won![/] [@click=app.quit]Click here[/] \x1b]0;owned\x07\x1b[2J"
        "\x1b]52;c;cm0gLXJm\x07 or open https://аррӏе.example/pay \u202egnp.tpircs\u202c "
        "now\u200b\u200b",
        where="f", flags=(1, 4),
    ),
    Scene(
        "en", "scam", "talk", "Notice from the mods [@click=app.quit]read[/]",
        "\x1b[2J\x1b[1;1HNotice from the mods: your account is locked. "
        "\x1b]8;;https://аррӏе.example/\x07Log in here\x1b]8;;\x07 [@click=app.quit]now[/] "
        "\u2066or never\u2069\u200b",
        where="c", flags=(2, 4),
    ),
    Scene(
        "en", "spam", "talk", "You have been chosen [@click=app.quit]x[/]",
        "You have been chosen for 500 free spins\U000e0041\U000e0042 \x9b31mclick here\x9b0m "
        "[@click=app.quit]x[/] \x1b]0;root\x1b\\ z\u0335\u0336\u0337\u0338\u0321\u0322\u0327"
        "\u0328\u0334\u0335\u0336alg\u0334o",
        where="s", flags=(1, 3),
    ),
    Scene(
        "ka", "question", "help", "ლიმიტის შეცვლა",
        "გამარჯობა, როგორ შევცვალო დეპოზიტის ლიმიტი? პარამეტრებში ვერ ვპოულობ.",
        where="fc", answers=("ვიპოვე, მადლობა. როდის შევა ძალაში?",),
    ),
    Scene(
        "en", "question", "pay", "How do I close my account?",
        "I have asked twice in the chat and nobody answered. How do I close my account and get the "
        "remaining {amount} out?",
        where="sf",
    ),
    Scene(
        "kk", "question", "pay", "Төлем қашан түседі?",
        "Кеше {amount} теңге шығаруға өтініш бердім, нөмірі {request}. Әлі түскен жоқ. "
        "Қанша күтуім керек?",
        where="cs",
    ),
    Scene(
        "pl", "question", "pay", "Kiedy dojdzie wypłata?",
        "Wypłata {amount} zł, zgłoszenie {request}, czekam już trzeci dzień. Czy to normalne?",
        where="cs", chatter=(("wojtek88", "U mnie szło dwa dni, cierpliwości."),),
    ),
    Scene(
        "en", "threat", "talk", "DM me again and see",
        "Message me one more time and I will come to your house, I mean it.",
        where="c", flags=(2, 3),
    ),
    Scene(
        "ru", "question", "pay", "KYC второй раз?",
        "Просят документы второй раз за месяц. Паспорт тот же самый, что не так?",
        where="cs",
    ),
    Scene(
        "ka", "gambling", "pay", "თავს ვეღარ ვიკავებ",
        "ხელფასი ისევ ერთ ღამეში წავაგე. ვერ ვჩერდები, რა ვქნა? ოჯახმა არ იცის.",
        where="s", flags=(1, 2),
    ),
    Scene(
        "pl", "off-topic", "talk", "Memy tygodnia",
        "Wrzucam memy tygodnia, bo nikt inny tego nie robi. Kto da więcej?",
        where="fc",
    ),
    Scene(
        "kk", "spam", "talk", "Тегін спиндер",
        "Тегін 300 спин, тек бүгін! Жазылыңыз: t.me/tegin_spin_example",
        where="cs", flags=(1, 4),
    ),
    Scene(
        "ru", "spam", "talk", "Заработок без вложений",
        "Заработок без вложений от 5000 в день, пишите в личку, места заканчиваются!",
        where="fcs", flags=(2, 4),
    ),
    Scene(
        "en", "question", "help", "2FA code never arrives",
        "I have asked for the 2FA code five times and it never arrives. Is it only me?",
        where="fc", chatter=(("night_owl", "Check that your clock is right, that was it for me."),),
    ),
    Scene(
        "ru", "insult", "talk", "Re: Турнир выходного дня",
        "Кто составлял эту таблицу, тот считать не умеет. Позорище, а не турнир.",
        where="cf",
    ),
    Scene(
        "kk", "gambling", "help", "Тоқтай алмай жүрмін",
        "Жалақымды тағы да ойынға салып жібердім. Өзім тоқтай алмаймын, көмектесіңіздерші.",
        where="cf", flags=(1, 2),
    ),
    Scene(
        "ka", "off-topic", "talk", "ამინდი თბილისში",
        "დღეს თბილისში ისევ წვიმს. სად იმალებით ყველა?",
        where="cs",
    ),
    Scene(
        "pl", "question", "help", "Jak zmienić e-mail?",
        "Zgubiłem dostęp do starej skrzynki. Jak zmienić e-mail na koncie bez potwierdzenia?",
        where="cf",
    ),
    Scene(
        "en", "scam", "pay", "Support here, send the code",
        "Hello dear customer, this is SUPPORT, to unlock your withdrawal please send me the code "
        "you just got.",
        where="cs", flags=(2, 4),
    ),
    Scene(
        "ru", "question", "pay", "Вернули не всё",
        "По отменённой ставке вернули не всё: было {amount}, пришла половина. Заявка {request}.",
        where="f",
    ),
    Scene(
        "ka", "question", "pay", "როდის ჩაირიცხება თანხა?",
        "გუშინ მოვითხოვე {amount} ლარის გატანა და დღემდე არ მოსულა. რამდენ ხანს გრძელდება?",
        where="sf",
    ),
    Scene(
        "kk", "insult", "talk", "Әкімшілер ұйықтап жүр ме?",
        "Үш күн болды, бір жауап жоқ. Түкке тұрғысыз әкімшілер, жұмыстарың осы ма?",
        where="sf",
    ),
    Scene(
        "ka", "held", "intro", "პირველი პოსტი",
        "გამარჯობა ყველას, ახალი ვარ აქ. სად შემიძლია წესების ნახვა?",
        where="f",
    ),
    Scene(
        "kk", "held", "intro", "Танысып қояйық",
        "Сәлем, мен жаңадан келдім. Ережелерді қай жерден оқуға болады?",
        where="f",
    ),
    Scene(
        "en", "held", "intro", "First post, be nice",
        "Hi all, I have just joined. Is there a list of the games with the best RTP?",
        where="f",
    ),
    Scene(
        "ru", "question", "slots", "Где бонусная политика?",
        "Где посмотреть условия бонуса? Ссылка в письме не открывается.",
        where="fc",
    ),
    Scene(
        "en", "off-topic", "slots", "Who watched the match?",
        "Who watched the match last night? I can't believe that goal was not given.",
        where="cf",
    ),
    Scene(
        "pl", "spam", "slots", "Pewny system, 97% wygranych",
        "Sprzedam pewny system na sloty, 97% wygranych. Kontakt tylko na priv, dziś taniej!",
        where="fc", flags=(2, 4),
    ),
    Scene(
        "ka", "insult", "slots", "მოდერატორები გძინავთ?",
        "ერთი კვირაა ვწერ და არავინ პასუხობს. უსაქმურები ხართ, მეტი არაფერი.",
        where="cf",
    ),
    Scene(
        "pl", "gambling", "talk", "Znowu przegrałem wszystko",
        "Znowu przegrałem całą wypłatę i pożyczyłem od brata. Nie umiem przestać, co robić?",
        where="s", flags=(1, 2),
    ),
    Scene(
        "en", "question", "slots", "What does 96 % RTP really mean?",
        "If the RTP is 96 %, why did I get nothing back after 300 spins? Can somebody explain it?",
        where="fc", topic="rigged",
        answers=("So it is an average over millions of spins? That should be on the page.",),
    ),
    Scene(
        "ru", "question", "help", "Код из СМС не приходит",
        "Третий раз запрашиваю код, не приходит. Номер не менял, связь есть. Что делать?",
        where="sfc",
    ),
    Scene(
        "pl", "question", "slots", "Zamroziło mi grę w trakcie bonusu",
        "Gra stanęła w połowie darmowych spinów i po odświeżeniu bonus zniknął. "
        "Zgłoszenie {request}, co teraz?",
        where="cf",
    ),
    Scene(
        "ka", "question", "slots", "თამაში გაიჭედა",
        "თამაში გაიჭედა ბონუსის დროს და ფსონი დამეკარგა. განაცხადი {request}, ვინ უნდა ნახოს?",
        where="cf",
    ),
    Scene(
        "kk", "question", "slots", "Ойын тоқтап қалды",
        "Бонус кезінде ойын тоқтап қалды, ставкам жоғалды. Өтініш нөмірі {request}. Кім қарайды?",
        where="fc",
    ),
    Scene(
        "en", "question", "pay", "Double charge on my card",
        "My card was charged twice for the same deposit, {amount} each time. Request {request}.",
        where="cfs", answers=("The second one is still there this morning.",),
        media="image 1080×1920, bank statement",
    ),
    Scene(
        "ru", "spam", "pay", "Выведу деньги с любого счёта",
        "Застряли деньги? Выведу с любого счёта за 10 %, гарантия, пишите в телеграм.",
        where="sfc", flags=(2, 4),
    ),
    Scene(
        "pl", "scam", "pay", "Konsultant prosi o kod BLIK",
        "Napisał do mnie ktoś jako konsultant i prosi o kod BLIK. Podaję jego profil, uważajcie!",
        where="sf", flags=(2, 3),
    ),
    Scene(
        "ka", "spam", "talk", "უფასო სპინები",
        "უფასო 500 სპინი მხოლოდ დღეს! შემოდი ბმულზე და აიღე: https://spini-example.ge",
        where="scf", flags=(1, 4),
    ),
    Scene(
        "en", "insult", "help", "Re: 2FA code never arrives",
        "Try reading the instructions for once, genius. Even my cat can set up 2FA.",
        where="fc", flags=(1, 2),
    ),
    Scene(
        "ru", "off-topic", "slots", "Кто смотрел вчера хоккей?",
        "Кто смотрел вчера хоккей? Третий период просто огонь.",
        where="cf",
    ),
    Scene(
        "kk", "off-topic", "talk", "Алматыда ауа райы қалай?",
        "Алматыда бүгін тағы қар жауды. Сіздерде ауа райы қалай?",
        where="scf",
    ),
    Scene(
        "pl", "held", "intro", "Witam, pierwszy post",
        "Witam, długo czytałem, dziś się zarejestrowałem. Czy jest tu dział po polsku?",
        where="f",
    ),
    Scene(
        "ru", "held", "intro", "Всем привет, я новенький",
        "Всем привет! Подскажите, где прочитать правила турниров?",
        where="f",
    ),
    Scene(
        "en", "gambling", "talk", "Told my wife today",
        "I told my wife today about the money. Has anybody here really managed to stop?",
        where="sc", flags=(1, 2),
        chatter=(("harbour7", "Two years without it. It gets easier, write to me any time."),),
    ),
    Scene(
        "ru", "gambling", "help", "Заблокируйте меня, пожалуйста",
        "Заблокируйте меня, пожалуйста, сегодня же, пока я не передумал. Долги уже {amount}.",
        where="fc", flags=(1, 2), answers=("Да, на самый долгий срок. Спасибо вам.",),
    ),
    Scene(
        "pl", "threat", "talk", "Znajdę cię",
        "Wiem, na jakiej ulicy mieszkasz. Znajdę cię i inaczej pogadamy.",
        where="sf", flags=(2, 4),
    ),
    Scene(
        "kk", "minors", "talk", "16 жастағы інім ойнап жүр",
        "16 жастағы інім менің аккаунтыммен ойнап жүр. Қалай жабуға болады?",
        where="sc", flags=(1, 2),
    ),
    Scene(
        "en", "self-harm", "help", "Goodbye, this is my last post",
        "This is my last post. There is nothing left to win back and nobody to tell. Goodbye.",
        where="c", flags=(2, 4),
        chatter=(("dee_w", "Please don't go. Is there anybody near you right now?"),),
        answers=("I am still here. Thank you for writing to me.",),
    ),
    Scene(
        "pl", "off-topic", "slots", "Sprzedam konsolę",
        "Sprzedam konsolę z dwoma padami, stan bardzo dobry, tylko odbiór osobisty.",
        where="fc",
    ),
    Scene(
        "en", "minors", "help", "Verified with my brother's passport",
        "I am 15 and my brother lets me use his passport for the check. Will you ever notice?",
        where="f", flags=(1, 2),
    ),
    Scene(
        "ru", "doxxing", "talk", "Это он писал про бонусы",
        "Это он писал про бонусы, вот его телефон и место работы: [номер], [адрес]. Звоните.",
        where="s", flags=(3, 5),
    ),
)  # fmt: skip
