-- Each second it is asked what of the NOW lane came due, and what of it is late: the index answers.
DROP INDEX thread_now;
CREATE INDEX thread_now ON thread (now_at, now_due_at, due_at, state, breached_at, resumes_at)
    WHERE now_at IS NOT NULL;
-- Each thread tells how many of its conversation are open.
DROP INDEX thread_conversation;
CREATE INDEX thread_conversation ON thread (realm, conversation, state)
    WHERE conversation IS NOT NULL;
