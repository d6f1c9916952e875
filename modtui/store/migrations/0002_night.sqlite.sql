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
