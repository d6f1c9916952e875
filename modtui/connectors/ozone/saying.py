"""Words to an author of a labeler's: answers in public, and the templates of e-mail.

Source: the lexicons tools.ozone.communication.* and com.atproto.repo.*.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from modtui.connectors import Absent, CannotTell, Found, Rejected, ThreadRef, Unknown
from modtui.connectors.http import RejectedByServer
from modtui.connectors.ozone.facts import POST, is_uri
from modtui.connectors.ozone.intake import Intake
from modtui.connectors.ozone.mail import filled, is_handle, needs_handle, of_markdown
from modtui.connectors.ozone.session import Params, Session
from modtui.connectors.reading import convert_each, iso_moment, iso_text, says
from modtui.domain.outbox import Receipt
from modtui.domain.text import clean_line

_SKEW = timedelta(minutes=2)


class Template(msgspec.Struct, rename="camel"):
    name: str
    content_markdown: str
    subject: str | None = None
    disabled: bool = False

    @property
    def shown(self) -> str:
        """Its name as it is shown."""
        return str(clean_line(self.name, limit=60))


class Saying:
    """Says things for one account, and reads whether they were said."""

    def __init__(self, session: Session, intake: Intake) -> None:
        self._session = session
        self._intake = intake

    async def answer(self, ref: ThreadRef, text: str, now: datetime) -> Receipt:
        """Answer a post in public, as ourselves."""
        if f"/{POST}/" not in ref.subject:
            raise Rejected("only a post can be answered: write to the author alone")
        record = await self._intake.record(ref.subject)
        if record is None:
            raise Rejected("the post is gone: it cannot be answered")
        parent = {"uri": record.uri, "cid": record.cid}
        reply = record.value.get("reply")
        root = reply.get("root") if isinstance(reply, dict) else None
        said = {
            "repo": (await self._session.who()).did,
            "collection": POST,
            "record": {
                "$type": POST,
                "text": text,
                "createdAt": iso_text(now),
                "reply": {"root": root if isinstance(root, dict) else parent, "parent": parent},
            },
        }
        body = await self._session.tell("com.atproto.repo.createRecord", said, labeler=False)
        uri = body.get("uri") if isinstance(body, dict) else None
        if not is_uri(uri):
            raise Unknown("the server took it and named no post")
        return Receipt(uri, now)

    async def find(
        self, ref: ThreadRef, text: str, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look for an answer of ours."""
        me, earliest = (await self._session.who()).did, since - _SKEW
        params: Params = {"repo": me, "collection": POST, "limit": 100}
        body = await self._session.ask("com.atproto.repo.listRecords", params, labeler=False)
        raw = body.get("records") if isinstance(body, dict) else None
        if not isinstance(raw, list):
            return CannotTell("the server gave no list of our posts")
        oldest, strong = since, True
        for one in raw:
            value = one.get("value") if isinstance(one, dict) else None
            if not isinstance(value, dict) or not is_uri(one.get("uri")):
                # It may be the one that is looked for.
                strong = False
                continue
            at = iso_moment(value.get("createdAt"), since + timedelta(days=3650))
            oldest = min(oldest, at)
            reply = value.get("reply")
            parent = reply.get("parent") if isinstance(reply, dict) else None
            here = isinstance(parent, dict) and parent.get("uri") == ref.subject
            if (
                here
                and at >= earliest
                and one["uri"] not in taken
                and says(value.get("text"), text)
            ):
                return Found(Receipt(one["uri"], at))
        if len(raw) >= 100 and oldest >= earliest:
            return CannotTell("too much was said since")
        return Absent(strong=strong)

    async def mail(self, name: str, did: str) -> dict[str, str]:
        """Return the subject and the HTML of a template of Ozone's, for the account it goes to.
        Raises Rejected where there is none of this name, or a place in it cannot be filled."""
        template = await self._template(name)
        subject, text = template.subject or template.name, template.content_markdown
        handle = ""
        if needs_handle(subject + text):
            repo = await self._intake.repo(did)
            handle = repo.handle if repo and is_handle(repo.handle) else ""
        content = of_markdown(filled(text, handle))
        return {"subjectLine": filled(subject, handle), "content": content}

    async def _template(self, name: str) -> Template:
        found = await self._listed()
        for template in found:
            if name in (template.name, template.shown):
                return template
        known = ", ".join(one.shown for one in found) or "none"
        raise Rejected(f'Ozone has no e-mail template "{name}": {known}')

    async def _listed(self) -> list[Template]:
        body = await self._session.ask("tools.ozone.communication.listTemplates")
        raw = body.get("communicationTemplates") if isinstance(body, dict) else None
        found = convert_each(raw if isinstance(raw, list) else [], Template, "templates")[0]
        return [template for template in found if not template.disabled]

    async def templates(self) -> tuple[str, ...]:
        """Return the names of the e-mail templates; none where we may not read them."""
        try:
            return tuple(template.shown for template in await self._listed())
        except RejectedByServer:
            return ()
