"""Quick replies in foreign files: what goes out comes back, and what is broken is named."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.entries import parse
from modtui.domain.replies import Entry, ReplyError, Variant
from modtui.engine.library import Library
from modtui.exchange import (
    Found,
    Unreadable,
    canned,
    entries_of,
    library_file,
    markdown,
    slug,
    spreadsheet,
    table_of,
)
from modtui.exchange.placeholders import liquid, percent


def content(entry: Entry) -> object:
    """An entry without its place."""
    return table_of(entry)


def back(found: tuple[Found, ...]) -> list[object]:
    entries, problems = entries_of(found, "file", "en")
    assert problems == ()
    return [content(entry) for entry in entries]


def starter() -> tuple[Entry, ...]:
    return Library([]).entries()


def test_the_whole_starter_library_survives_each_format_of_ours() -> None:
    entries = starter()
    tables = [content(entry) for entry in entries]
    documents = tomllib.loads(library_file(entries))["reply"]
    assert [content(parse(table, "file")) for table in documents] == tables
    assert back(spreadsheet.read(spreadsheet.write(entries))) == tables


def test_a_short_entry_stands_in_tables_of_its_own_too() -> None:
    day = {"defaults": {"day": "Monday"}}
    table = {"id": "a", "tags": ["x"], "en": {"title": "A", "body": "On {day}.", **day}}
    text = library_file([parse(table, "file"), parse({**table, "id": "b"}, "file")])
    assert tomllib.loads(text) == {"reply": [table, {**table, "id": "b"}]}
    lines = [line for line in text.splitlines() if line.startswith("[")]
    assert lines == ["[[reply]]", "[reply.en]", "[reply.en.defaults]"] * 2
    assert library_file([]) == "reply = []\n"


def test_markdown_keeps_every_text_of_the_starter_library() -> None:
    entries = starter()

    def said(entry: Entry) -> object:
        texts = {v.language: (v.title, v.body) for v in entry.variants.values()}
        return entry.id, texts, entry.tags, entry.reasons, entry.keywords, entry.then

    again, problems = entries_of(markdown.read(markdown.write(entries)), "file", "en")
    assert problems == ()
    assert [said(entry) for entry in again] == [said(entry) for entry in entries]


LINE = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp"), exclude_characters="{}")
)
WORDS = LINE.map(str.strip).filter(bool)


@given(title=WORDS, lines=st.lists(LINE, min_size=1).filter(lambda x: any(y.strip() for y in x)))
def test_any_text_survives_a_table_and_a_library_file(title: str, lines: list[str]) -> None:
    table = {"id": "a", "en": {"title": title, "body": "\n".join(lines)}}
    try:
        entry = parse(table, "file")
    except ReplyError:
        return
    assert back(spreadsheet.read(spreadsheet.write([entry]))) == [content(entry)]
    [read] = tomllib.loads(library_file([entry]))["reply"]
    assert content(parse(read, "file")) == content(entry)


def test_examples_survive_a_table_and_a_library_file() -> None:
    asked = ("Where is my money; it left?", "Gdzie są pieniądze?")
    entry = Entry(
        "a", {"en": Variant("en", "T", "b"), "pl": Variant("pl", "T", "b")}, examples=asked
    )
    assert back(spreadsheet.read(spreadsheet.write([entry]))) == [content(entry)]
    [read] = tomllib.loads(library_file([entry]))["reply"]
    assert parse(read, "file").examples == asked


@given(st.lists(WORDS, max_size=4))
def test_any_tags_survive_a_table_and_a_page(tags: list[str]) -> None:
    entry = Entry("a", {"en": Variant("en", "T", "b")}, tuple(tags), then=("note asked; waits",))
    again, problems = entries_of(spreadsheet.read(spreadsheet.write([entry])), "file", "en")
    assert (problems, again[0].tags, again[0].then) == ((), entry.tags, entry.then)
    again, problems = entries_of(markdown.read(markdown.write([entry])), "file", "en")
    assert (problems, again[0].tags, again[0].then) == ((), entry.tags, entry.then)


def test_a_table_as_other_spreadsheets_write_it() -> None:
    for text in (
        'Title;Body;Tags\nFees;"None; at all";"a;b"\n',
        "title\tBODY\ttags\nFees\tNone; at all\ta;b\n",
    ):
        [found] = spreadsheet.read(text)
        assert (found.title, found.body, found.more) == (
            "Fees",
            "None; at all",
            {"tags": ["a", "b"]},
        )


def test_a_table_may_say_its_separator_above_and_use_bars() -> None:
    [found, other] = spreadsheet.read('sep=;\r\ntitle;body\r\nA;"a\r\nb"\r\nB;c\r\n')
    assert (found.line, found.title, found.body) == (3, "A", "a\r\nb")
    assert (other.line, other.body) == (5, "c")
    assert [each.body for each in spreadsheet.read("title|body\nA|a, b; c\n")] == ["a, b; c"]
    with pytest.raises(Unreadable) as caught:
        spreadsheet.read('sep=,\ntitle,body\nA,"b\n')
    assert caught.value.line == 3


def test_a_table_gives_no_formula_to_a_spreadsheet() -> None:
    entry = Entry("a", {"en": Variant("en", "=1+1", "@SUM(A1)")})
    text = spreadsheet.write([entry])
    assert "'=1+1" in text
    assert back(spreadsheet.read(text)) == [content(entry)]


def test_a_table_of_titles_and_texts_is_enough() -> None:
    entries, problems = entries_of(
        spreadsheet.read("\ufefftitle,body\r\nRefunds,Three days.\r\n"), "file", "pl"
    )
    assert problems == ()
    assert [(e.id, *e.variants) for e in entries] == [("refunds", "pl")]


def test_rows_with_one_id_are_one_entry_with_its_approval() -> None:
    text = (
        "id,language,title,body,tags,approved_by,approved_at,defaults\n"
        'fees,en,Fees,It costs {sum}.,money,lead,2026-03-01,"{""sum"": ""5 €""}"\n'
        "fees,ru,Комиссия,Бесплатно.,деньги;money,,,\n"
        "fees,ru,Другая,Ещё раз.,,,,\n"
    )
    entries, problems = entries_of(spreadsheet.read(text), "fees.csv", "en")
    assert problems == ("fees.csv:4: fees has a text in ru already",)
    [entry] = entries
    assert entry.tags == ("money", "деньги")
    assert entry.variants["en"].approved_at == date(2026, 3, 1)
    assert entry.variants["en"].defaults == {"sum": "5 €"}


@pytest.mark.parametrize(
    ("read", "text", "line", "why"),
    [
        (spreadsheet.read, "title,text\na,b\n", 1, "no column 'body'"),
        (spreadsheet.read, "title,body,boddy\n", 1, "'boddy' is not known"),
        (spreadsheet.read, 'title,body\na,"b', 2, "not a CSV table"),
        (canned.discourse, '{"templates": 3}', 1, "no list of replies"),
        (spreadsheet.read, "", 1, "it is empty"),
        (canned.discourse, '{"a":\n', 2, "not JSON"),
        (canned.chatwoot, "[" * 100_000, 1, "brackets in brackets"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(
    read: Callable[[str], object], text: str, line: int, why: str
) -> None:
    with pytest.raises(Unreadable, match=why) as caught:
        read(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("read", "text", "line", "why"),
    [
        (spreadsheet.read, "title,body\ng,Good\nc\na,Good\n", 3, "2 cells"),
        (spreadsheet.read, 'title,body\na,"b\nc",d\ng,Good\na,Good\n', 2, "2 cells"),
        (spreadsheet.read, "title,body,approved_at\na,b,soon\ng,Good,\na,Good,\n", 2, "'soon'"),
        (spreadsheet.read, "title,body,defaults\na,b,{\ng,Good,\na,Good,\n", 2, "JSON table"),
        (markdown.read, "hello\n# G\nGood\n# A\nGood\n", 1, "before the first heading"),
        (markdown.read, "# A {lang=en colour=red}\nx\n# G\nGood\n# A\nGood\n", 1, "colour=red"),
        (markdown.read, "# G\nGood\n## {#b}\ntext\n# A\nGood\n", 3, "without words"),
        (markdown.read, "# A {tags='a}\nx\n# G\nGood\n# A\nGood\n", 1, "No closing quotation"),
        (
            canned.discourse,
            '{"templates": [{"title": "A"}, {"title": "G", "content": "Good"},'
            ' {"title": "A", "content": "Good", "tags": 5}]}',
            1,
            "no content",
        ),
        (
            canned.chatwoot,
            '[{"short_code": "g", "content": "Good"}, {"content": "b"},'
            ' {"short_code": "a", "content": "Good"}]',
            2,
            "short_code",
        ),
        (
            canned.chatwoot,
            '[{"short_code": "g", "content": "Good"},'
            ' {"short_code": "b", "content": "{% if late %}Sorry{% endif %}"},'
            ' {"short_code": "a", "content": "Good"}]',
            2,
            "{% if late %} is worked out there",
        ),
        (
            canned.chatwoot,
            '[{"short_code": "g", "content": "Good"}, "b", {"short_code": "a", "content": "Good"}]',
            2,
            "short_code",
        ),
        (
            canned.zendesk,
            '{"macros": [{"title": "A"},'
            ' {"title": "G", "actions": [{"field": "comment_value", "value": "Good"}]},'
            ' {"title": "A", "actions": [{"field": "comment_value", "value": "Good"}]}]}',
            1,
            "no actions",
        ),
    ],
)
def test_a_broken_text_is_named_with_its_line_and_takes_no_other_down(
    read: Callable[[str], tuple[Found, ...]], text: str, line: int, why: str
) -> None:
    entries, problems = entries_of(read(text), "file", "en")
    [problem] = problems
    (where,) = {each.at("file") for each in read(text) if each.line == line}
    assert problem.startswith(f"{where}: ")
    assert where in (f"file:{line}", f"file: reply {line}")
    assert why in problem
    assert [(e.id, e.variants["en"].body) for e in entries] == [("g", "Good"), ("a", "Good")]


def test_a_page_has_headings_that_only_group_code_and_hashes() -> None:
    text = (
        "# Payments\n\n## Refunds {#refund lang=en tags=money;cards}\n\n"
        "Run\n\n```\n# no heading\n```\n\\# a hash\n\n## Fees ##\nNone.\n"
    )
    refund, fees = markdown.read(text)
    assert (refund.id, refund.language, refund.more) == (
        "refund",
        "en",
        {"tags": ["money", "cards"]},
    )
    assert refund.body == "Run\n\n```\n# no heading\n```\n# a hash"
    assert (fees.title, fees.body, fees.line) == ("Fees", "None.", 12)


def test_discourse_templates_and_canned_replies() -> None:
    row = {"id": 1, "title": "Hi", "content": "Hi %{reply_to_username}, {x}!", "tags": ["a"]}
    newer = {**row, "tags": [{"id": 3, "name": "a"}]}
    for document in ({"templates": [row]}, {"templates": [newer]}, {"replies": [row]}):
        [found] = canned.discourse(json.dumps(document))
        assert (found.title, found.body) == ("Hi", "Hi {author}, (x)!")
        assert found.more == {"tags": ["a"]}


def test_what_discourse_says_where_nothing_fills_a_variable_is_a_default() -> None:
    content = (
        "Hi %{reply_to_username,fallback:there}, see %{topic_title} by %{topic_url,fallback: }"
    )
    [found] = canned.discourse(json.dumps([{"title": "Hi", "content": content}]))
    assert found.body == "Hi {author}, see {title} by {thread_link}"
    assert found.variant == {"defaults": {"author": "there"}}


@pytest.mark.parametrize(
    ("written", "asked"),
    [("%{ reply_to_username }", "{author}"), ("%{reply_to_username:there}", "{author}"),
     ("%{request-number}", "{request_number}"), ("%{Topic_Title}", "{topic_title}")],
)  # fmt: skip
def test_a_variable_that_discourse_would_leave_as_it_stands_is_asked_for(
    written: str, asked: str
) -> None:
    assert percent(f"50% {{off}}: {written}") == f"50% (off): {asked}"


def test_what_liquid_says_where_nothing_is_known_is_a_default() -> None:
    content = (
        """{{ contact.name | default: 'there' }} {{dc.pay-days | default: "3 days"}} {{a.b}}"""
    )
    macro = {"title": "T", "actions": [{"field": "comment_value", "value": content}]}
    response = {"short_code": "T", "content": content}
    for [found] in (canned.zendesk(json.dumps({"macros": [macro]})),
                    canned.chatwoot(json.dumps([response]))):  # fmt: skip
        assert found.body == "{author} {dc_pay_days} {a_b}"
        assert found.variant == {"defaults": {"author": "there", "dc_pay_days": "3 days"}}


@pytest.mark.parametrize("more", [{"next_page": "https://z/2"}, {"links": {"next": "https://z/2"}}])
def test_a_page_of_macros_says_that_there_are_more(more: dict[str, object]) -> None:
    macro = {"title": "T", "actions": [{"field": "comment_value", "value": "Hello"}]}
    entries, problems = entries_of(
        canned.zendesk(json.dumps({"macros": [macro], **more})), "z", "en"
    )
    assert len(entries) == 1
    assert problems == (
        "z: reply 1: the macros after number 1 are in a file of their own: https://z/2",
    )


def test_zendesk_macros_with_a_comment() -> None:
    def macro(*actions: tuple[str, object], **more: object) -> object:
        return {
            "title": "Pay::Refund",
            "actions": [{"field": f, "value": v} for f, v in actions],
            **more,
        }

    author = "{{ticket.requester.first_name}}"
    document = {
        "macros": [
            macro(("comment_value_html", f"<p>Hi {author}</p><p>#{{{{ticket.id}}}}</p>"),
                  ("status", "solved"), ("current_tags", "refund card")),
            macro(("comment_value", ["channel:all", "Plain"])),
            macro(("comment_value", "Old"), active=False),
            macro(("priority", "low")),
        ]
    }  # fmt: skip
    first, second = canned.zendesk(json.dumps(document))
    assert first.title == "Pay · Refund"
    assert first.body == "Hi {author}\n\n#{ticket_id}"
    assert first.more == {"then": ["resolve"], "tags": ["refund", "card"]}
    assert (second.line, second.body) == (2, "Plain")


@pytest.mark.parametrize("public", [False, "false"])
def test_an_internal_note_of_zendesk_does_not_become_a_public_reply(public: object) -> None:
    def macro(title: str, public: object) -> object:
        actions = [
            {"field": "comment_mode_is_public", "value": public},
            {"field": "comment_value", "value": ["channel:all", "Do not tell the player"]},
        ]
        return {"title": title, "actions": actions}

    macros = [macro("Ask fraud", public), macro("Hello", not public if public is False else "true")]
    found = canned.zendesk(json.dumps({"macros": macros}))
    entries, problems = entries_of(found, "z", "en")
    assert [entry.id for entry in entries] == ["hello"]
    assert problems == (
        "z: reply 1: Ask fraud is an internal note there: as a reply it would be public",
    )  # fmt: skip


def test_chatwoot_short_codes() -> None:
    rows = [{"id": 1, "short_code": "refund_days", "content": "Hi {{ contact.name }}, 3 days."}]
    [found] = canned.chatwoot(json.dumps(rows))
    assert (found.title, found.body) == ("refund days", "Hi {author}, 3 days.")
    assert canned.chatwoot(json.dumps({"payload": rows})) == (found,)


def test_no_two_replies_get_one_id() -> None:
    found = [Found(n, title, "text") for n, title in enumerate(("Fees", "Fees!", "費用", "2"), 1)]
    entries, problems = entries_of([*found, Found(5, "x", "text", id="fees-2")], "file", "en")
    assert problems == ()
    assert [e.id for e in entries] == ["fees", "fees-3", "reply", "2", "fees-2"]


@pytest.mark.parametrize(
    ("title", "name"),
    [("Вывод средств", "vyvod-sredstv"), ("Тіркелгі", "tirkelgi"),
     ("Płatność kartą", "platnosc-karta"),
     ("ლიმიტები", "limitebi"), ("Crème brûlée", "creme-brulee"), ("費用", "")],
)  # fmt: skip
def test_a_title_in_any_script_of_ours_makes_an_id(title: str, name: str) -> None:
    assert slug(title) == name


def test_a_text_without_an_id_gets_that_of_no_other_entry_that_is_there() -> None:
    first, _ = entries_of([Found(1, "費用", "a"), Found(2, "Fees", "b")], "first", "en")
    there = {entry.id: entry for entry in first}
    found = [Found(1, "時間", "c"), Found(2, "Fees!", "d"), Found(3, "Fees", "b again")]
    entries, problems = entries_of(found, "second", "en", there)
    assert problems == ()
    # The third has the title of what is there: it is the same one, brought in again.
    assert [entry.id for entry in entries] == ["reply-2", "fees-2", "fees"]


@given(st.text(), st.sampled_from(["", "{{", "{% if x %}", "{{'a' | t}}", "{{ a.b }}"]))
def test_any_text_with_any_braces_becomes_one_the_library_takes(text: str, more: str) -> None:
    text += more
    try:
        zendesk = liquid(text)
    except Unreadable:
        assert "{{" in text or "{%" in text
        zendesk = "a"
    for told in (zendesk, percent(text)):
        found = Found(1, "Title", f"a{told}")
        entries, problems = entries_of([found], "file", "en")
        assert entries or "hidden or control" in problems[0]


@given(st.text())
def test_a_slug_is_an_id(text: str) -> None:
    name = slug(text)
    assert not name or parse({"id": name, "en": {"title": "a", "body": "b"}}, "file").id == name
