-- The NOW lane, and what was put aside when an account was first read.
ALTER TABLE thread ADD COLUMN now_at INTEGER;
ALTER TABLE thread ADD COLUMN now_due_at INTEGER;
ALTER TABLE thread ADD COLUMN now_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE thread ADD COLUMN backlog INTEGER NOT NULL DEFAULT 0;
CREATE INDEX thread_now ON thread (now_at) WHERE now_at IS NOT NULL;
DROP INDEX thread_state;
CREATE INDEX thread_state ON thread (backlog, state);
