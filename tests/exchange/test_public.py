"""The public FAQ: only what is approved and speaks to everybody, inert in the page."""

from __future__ import annotations

from html.parser import HTMLParser

from modtui.domain.replies import Entry, Variant
from modtui.exchange.public import faq, html, markdown


def entry(name: str, body: str, *, by: str = "lead", tags: tuple[str, ...] = ("public",)) -> Entry:
    return Entry(
        name, {"en": Variant("en", f"On {name}", body, by, {"days": "three days"})}, tags,
        source="faq.toml", line=4,
    )  # fmt: skip


def test_what_is_not_public_is_not_there_and_the_rest_is_named() -> None:
    entries = [
        entry("refunds", "It takes {days}."),
        entry("secret", "Only us.", tags=()),
        entry("draft", "Soon.", by=""),
        entry("personal", "Hello {author}!"),
        entry("team", "Write to {team}."),
    ]
    found = faq(entries, (), {"team": "payments"})
    assert [(a.id, a.text) for a in found.answers["en"]] == [
        ("refunds", "It takes three days."),
        ("team", "Write to payments."),
    ]
    assert found.left_out == (
        "faq.toml:4: draft, en: not approved",
        "faq.toml:4: personal, en: {author} has no default, and --set gives none",
    )


def test_languages_are_chosen_and_marked() -> None:
    both = Entry(
        "fees",
        {
            "en": Variant("en", "Fees", "None.", "lead"),
            "ka": Variant("ka", "საკომისიო", "არ არის.", "lead"),
        },
        ("public",),
    )
    assert list(faq([both], ("ka",), {}).answers) == ["ka"]
    page = html(faq([both], (), {}), "FAQ")
    assert '<section lang="ka">' in page
    assert 'id="fees-ka"' in page


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_a_link_keeps_the_brackets_that_are_its_own() -> None:
    body = (
        "(see https://a.example/wiki/RTP_(slots)), https://a.example/b). Or https://a.example/(c)!"
    )
    found = faq([entry("a", body)], (), {})
    for page, form in ((html(found, "F"), '<a href="{}">'), (markdown(found, "F"), "<{}>")):
        for path in ("wiki/RTP_(slots)", "b", "(c)"):
            assert form.format(f"https://a.example/{path}") in page


def test_markup_in_a_text_is_inert_and_links_are_links() -> None:
    body = '<script>x()</script> see https://a.example/b?c=1&d="2". And *stars* [a](javascript:x)'
    found = faq([entry("x", body)], (), {})
    tags = Tags()
    tags.feed(html(found, "<b>FAQ</b>"))
    names = {tag for tag, _ in tags.seen}
    assert not names & {"script", "b"}
    assert [attrs["href"] for tag, attrs in tags.seen if tag == "a"] == [
        "https://a.example/b?c=1&d="
    ]
    page = markdown(found, "FAQ")
    assert "<https://a.example/b?c=1&d=>" in page
    assert r"\<script\>" in page
    assert r"\*stars\*" in page
    assert r"\[a\](javascript:x)" in page


def test_a_page_makes_no_headings_entities_or_code_of_lines() -> None:
    found = faq([entry("x", "Fees\n---\nNone\n===\n&copy; & co\n~~~\n- a list - of one")], (), {})
    page = markdown(found, "FAQ")
    for line in ("\\---", "\\===", "\\&copy; & co", "\\~\\~\\~", "- a list - of one"):
        assert line in [each.rstrip() for each in page.splitlines()]
