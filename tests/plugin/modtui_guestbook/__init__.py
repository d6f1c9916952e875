"""A connector to a pretend guestbook of ours, in a package of its own: what it asks for."""

from __future__ import annotations

from datetime import timedelta

from modtui.connectors import Factory, Kind, Schema, SecretField, Setting

SCHEMA = Schema(
    "guestbook",
    settings=(Setting("pace", "duration", default=timedelta(minutes=1), help="how often"),),
    secrets=(SecretField("token", "the key of a keeper of the guestbook"),),
    about="a guestbook",
    address="where the guestbook is",
)


def load() -> Factory:
    from modtui_guestbook.connector import Guestbook

    return Guestbook


KIND = Kind(SCHEMA, load)
