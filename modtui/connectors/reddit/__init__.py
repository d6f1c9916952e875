"""Reddit: the moderation queues and modmail of subreddits by polling; actions as a moderator."""

from __future__ import annotations

from modtui.connectors import Given, Need, Schema, SecretField, Setting

SOURCES = ("modqueue", "reports", "spam", "unmoderated", "edited", "modmail")
SCHEMA = Schema(
    "reddit",
    settings=(
        Setting("client_id", "text", required=True, help="the id under the name of the app"),
        Setting(
            "subreddits",
            "list",
            required=True,
            help="the subreddits to follow, without r/",
            pattern=r"(?!/?r/\Z)(/?r/)?\w+/?",
            like='the name of a subreddit, as "askhistory"',
        ),
        Setting("username", "text", help="the account's name; needed with a password"),
        Setting(
            "sources",
            "list",
            choices=SOURCES,
            help="what to read; without it, modqueue and modmail",
        ),
        Setting(
            "token_url",
            "url",
            default="https://www.reddit.com/api/v1/access_token",
            help="where access tokens are given out; the client secret goes nowhere else",
        ),
        Setting(
            "removal_reasons",
            "list",
            help='which removal reason a rule stands for, as "spam=1a2b"; without it, by its title',
            pattern=r"[^=]*=\s*\S.*",
            like='a rule and an id, as "spam=1a2b"',
        ),
        Setting(
            "removal_message",
            "choice",
            choices=("none", "public", "private"),
            default="none",
            help="how the author is told the removal reason",
        ),
        Setting(
            "notes",
            "choice",
            choices=("here", "reddit"),
            default="here",
            help='"reddit" leaves notes as mod notes on the author too, and reads those of others',
        ),
        Setting("ca_file", "text", help="PEM file of a private certificate authority"),
    ),
    secrets=(
        SecretField(
            "client_secret",
            "secret of the app",
            where="reddit.com/prefs/apps, create another app, script",
        ),
        SecretField(
            "password",
            "password of the account, for an app of the kind script",
            required=False,
            where="the account must have no two-factor login; else use refresh_token",
        ),
        SecretField(
            "refresh_token",
            "permanent refresh token, in place of the password",
            required=False,
            where="an app of the kind web, authorised with duration=permanent",
        ),
    ),
    about="Reddit",
    address="https://oauth.reddit.com",
    needs=(
        Need(
            ((Given("refresh_token"),), (Given("password"), Given("username"))),
            "Reddit needs a refresh_token, or a password and here the name of its account, such as"
            ' username = "jane"',
        ),
    ),
)
