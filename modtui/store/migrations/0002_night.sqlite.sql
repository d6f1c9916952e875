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

-- The NOW lane, and what was put aside when an account was first read.
ALTER TABLE thread ADD COLUMN now_at INTEGER;
ALTER TABLE thread ADD COLUMN now_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE thread ADD COLUMN backlog INTEGER NOT NULL DEFAULT 0;
CREATE INDEX thread_now ON thread (now_at) WHERE now_at IS NOT NULL;
DROP INDEX thread_state;
CREATE INDEX thread_state ON thread (backlog, state);

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
