-- What a deleted spec consisted of: by this, its folder's inode and its change id it is recognised when
-- it comes back. Its rows in file_state do not tell: another spec may have taken its paths since.
CREATE TABLE deleted_contents (
  spec TEXT NOT NULL,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  files INTEGER NOT NULL,                          -- how many had it
  PRIMARY KEY (spec, sha256)
) STRICT, WITHOUT ROWID;
INSERT INTO deleted_contents (spec, sha256, files)
  SELECT s.key, f.previous_sha256, count(*)
    FROM specs AS s JOIN file_state AS f ON f.spec = s.key
   WHERE s.deleted_at IS NOT NULL AND f.previous_sha256 IS NOT NULL
   GROUP BY s.key, f.previous_sha256;

-- Whose folder this is, when one appears.
CREATE INDEX specs_live_folder ON specs (project, dir_ino) WHERE deleted_at IS NULL;

-- What became of the spec (created, updated, renamed, deleted; empty: nothing, or not known) and what
-- it was called then.
ALTER TABLE sync_history ADD COLUMN change TEXT NOT NULL DEFAULT ''
  CHECK (change IN ('', 'created', 'updated', 'renamed', 'deleted'));
ALTER TABLE sync_history ADD COLUMN spec_name TEXT NOT NULL DEFAULT '';

-- Specs with an error are few, and every look at the status counts them.
CREATE INDEX specs_failing ON specs (project) WHERE deleted_at IS NULL AND sync_error <> '';
