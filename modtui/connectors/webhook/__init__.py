"""An outgoing webhook: tells a team about an escalated thread, and nothing else."""

from __future__ import annotations

from modtui.connectors import Schema, SecretField, Setting

SCHEMA = Schema(
    "webhook",
    settings=(
        Setting(
            "dedupe_hours",
            "number",
            default=0,
            most=8760,
            help="how long the receiver drops a repeated Idempotency-Key; 0: it does not",
        ),
        Setting("ca_file", "text", help="PEM file of a private certificate authority"),
    ),
    secrets=(
        SecretField("token", "sent as a bearer token", required=False),
        SecretField(
            "address",
            "the whole address, where its path is a secret and url has the host alone",
            required=False,
        ),
    ),
    notify_only=True,
    about="an outgoing webhook",
    address="where the document is sent to, without a path that is a secret",
    secret_path=True,
)
