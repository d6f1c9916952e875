"""What is asked of GitHub's GraphQL interface.

Source: the public GraphQL schema: Discussion, Issue, DiscussionComment, IssueComment, and the
mutations of Minimizable, Lockable, Closable and Labelable.
"""

from __future__ import annotations

_WHO = "author { __typename login }"
_SAID = f"id body url createdAt lastEditedAt isMinimized authorAssociation {_WHO}"
_REPLIES = f"replies(last: 20) {{ nodes {{ {_SAID} }} }}"
_ISSUE_COMMENTS = f"comments(last: 50) {{ totalCount nodes {{ {_SAID} }} }}"
_DISCUSSION_COMMENTS = f"comments(last: 30) {{ totalCount nodes {{ {_SAID} {_REPLIES} }} }}"
_TOPIC = f"""
  __typename id number title body url createdAt updatedAt lastEditedAt closed locked
  authorAssociation {_WHO} labels(first: 30) {{ nodes {{ id name }} }}
  repository {{ nameWithOwner }}
"""

COMMENTS = f"""query($ids: [ID!]!) {{ nodes(ids: $ids) {{
  ... on Issue {{ {_ISSUE_COMMENTS} }} ... on Discussion {{ {_DISCUSSION_COMMENTS} }} }} }}"""
"""The last comments of issues and discussions, in the order of the ids."""

TOPIC = f"""query($id: ID!) {{ node(id: $id) {{
  ... on Issue {{ {_TOPIC} assignees(first: 10) {{ nodes {{ login }} }} {_ISSUE_COMMENTS}
    timelineItems(last: 1, itemTypes: [LOCKED_EVENT]) {{
      nodes {{ ... on LockedEvent {{ id }} }} }} }}
  ... on Discussion {{ {_TOPIC} isAnswered {_DISCUSSION_COMMENTS} }} }} }}"""
"""One issue or discussion as it stands."""

MINIMIZED = """query($ids: [ID!]!) { nodes(ids: $ids) {
  ... on Node { id } ... on Minimizable { isMinimized } } }"""
"""Which of some comments are minimised."""

DISCUSSIONS = f"""
query($owner: String!, $name: String!, $after: String, $states: [DiscussionState!]) {{
  repository(owner: $owner, name: $name) {{ hasDiscussionsEnabled
    discussions(first: 50, after: $after, states: $states,
                orderBy: {{field: UPDATED_AT, direction: DESC}}) {{
      pageInfo {{ hasNextPage endCursor }} nodes {{
        {_TOPIC} isAnswered comments {{ totalCount }} }} }} }} }}"""
"""A page of a repository's discussions, the last changed one first; without what was said in them,
it costs one point of the rate limit."""


def mutation(name: str, returns: str = "clientMutationId") -> str:
    """Return the document of a mutation with one `input`."""
    kind = name[0].upper() + name[1:]
    return f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {returns} }} }}"


SAY = mutation("addDiscussionComment", "comment { id createdAt }")
MINIMIZE = mutation("minimizeComment", "minimizedComment { isMinimized }")
UNMINIMIZE = mutation("unminimizeComment", "unminimizedComment { isMinimized }")
LOCK = mutation("lockLockable", "lockedRecord { locked }")
UNLOCK = mutation("unlockLockable", "unlockedRecord { locked }")
UNLABEL = mutation(
    "removeLabelsFromLabelable", "labelable { labels(first: 100) { nodes { id name } } }"
)
CLOSE = {
    "Issue": mutation("closeIssue", "issue { closed }"),
    "Discussion": mutation("closeDiscussion", "discussion { closed }"),
}
REOPEN = {
    "Issue": mutation("reopenIssue", "issue { closed }"),
    "Discussion": mutation("reopenDiscussion", "discussion { closed }"),
}
