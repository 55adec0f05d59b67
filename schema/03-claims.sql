-- Who is at work on a spec: one agent at most, and until when. The row goes when the agent gives the
-- spec back or says that it is complete, when the lease is over, and with the spec.
CREATE TABLE claims (
  spec TEXT PRIMARY KEY,                           -- key of a live spec
  project INTEGER NOT NULL,
  agent TEXT NOT NULL CHECK (agent <> ''),
  claimed_at INTEGER NOT NULL,
  renewed_at INTEGER NOT NULL,                     -- when the lease began that expires_at ends
  expires_at INTEGER CHECK (expires_at > renewed_at),  -- NULL: never
  -- Before the claim, and what it made of the status: giving the spec back undoes only that.
  status_before TEXT NOT NULL,
  status_set_before INTEGER NOT NULL CHECK (status_set_before IN (0, 1)),
  assignee_before TEXT NOT NULL,
  status_claimed TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Whoever deletes or archives a spec, nobody is at work on it any more.
CREATE TRIGGER claims_end AFTER UPDATE OF kind, status, deleted_at ON specs
WHEN NEW.deleted_at IS NOT NULL OR NEW.kind = 'archived' OR NEW.status = 'archived'
BEGIN
  DELETE FROM claims WHERE spec = NEW.key;
END;

-- From which status to which it was moved; both empty: it stayed, or is not known.
ALTER TABLE sync_history ADD COLUMN status_from TEXT NOT NULL DEFAULT '';
ALTER TABLE sync_history ADD COLUMN status_to TEXT NOT NULL DEFAULT '';
-- The same of an edit, until it is on disk and history tells of it.
ALTER TABLE edits ADD COLUMN status_from TEXT NOT NULL DEFAULT '';
ALTER TABLE edits ADD COLUMN status_to TEXT NOT NULL DEFAULT '';
