"""E-mail by SMTP: tells a team about an escalated thread, and nothing else."""

from __future__ import annotations

from modtui.connectors import Given, Need, Schema, SecretField, Setting

SCHEMA = Schema(
    "smtp",
    settings=(
        Setting("host", "text", required=True, help="the mail server"),
        Setting("port", "number", default=587, most=65535),
        Setting("security", "choice", choices=("starttls", "tls", "none"), default="starttls"),
        Setting("from", "text", required=True, help="the sender's address"),
        Setting("username", "text", help="when the server asks for a login"),
        Setting("ca_file", "text", help="PEM file of a private certificate authority"),
    ),
    secrets=(SecretField("password", "when a username is set", required=False),),
    needs_url=False,
    notify_only=True,
    about="e-mail by SMTP",
    needs=(
        Need(
            ((Given("host", r"(?i:localhost|127(\.\d{1,3}){3}|\[?::1\]?)"),),),
            'with a username, security = "none" is for a server on this machine alone: write'
            ' security = "starttls" or "tls"',
            where=(Given("security", "none"), Given("username")),
        ),
    ),
)
