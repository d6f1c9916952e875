-- What the thread said when a quick reply was sent: features as 32-bit numbers, never its text. NULL:
-- the reply was sent before they were kept, or they were forgotten.
ALTER TABLE sent_reply ADD COLUMN said BLOB;

CREATE INDEX sent_reply_said ON sent_reply (id) WHERE said IS NOT NULL;
