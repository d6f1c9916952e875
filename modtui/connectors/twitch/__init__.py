"""Twitch: held messages, suspicious users and unban requests by EventSub; actions by Helix."""

from __future__ import annotations

from modtui.connectors import Given, Need, Schema, SecretField, Setting

SCHEMA = Schema(
    "twitch",
    settings=(
        Setting(
            "broadcaster",
            "text",
            required=True,
            help="login of the channel, or its id",
            pattern=r"[@#]*_*[A-Za-z0-9][A-Za-z0-9_]*",
            like="the channel's login, as in twitch.tv/LOGIN, or its id",
        ),
        Setting(
            "client_id",
            "text",
            required=True,
            help="Client ID of the application",
            pattern=r"[A-Za-z0-9]+",
            like="a Client ID: letters and digits, from dev.twitch.tv/console",
        ),
        Setting(
            "eventsub_url",
            "socket",
            default="wss://eventsub.wss.twitch.tv/ws",
            help="where events are pushed from",
        ),
        Setting(
            "token_url",
            "url",
            default="https://id.twitch.tv/oauth2/token",
            help="where tokens are renewed, and checked at `validate` beside it; the client secret"
            " goes nowhere else",
        ),
        Setting("ca_file", "text", help="PEM file of a private certificate authority"),
    ),
    secrets=(
        SecretField(
            "token",
            "user access token of a moderator; lasts some hours, or weeks",
            required=False,
            where="dev.twitch.tv/docs/authentication, for an application of your own; none is"
            " needed with a refresh_token",
        ),
        SecretField(
            "refresh_token",
            "refresh token of the same moderator, with which tokens are renewed",
            required=False,
            where="comes with a token got by the authorization code grant",
        ),
        SecretField(
            "client_secret",
            "secret of the application, needed with a refresh_token",
            required=False,
            where="dev.twitch.tv/console/apps, Manage, New Secret",
        ),
    ),
    needs_url=False,
    about="Twitch",
    needs=(
        Need(
            ((Given("token"),), (Given("refresh_token"), Given("client_secret"))),
            "Twitch needs a token, or a refresh_token with the client_secret",
        ),
    ),
)
