"""Mastodon: admin reports by polling, woken by server-sent events; actions by the admin API."""

from __future__ import annotations

from modtui.connectors import Schema, SecretField, Setting

SCHEMA = Schema(
    "mastodon",
    settings=(
        Setting(
            "warning_presets",
            "list",
            help='warning presets by rule or name, as "spam=3"; ids are in the admin pages',
            pattern=r"[^=]*=\s*[0-9]+",
            like='a rule and a number, as "spam=3"',
        ),
        Setting("ca_file", "text", help="PEM file of a private certificate authority"),
    ),
    secrets=(
        SecretField(
            "token",
            "access token of a staff account, with read, write and admin scopes",
            where="Preferences, Development, New application: scopes admin:read:reports"
            " admin:write:reports admin:read:accounts admin:write:accounts read:accounts"
            " read:statuses write:statuses read:notifications",
        ),
    ),
    about="Mastodon",
    address="the address of the server that the account is on",
)
