-- Who holds a thread on its platform; and whether a claim of ours is held there as well.
ALTER TABLE thread ADD COLUMN holder TEXT NOT NULL DEFAULT '';
ALTER TABLE claim ADD COLUMN mirrored INTEGER NOT NULL DEFAULT 0;
CREATE INDEX claim_mirrored ON claim (thread) WHERE mirrored = 1;
