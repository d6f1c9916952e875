"""Ozone, the moderation service of Bluesky labelers: reported subjects by polling; actions as its
events, through the moderator's own server."""

from __future__ import annotations

from modtui.connectors import Schema, SecretField, Setting

_PAIR = r"[^=]*[^=\s][^=]*=.*\S.*"
SCHEMA = Schema(
    "ozone",
    settings=(
        Setting("handle", "text", required=True, help="the moderator's handle, such as mod.test"),
        Setting(
            "labeler",
            "text",
            required=True,
            help="the labeler's DID, such as did:plc:abc123",
            pattern=r"\s*did:[a-z]+:[^\s#]+(#.*)?\s*",
            like="a DID such as did:plc:abc123",
        ),
        Setting(
            "templates",
            "list",
            help='which e-mail template a rule stands for when warning, as "spam=warn-spam"',
            pattern=_PAIR,
            like='a rule and the name of a template, as "spam=warn-spam"',
        ),
        Setting(
            "labels",
            "list",
            help='rules for which Remove puts a label on instead, as "nudity=nudity"',
            pattern=_PAIR,
            like='a rule and a label, as "nudity=nudity"',
        ),
        Setting(
            "tags",
            "list",
            help='rules for which what is done also puts a tag on there, as "spam=spam-wave"',
            pattern=_PAIR,
            like='a rule and a tag, as "spam=spam-wave"',
        ),
        Setting(
            "notes",
            "choice",
            choices=("here", "ozone"),
            default="here",
            help='"ozone" leaves notes there too, where its moderators read them',
        ),
        Setting("ca_file", "text", help="PEM file of a private certificate authority"),
    ),
    secrets=(
        SecretField(
            "password",
            "app password of the moderator",
            where="Settings, Privacy and security, App passwords",
        ),
    ),
    about="Bluesky labeler (Ozone)",
    address="the server that the moderator's account is on, such as https://bsky.social",
)
