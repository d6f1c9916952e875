"""Discord: AutoMod, reports and forum posts by the gateway, caught up by REST; actions by REST."""

from __future__ import annotations

from modtui.connectors import Schema, SecretField, Setting

_ID = r"(?=.*[1-9])[0-9]{1,20}"
_LIKE = "an id, a long number (Copy ID in Discord)"
SCHEMA = Schema(
    "discord",
    settings=(
        Setting(
            "guild",
            "text",
            required=True,
            help="id of the server (Copy Server ID)",
            pattern=_ID,
            like=_LIKE,
        ),
        Setting(
            "report_channel",
            "text",
            help="id of the channel where members report; a link to a message reports that message",
            pattern=_ID,
            like=_LIKE,
        ),
        Setting(
            "alert_channel",
            "text",
            help="id of the channel that AutoMod sends its alerts to",
            pattern=_ID,
            like=_LIKE,
        ),
        Setting(
            "forum_channel",
            "text",
            help="id of a forum whose new posts are to be looked at",
            pattern=_ID,
            like=_LIKE,
        ),
        Setting(
            "report_reaction", "text", help="emoji that reports a message; without it, none does"
        ),
        Setting(
            "staff_roles",
            "list",
            help="ids of the roles that are staff; without it, roles that may moderate",
            pattern=_ID,
            like=_LIKE,
        ),
        Setting("ca_file", "text", help="PEM file of a private certificate authority"),
    ),
    secrets=(
        SecretField(
            "token",
            "token of a bot that is a member of the server",
            where="discord.com/developers/applications, your application, Bot: Reset Token, and"
            " switch on Message Content Intent",
        ),
    ),
    needs_url=False,
    about="Discord",
    default_url="https://discord.com/api/v10",
)
