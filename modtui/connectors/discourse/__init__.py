"""Discourse: the review queue by polling; topics, their slow mode, and what staff may do."""

from __future__ import annotations

from modtui.connectors import Schema, SecretField, Setting

SCHEMA = Schema(
    "discourse",
    settings=(
        Setting("api_username", "text", help="with an api_key: the account it acts as"),
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
)
