-- A hand-over is a delivery that belongs to no thread; one left behind too long asks before it goes
-- out. This comes first: it makes the table anew, without columns that others added to it.
CREATE TABLE delivery_of_any (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    batch TEXT NOT NULL,
    thread INTEGER REFERENCES thread (id),
    account TEXT NOT NULL,
    command TEXT NOT NULL,
    state TEXT NOT NULL,
    by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    absent INTEGER NOT NULL,
    next_at INTEGER,
    not_before INTEGER,
    hold_until INTEGER,
    first_sent_at INTEGER,
    owner TEXT,
    epoch INTEGER NOT NULL,
    receipt_id TEXT,
    receipt_at INTEGER,
    receipt_evidence TEXT,
    error TEXT,
    undoes INTEGER,
    unknown_at INTEGER,
    lease_until REAL,
    lease_boot TEXT,
    asks INTEGER NOT NULL DEFAULT 0
);
INSERT INTO delivery_of_any SELECT *, 0 FROM delivery;
DROP TABLE delivery;
ALTER TABLE delivery_of_any RENAME TO delivery;
CREATE INDEX delivery_thread ON delivery (thread);
CREATE INDEX delivery_batch ON delivery (batch);
CREATE INDEX delivery_account ON delivery (account, state);
CREATE INDEX delivery_state ON delivery (state);
CREATE INDEX delivery_receipt ON delivery (account, receipt_id) WHERE receipt_id IS NOT NULL;
-- Who sat here when, and the texts of hand-overs.
CREATE TABLE sitting (
    session TEXT PRIMARY KEY,
    by TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    ended_at INTEGER,
    handed_at INTEGER
) WITHOUT ROWID;
CREATE INDEX sitting_by ON sitting (by, began_at);
CREATE TABLE handover (
    id INTEGER PRIMARY KEY,
    by TEXT NOT NULL,
    at INTEGER NOT NULL,
    successor TEXT NOT NULL,
    text TEXT NOT NULL,
    delivery INTEGER REFERENCES delivery (id)
);
-- The NOW lane, and what was put aside when an account was first read.
ALTER TABLE thread ADD COLUMN now_at INTEGER;
ALTER TABLE thread ADD COLUMN now_due_at INTEGER;
ALTER TABLE thread ADD COLUMN now_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE thread ADD COLUMN backlog INTEGER NOT NULL DEFAULT 0;
CREATE INDEX thread_now ON thread (now_at) WHERE now_at IS NOT NULL;
DROP INDEX thread_state;
CREATE INDEX thread_state ON thread (backlog, state);
-- Pile-ons and batches: what came when, which threads one batch is about, what was kept for good.
CREATE INDEX flag_at ON flag (at);
CREATE INDEX post_at ON post (created_at);
CREATE TABLE batch (
    batch TEXT NOT NULL,
    thread INTEGER NOT NULL,
    PRIMARY KEY (batch, thread)
) WITHOUT ROWID;
CREATE TABLE kept (
    thread INTEGER NOT NULL,
    post TEXT NOT NULL,
    by TEXT NOT NULL,
    at INTEGER NOT NULL,
    print TEXT NOT NULL,
    closed INTEGER NOT NULL,
    PRIMARY KEY (thread, post)
) WITHOUT ROWID;
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
CREATE INDEX event_sanction ON event (at) WHERE kind = 'sanctioned';
CREATE INDEX event_own ON event (actor, at)
    WHERE kind IN ('resolved', 'snoozed', 'escalated', 'reopened', 'staff_note', 'sensitive');
CREATE INDEX delivery_by ON delivery (by, created_at);
-- A moderator's own: quick replies pinned to a digit, folded posts that were read.
CREATE TABLE pin (
    by TEXT NOT NULL,
    digit INTEGER NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (by, digit),
    UNIQUE (by, entry)
) WITHOUT ROWID;
CREATE TABLE exposure (
    id INTEGER PRIMARY KEY,
    by TEXT NOT NULL,
    thread INTEGER NOT NULL REFERENCES thread (id),
    post TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX exposure_by ON exposure (by, at);
-- Status: what happened in a period, when an account could not be read, who looked last.
CREATE INDEX event_at ON event (at, thread);
ALTER TABLE account ADD COLUMN heard_at INTEGER;
ALTER TABLE account ADD COLUMN stale_at INTEGER;
CREATE TABLE blind (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    ended_at INTEGER
);
CREATE INDEX blind_account ON blind (account, began_at);
CREATE INDEX blind_open ON blind (account) WHERE ended_at IS NULL;
CREATE TABLE look (
    by TEXT PRIMARY KEY,
    began_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL
);
-- Whether a moderator ever answered in public on an account.
CREATE INDEX delivery_public ON delivery (account, by)
    WHERE json_extract(command, '$.kind') = 'reply'
    AND json_extract(command, '$.audience') = 'everyone';
