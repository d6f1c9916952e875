"""Whether a moderator ever answered in public on an account."""

from __future__ import annotations

from modtui.store.session import Session

# In the words of the index delivery_public, which is not used otherwise.
_PUBLIC = (
    "SELECT 1 FROM delivery WHERE account = ? AND by = ?"
    " AND json_extract(command, '$.kind') = 'reply'"
    " AND json_extract(command, '$.audience') = 'everyone' LIMIT 1"
)


class FirstReply(Session):
    async def replied_publicly(self, account: str, by: str) -> bool:
        return await self._one(_PUBLIC, account, by) is not None
