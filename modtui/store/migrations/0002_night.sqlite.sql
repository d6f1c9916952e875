-- The NOW lane, and what was put aside when an account was first read.
ALTER TABLE thread ADD COLUMN now_at INTEGER;
ALTER TABLE thread ADD COLUMN now_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE thread ADD COLUMN backlog INTEGER NOT NULL DEFAULT 0;
CREATE INDEX thread_now ON thread (now_at) WHERE now_at IS NOT NULL;
DROP INDEX thread_state;
CREATE INDEX thread_state ON thread (backlog, state);
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
