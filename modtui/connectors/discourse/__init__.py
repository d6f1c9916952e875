"""Discourse: the review queue by polling; topics, their slow mode, and what staff may do."""

from __future__ import annotations

from modtui.connectors import Given, Need, Schema, SecretField, Setting

SCHEMA = Schema(
    "discourse",
    settings=(
        Setting(
            "api_username",
            "text",
            help="with an api_key: the account it acts as",
            pattern=r"[!-~]+",
            like="a name that can be sent with an api_key: use a user API key",
        ),
        Setting("ca_file", "text", help="PEM file of a private certificate authority"),
    ),
    secrets=(
        SecretField(
            "api_key",
            "admin key for all actions; none with a user API key",
            required=False,
            where="Admin, Advanced, API keys, New: scope global; a granular key has no scope for"
            " the review queue, silencing or slow mode",
        ),
        SecretField(
            "user_api_key",
            "key of your own account, for who is no admin; none with an admin key",
            required=False,
            where="modtui login --approve makes one: you approve it in the browser",
        ),
    ),
    about="Discourse",
    address="the address of the forum, with its path if it has one",
    needs=(
        Need(
            ((Given("user_api_key"),), (Given("api_key"), Given("api_username"))),
            "a forum needs a user_api_key, or an api_key and here the account it acts as, such as"
            ' api_username = "jane"',
        ),
    ),
)
