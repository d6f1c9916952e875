-- Of what comes in nearly everything is a flag: one comparison tells that it is no moderator's own.
DROP INDEX event_own;
CREATE INDEX event_own ON event (actor, at)
    WHERE kind <> 'flagged'
    AND kind IN ('resolved', 'snoozed', 'escalated', 'reopened', 'staff_note', 'sensitive');
