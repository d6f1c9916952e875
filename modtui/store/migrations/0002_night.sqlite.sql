-- The NOW lane, and what was put aside when an account was first read.
ALTER TABLE thread ADD COLUMN now_at INTEGER;
ALTER TABLE thread ADD COLUMN now_due_at INTEGER;
ALTER TABLE thread ADD COLUMN now_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE thread ADD COLUMN backlog INTEGER NOT NULL DEFAULT 0;
CREATE INDEX thread_now ON thread (now_at) WHERE now_at IS NOT NULL;
DROP INDEX thread_state;
CREATE INDEX thread_state ON thread (backlog, state);
-- Views of one's own, searching in posts, an author's record, what a moderator did last.
CREATE TABLE saved_view (
    by TEXT NOT NULL,
    name TEXT NOT NULL,
    view TEXT NOT NULL,
    PRIMARY KEY (by, name)
) WITHOUT ROWID;
CREATE TABLE post_folded (
    thread INTEGER NOT NULL,
    post TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (thread, post)
) WITHOUT ROWID;
INSERT INTO post_folded (thread, post, text) SELECT thread, remote_id, casefold(text) FROM post;
CREATE TABLE author_note (
    id INTEGER PRIMARY KEY,
    realm TEXT NOT NULL,
    author_id TEXT NOT NULL,
    thread INTEGER REFERENCES thread (id),
    by TEXT NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX author_note_author ON author_note (realm, author_id);
CREATE INDEX thread_author ON thread (realm, author_id);
CREATE INDEX thread_author_name ON thread (author_name);
CREATE INDEX thread_resolved ON thread (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX post_author ON post (author_id);
CREATE INDEX event_sanction ON event (thread) WHERE kind = 'sanctioned';
CREATE INDEX event_own ON event (actor, at)
    WHERE kind IN ('resolved', 'snoozed', 'escalated', 'reopened', 'staff_note');
CREATE INDEX delivery_by ON delivery (by, created_at);
