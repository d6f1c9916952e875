"""Whose token it is, what it may do, how it is renewed and where it goes, against ours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from modtui.connectors import Rejected, Retryable, Unauthorized
from modtui.domain.commands import Capability
from tests.connectors.faketwitch import BROADCASTER, SCOPES, FakeTwitch, refused, renewing
from tests.connectors.test_twitch import Channel
from tests.connectors.wire import read


async def identity(fake: FakeTwitch) -> Any:
    connector = fake.connector()
    try:
        return await connector.identity(), connector.capabilities
    finally:
        await connector.aclose()


async def test_a_moderator_with_all_scopes_lacks_nothing() -> None:
    who, able = await identity(FakeTwitch())
    assert (who.remote_id, who.name, who.role) == ("9001", "modtui", "moderator")
    assert (who.cannot, who.ask) == ((), "")
    assert "set slow mode" in who.can
    assert Capability.SLOW_MODE in able.offers
    assert (await identity(FakeTwitch(me=BROADCASTER)))[0].role == "broadcaster"


@pytest.mark.parametrize(
    ("scope", "words", "gone"),
    [
        ("moderator:manage:chat_settings", "set slow mode", {Capability.SLOW_MODE}),
        ("moderator:manage:shield_mode", "switch shield mode", {Capability.READ_ONLY}),
        ("moderator:manage:warnings", "warn", {Capability.WARN}),
        ("user:write:chat", "write in the chat", {Capability.REPLY}),
        (
            "moderator:manage:banned_users", "time out, ban and unban",
            {Capability.MUTE, Capability.BAN},
        ),
        ("moderator:manage:automod", "see what AutoMod holds", set()),
        ("moderator:read:suspicious_users", "see what suspicious users write", set()),
        ("moderator:manage:unban_requests", "answer unban requests", set()),
        ("moderator:manage:chat_messages", "delete messages", set()),
        ("user:read:chat", "see slow mode and deletions", set()),
    ],
)  # fmt: skip
async def test_a_missing_scope_is_named_in_words(
    scope: str, words: str, gone: set[Capability]
) -> None:
    who, able = await identity(FakeTwitch(scopes=tuple(s for s in SCOPES if s != scope)))
    assert any(words in one and scope in one for one in who.cannot)
    whole = (await identity(FakeTwitch()))[1]
    assert set(whole.offers) - set(able.offers) == gone
    assert all(scope in able.missing[capability] for capability in gone)
    sources = {"moderator:manage:automod", "moderator:read:suspicious_users"}
    assert (f"the scope {scope}" in who.ask) == (scope in sources or "unban" in scope)


async def test_a_token_without_any_right_to_decide_offers_neither() -> None:
    _, able = await identity(FakeTwitch(scopes=("moderator:read:suspicious_users",)))
    assert {Capability.HIDE, Capability.APPROVE} <= set(able.missing)


async def test_who_is_no_moderator_there_is_told_what_to_ask_for() -> None:
    who, _ = await identity(FakeTwitch(moderates=False))
    assert who.role == "viewer"
    assert "/mod modtui" in who.ask
    assert "not one of the moderators" in who.cannot[0]


async def test_a_channel_that_is_none_and_settings_that_cannot_be_are_refused() -> None:
    fake = FakeTwitch()
    with pytest.raises(Rejected, match="knows no channel nobody"):
        await fake.connector(broadcaster="nobody").identity()
    for broken in ("", "https://twitch.tv/x", "a b", "é"):
        with pytest.raises(Rejected, match="login"):
            fake.connector(broadcaster=broken)
    for broken in ("", "a b", "x\r\ny"):
        with pytest.raises(Rejected, match="client_id"):
            fake.connector(client_id=broken)
    assert (await fake.connector(broadcaster=BROADCASTER).identity()).role == "moderator"
    assert fake.connector(broadcaster="@OurChannel").realm == "twitch:ourchannel"


async def test_a_token_of_another_application_or_of_none_is_said() -> None:
    with pytest.raises(Rejected, match="another application"):
        await identity(FakeTwitch(client_id="other"))
    with pytest.raises(Rejected, match="not a user's"):
        await identity(FakeTwitch(me=""))
    fake = FakeTwitch()
    # What Twitch says of an application's own token.
    fake.override["GET .*/validate"] = lambda request: {
        "client_id": "cl1ent", "scopes": None, "expires_in": 5_000_000,
    }  # fmt: skip
    with pytest.raises(Rejected, match="not a user's"):
        await identity(fake)
    fake.override["GET .*/validate"] = lambda request: {"hello": "wifi"}
    with pytest.raises(Rejected, match="check token_url"):
        await identity(fake)


async def test_a_bad_token_needs_a_login() -> None:
    fake = FakeTwitch()
    fake.override["GET .*/validate"] = lambda request: refused(401, "invalid access token")
    with pytest.raises(Unauthorized, match="invalid access token; a token ends"):
        await identity(fake)


async def test_without_anything_to_log_in_with_it_says_what_is_needed() -> None:
    for given in ({}, {"refresh_token": "refresh-of-ours"}, {"client_secret": "s3cret-of-ours"},
                  {"token": "  "}):  # fmt: skip
        with pytest.raises(Rejected, match="needs a token, or a refresh_token with"):
            FakeTwitch(secrets=given).connector()


async def test_a_refresh_token_gets_a_token_and_a_new_one_in_time() -> None:
    fake = renewing()
    stage = Channel(fake)
    stage.flag(1)
    connector = fake.connector()
    await connector.identity()
    assert fake.forms == [
        {"grant_type": "refresh_token", "refresh_token": "refresh-of-ours",
         "client_id": "cl1ent", "client_secret": "s3cret-of-ours"},
    ]  # fmt: skip
    fake.now += timedelta(seconds=fake.expires_in - 200)
    await connector.identity()
    assert fake.tokens == 2
    await connector.aclose()


async def test_a_refresh_token_that_changed_is_used_the_next_time() -> None:
    fake = renewing()
    fake.override["POST .*/token"] = lambda request: {
        "access_token": "renewed-token", "refresh_token": "changed-of-ours",
    }  # fmt: skip
    connector = fake.connector()
    await connector.identity()
    fake.override.clear()
    fake.now += timedelta(seconds=fake.expires_in)
    await connector.identity()
    assert fake.forms[0]["refresh_token"] == "changed-of-ours"
    await connector.aclose()


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refresh_token_that_is_over_needs_a_login(status: int) -> None:
    fake = renewing()
    fake.override["POST .*/token"] = lambda request: refused(status, "Invalid refresh token")
    with pytest.raises(Unauthorized, match="Invalid refresh token"):
        await identity(fake)


async def test_a_token_that_died_is_renewed_once_and_the_read_goes_on() -> None:
    fake = renewing(token="given-of-ours")
    answers = iter([refused(401, "invalid access token")])
    asked = fake.answer

    def validate(request: Any) -> Any:
        return next(answers, None) or asked(request, request.url.path)

    fake.override["GET .*/validate"] = validate
    stage = Channel(fake)
    (subject,) = stage.flag(1)
    batches = await read(stage)
    assert [t.subject for b in batches for t in b.threads] == [subject]
    assert fake.tokens == 1


async def test_an_authorisation_server_that_is_away_at_start_is_waited_for() -> None:
    import httpx

    fake = renewing()
    fake.override["POST .*/token"] = lambda request: httpx.Response(503)
    with pytest.raises(Retryable):
        await identity(fake)


async def test_each_secret_goes_where_it_belongs_and_is_said_nowhere() -> None:
    fake = renewing(token="given-of-ours")
    fake.expires_in = 600
    connector = fake.connector()
    await connector.identity()
    fake.now += timedelta(seconds=600)
    who = await connector.identity()
    await connector.aclose()
    for call in fake.calls:
        renews = call.path == "/oauth2/token"
        assert ("client_secret" in call.told) == ("refresh_token" in call.told) == renews
        assert not (renews and "token" in call.told)
        assert call.url.host == ("id.ours.test" if "oauth2" in call.path else "ours.test")
        assert "given-of-ours" not in str(call.url)
    assert fake.tokens == 1
    assert "of-ours" not in repr(who)


async def test_a_secret_in_an_answer_is_masked() -> None:
    fake = renewing(token="given-of-ours")
    fake.override["GET .*/users"] = lambda request: refused(
        400, "bad header Bearer given-of-ours and s3cret-of-ours"
    )
    with pytest.raises(Rejected) as error:
        await identity(fake)
    assert "given-of-ours" not in str(error.value)
    assert "s3cret-of-ours" not in str(error.value)


async def test_a_token_with_a_line_break_in_it_is_not_sent() -> None:
    fake = FakeTwitch(secrets={"token": "a\r\nX: y"})
    with pytest.raises(Unauthorized, match="cannot be sent"):
        await identity(fake)


@pytest.mark.parametrize("where", ["url", "token_url"])
async def test_an_address_in_the_clear_is_refused(where: str) -> None:
    with pytest.raises(Rejected, match="http://"):
        FakeTwitch().connector(**{where: "http://ours.test/oauth2/token"})
