-- As whom an account posts, as the platform told the process that reads it.
ALTER TABLE account ADD COLUMN identity TEXT NOT NULL DEFAULT '';
