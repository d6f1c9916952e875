"""GitHub: issues and discussions that wait for an answer; actions by REST and GraphQL."""

from __future__ import annotations

from modtui.connectors import Schema, SecretField, Setting

SCHEMA = Schema(
    "github",
    settings=(
        Setting(
            "repositories",
            "list",
            required=True,
            help='which to watch, as "owner/name"',
            pattern=r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+",
            like='"owner/name"',
        ),
        Setting(
            "labels",
            "list",
            help="only what bears one of these labels waits; without it, all that nobody answered",
        ),
        Setting(
            "keep",
            "choice",
            choices=("label", "close"),
            default="label",
            help="what Keep does: take the label off, or close; without labels it closes",
        ),
        Setting(
            "limit_to",
            "choice",
            choices=("existing_users", "contributors_only", "collaborators_only"),
            default="existing_users",
            help="who may still write under an interaction limit",
        ),
        Setting("ca_file", "text", help="PEM file of a private certificate authority"),
    ),
    secrets=(
        SecretField(
            "token",
            "personal access token, classic or fine-grained",
            where="Settings, Developer settings, Personal access tokens: classic with repo and"
            " admin:org, or fine-grained with Issues, Discussions and Administration to write",
        ),
    ),
    about="GitHub",
    address="https://api.github.com, or https://HOST/api/v3 of an enterprise server",
)
