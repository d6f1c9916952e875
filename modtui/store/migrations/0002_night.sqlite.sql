-- The NOW lane, and what was put aside when an account was first read.
ALTER TABLE thread ADD COLUMN now_at INTEGER;
ALTER TABLE thread ADD COLUMN now_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE thread ADD COLUMN backlog INTEGER NOT NULL DEFAULT 0;
CREATE INDEX thread_now ON thread (now_at) WHERE now_at IS NOT NULL;
DROP INDEX thread_state;
CREATE INDEX thread_state ON thread (backlog, state);
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
