-- Times are integer microseconds since 1970 UTC; lease_until is seconds of the boot clock.

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO counter (name, value) VALUES ('seq', 0);

CREATE TABLE thread (
    id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    place INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    first_flag_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    account TEXT NOT NULL,
    realm TEXT NOT NULL,
    subject TEXT NOT NULL,
    channel TEXT NOT NULL,
    title TEXT NOT NULL,
    author_id TEXT NOT NULL,
    author_name TEXT NOT NULL,
    author_standing TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    url TEXT,
    conversation TEXT,
    said_language TEXT,
    said_severity INTEGER NOT NULL,
    tags TEXT NOT NULL,
    held INTEGER NOT NULL,
    locked INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    flag_count INTEGER NOT NULL,
    reasons TEXT NOT NULL,
    language TEXT,
    help_route TEXT,
    snoozed_until INTEGER,
    resolved_at INTEGER,
    resolved_by TEXT,
    team TEXT,
    pending INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    clock TEXT,
    due_at INTEGER,
    soon_at INTEGER,
    resumes_at INTEGER,
    breached_at INTEGER,
    policy TEXT NOT NULL,
    inherited INTEGER NOT NULL,
    haystack TEXT NOT NULL,
    UNIQUE (realm, subject)
);

CREATE INDEX thread_queue ON thread (place, severity DESC, first_flag_at, id, state)
    WHERE state <> 'resolved';
CREATE INDEX thread_state ON thread (state);
CREATE INDEX thread_seq ON thread (seq);
CREATE INDEX thread_soon ON thread (soon_at) WHERE soon_at IS NOT NULL;
CREATE INDEX thread_resumes ON thread (resumes_at) WHERE resumes_at IS NOT NULL;
CREATE INDEX thread_snoozed ON thread (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX thread_url ON thread (url) WHERE url IS NOT NULL;
CREATE INDEX thread_conversation ON thread (realm, conversation) WHERE conversation IS NOT NULL;

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    thread INTEGER NOT NULL REFERENCES thread (id),
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL
);

CREATE INDEX event_thread ON event (thread, at);

CREATE TABLE post (
    id INTEGER PRIMARY KEY,
    thread INTEGER NOT NULL REFERENCES thread (id),
    remote_id TEXT NOT NULL,
    author_id TEXT NOT NULL,
    author_name TEXT NOT NULL,
    author_standing TEXT NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    raw BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    hidden INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER,
    held INTEGER NOT NULL,
    media TEXT NOT NULL,
    is_subject INTEGER NOT NULL,
    UNIQUE (thread, remote_id)
);

CREATE TABLE post_version (
    id INTEGER PRIMARY KEY,
    post INTEGER NOT NULL REFERENCES post (id),
    text TEXT NOT NULL,
    raw BLOB NOT NULL,
    hidden INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER,
    media TEXT NOT NULL
);

CREATE INDEX post_version_post ON post_version (post);

CREATE TABLE flag (
    id INTEGER PRIMARY KEY,
    thread INTEGER NOT NULL REFERENCES thread (id),
    key TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    remote_id TEXT,
    post TEXT,
    by TEXT,
    note TEXT NOT NULL,
    rule INTEGER NOT NULL,
    closed_by TEXT,
    closed_at INTEGER,
    missing INTEGER NOT NULL DEFAULT 0,
    UNIQUE (thread, key)
);

CREATE INDEX flag_open ON flag (thread, key) WHERE closed_at IS NULL;
CREATE INDEX flag_missing ON flag (thread) WHERE missing > 0;

CREATE TABLE channel (
    realm TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    name TEXT NOT NULL,
    locked INTEGER NOT NULL,
    kind TEXT,
    seconds INTEGER,
    since INTEGER,
    until INTEGER,
    by TEXT NOT NULL,
    reason TEXT NOT NULL,
    delivery INTEGER,
    ours INTEGER NOT NULL,
    PRIMARY KEY (realm, remote_id)
);

CREATE INDEX channel_restricted ON channel (realm) WHERE kind IS NOT NULL;

CREATE TABLE account (
    name TEXT PRIMARY KEY,
    cursor TEXT,
    complete_at INTEGER,
    health TEXT,
    health_since INTEGER,
    health_detail TEXT NOT NULL DEFAULT ''
);

CREATE TABLE delivery (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    batch TEXT NOT NULL,
    thread INTEGER NOT NULL REFERENCES thread (id),
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
    lease_boot TEXT
);

CREATE INDEX delivery_thread ON delivery (thread);
CREATE INDEX delivery_batch ON delivery (batch);
CREATE INDEX delivery_account ON delivery (account, state);
CREATE INDEX delivery_state ON delivery (state);
CREATE INDEX delivery_receipt ON delivery (account, receipt_id) WHERE receipt_id IS NOT NULL;

CREATE TABLE delivery_event (
    id INTEGER PRIMARY KEY,
    delivery INTEGER NOT NULL REFERENCES delivery (id),
    at INTEGER NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    who TEXT,
    why TEXT NOT NULL
);

CREATE INDEX delivery_event_delivery ON delivery_event (delivery);

CREATE TABLE draft (
    thread INTEGER NOT NULL REFERENCES thread (id),
    by TEXT NOT NULL,
    text TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (thread, by)
);

CREATE INDEX draft_by ON draft (by, saved_at);

CREATE TABLE claim (
    thread INTEGER PRIMARY KEY REFERENCES thread (id),
    by TEXT NOT NULL,
    session TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    lease_until REAL NOT NULL,
    lease_boot TEXT NOT NULL
);

CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    lease_until REAL NOT NULL,
    lease_boot TEXT NOT NULL
);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    thread INTEGER,
    delivery INTEGER,
    detail TEXT NOT NULL
);

CREATE INDEX audit_thread ON audit (thread) WHERE thread IS NOT NULL;

CREATE TRIGGER audit_keeps_lines BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_keeps_all BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    at INTEGER NOT NULL,
    place TEXT NOT NULL,
    why TEXT NOT NULL,
    raw BLOB NOT NULL,
    digest TEXT NOT NULL,
    UNIQUE (account, place, digest)
);

CREATE TABLE sent_reply (
    id INTEGER PRIMARY KEY,
    entry TEXT NOT NULL,
    thread INTEGER NOT NULL,
    by TEXT NOT NULL,
    at INTEGER NOT NULL
);

CREATE INDEX sent_reply_entry ON sent_reply (entry);
