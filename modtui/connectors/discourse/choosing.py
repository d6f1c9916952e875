"""Which of the actions that the forum offers for an item is the one that is meant. Pure.

Source: what the Reviewable models of Discourse offer in build_actions, by the server's names.
"""

from __future__ import annotations

from collections.abc import Iterable

from modtui.connectors.discourse.facts import (
    APPROVED,
    DELETED,
    IGNORED,
    REJECTED,
    Action,
    Reviewable,
)
from modtui.domain.frozen import dataclass

_NEVER = ("delete_user", "delete_and_block", "_replies", "suspend", "silence", "edit", "revise")
"""Parts of names of actions that do more than the post, or that open a dialog."""
KEPT_HIDDEN = "agree_and_keep_hidden"
"""Offered where flags have hidden the post by themselves."""
_JUDGED = ("ReviewableQueuedPost", "ReviewableUser", "ReviewablePost")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted, by the actions that do it, the best first: a name, or the beginning of
    one that ends in `*`.

    A status tells what became of the flags: to approve them is to take the post off. `flagged`
    are those in which it has been done already. Of an item that is `judged` itself, as what is held
    is, to approve it is to let it stand: `judged` are those of such.
    """

    words: str
    families: tuple[str, ...]
    flagged: frozenset[int]
    judged: frozenset[int]

    def done(self, item: Reviewable) -> bool:
        """Whether what was decided on the item is what is wanted."""
        return item.status in (self.judged if item.type in _JUDGED else self.flagged)


HIDE = Wish(
    "hide or reject",
    (
        "agree_and_hide", KEPT_HIDDEN, "hide_post", "delete_and_agree",
        "agree_and_delete", "reject_post", "discard_post", "reject_user", "reject*",
        "delete_post", "agree_and_hide*", f"{KEPT_HIDDEN}*", "delete_and_agree*",
    ),
    flagged=frozenset({APPROVED, DELETED}),
    judged=frozenset({REJECTED, DELETED}),
)  # fmt: skip
KEEP = Wish(
    "keep without deciding on the flags",
    (
        "ignore_and_do_nothing", "ignore", "no_action_post", "disagree", "disagree_and_restore",
        "ignore*", "disagree*",
    ),
    flagged=frozenset({REJECTED, IGNORED}),
    judged=frozenset({APPROVED, IGNORED}),
)  # fmt: skip
APPROVE = Wish(
    "approve",
    (
        "approve_post", "approve_post_closed", "approve_user", "approve", "disagree_and_restore",
        "disagree", "approve*", "disagree*",
    ),
    flagged=frozenset({REJECTED}),
    judged=frozenset({APPROVED}),
)  # fmt: skip


def name_of(action: Action, item: int) -> str:
    """Return the server's name of an action, which older forums have in its id and newer ones
    behind the number of the item."""
    told = action.server_action or action.action_name or action.id
    return told.removeprefix(f"{item}-")


def choose(actions: Iterable[Action], item: int, wish: Wish) -> Action | None:
    """Return the action that does what is wished and no more, None where there is none."""
    offered = {name_of(one, item): one for one in actions if not one.client_action}
    meek = {name: one for name, one in offered.items() if not _does_more(name)}
    for family in wish.families:
        start = family.removesuffix("*")
        for name, action in meek.items():
            if name == family or (start != family and name.startswith(start)):
                return action
    return None


def _does_more(name: str) -> bool:
    return any(part in name for part in _NEVER)
