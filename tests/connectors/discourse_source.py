"""What the writes of Discourse take that its OpenAPI description leaves out.

Each is taken down by hand from the action of the controller that answers it, in Discourse's own
repository (github.com/discourse/discourse, `app/controllers`): what it requires, permits or reads
of the parameters. A form's values are texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

_NUMBER = {"type": "string", "pattern": r"^\d+$"}
_MOMENT = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}


def _of(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": [*required],
        "additionalProperties": False,
    }


@dataclass(frozen=True)
class Action:
    """One write. `source` names controller and action; `body` None: it takes none."""

    method: str
    path: str
    source: str
    body: dict[str, Any] | None = None


ACTIONS = (
    # `version_required` answers 422 without it; a reject_reason only where the action asks for one.
    Action("PUT", r"/review/\d+/perform/[a-z_]+\.json", "reviewables_controller.rb#perform",
           _of({"version": _NUMBER}, reject_reason={"type": "string"})),
    Action("POST", r"/reviewable_claimed_topics\.json",
           "reviewable_claimed_topics_controller.rb#create",
           _of({"reviewable_claimed_topic": _of({"topic_id": {"type": "integer"}})})),
    Action("DELETE", r"/reviewable_claimed_topics/\d+\.json",
           "reviewable_claimed_topics_controller.rb#destroy"),
    # `enabled_until` is read where the seconds are more than 0 alone.
    Action("PUT", r"/t/\d+/slow_mode\.json", "topics_controller.rb#set_slow_mode",
           _of({"seconds": _NUMBER}, enabled_until=_MOMENT)),
    Action("PUT", r"/posts/\d+/unhide\.json", "posts_controller.rb#unhide"),
    Action("PUT", r"/posts/\d+/recover\.json", "posts_controller.rb#recover"),
    Action("PUT", r"/admin/users/\d+/unsilence\.json", "admin/users_controller.rb#unsilence"),
    Action("PUT", r"/admin/users/\d+/unsuspend\.json", "admin/users_controller.rb#unsuspend"),
)  # fmt: skip
WARNING = "is_warning"
"""What posts_controller.rb#create_params permits staff beside what is described of POST /posts."""


def action(method: str, path: str) -> Action | None:
    """Return what answers a request; None where it is not taken down here."""
    found = (a for a in ACTIONS if a.method == method and re.fullmatch(a.path, path))
    return next(found, None)


def check(one: Action, body: Any) -> None:
    """Fail where a body is not what the action takes."""
    if one.body is None:
        assert not body, f"{one.source} takes no body"
    else:
        Draft202012Validator(one.body).validate(body)
