"""Matrix with Synapse: reports by the admin API, posts by /sync, sanctions by room state."""

from __future__ import annotations

from modtui.connectors import Schema, SecretField, Setting

SCHEMA = Schema(
    "matrix",
    settings=(
        Setting(
            "rooms",
            "list",
            help="rooms to follow, by id or alias; without it, every room we joined",
            pattern=r"[!#]\S+",
            like='a room id or an alias, as "!abc:example.org" or "#help:example.org"',
        ),
        Setting("ca_file", "text", help="PEM file of a private certificate authority"),
    ),
    secrets=(
        SecretField(
            "token",
            "access token of a Synapse server admin",
            where="in Element: All settings, Help & About, Access token; best of an account that"
            " is used for modtui alone",
        ),
    ),
    about="Matrix with Synapse",
    address="the address of the server, or the name after the colon in @you:example.org",
)
