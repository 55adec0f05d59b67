-- A database of schema version 2, as specd 0.1.0 made it and `sqlite3 .dump` wrote it, plus the two
-- PRAGMAs that .dump leaves out. Never edited: later versions are tested against it.
PRAGMA application_id=1936745316;
PRAGMA user_version=2;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE counter (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  rev INTEGER NOT NULL
) STRICT;
INSERT INTO counter VALUES(1,3);
CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('boot','boot');
INSERT INTO meta VALUES('epoch',1764000000000000);
INSERT INTO meta VALUES('running',0);
CREATE TABLE projects (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  slug TEXT NOT NULL UNIQUE,
  root TEXT NOT NULL UNIQUE,
  source TEXT NOT NULL,
  layout TEXT NOT NULL CHECK (layout IN ('openspec', 'leanspec')),
  settings TEXT NOT NULL DEFAULT '{}',             -- JSON
  state TEXT NOT NULL DEFAULT 'ok'
    CHECK (state IN ('ok', 'missing', 'held', 'paused', 'read_only')),
  state_reason TEXT NOT NULL DEFAULT '',
  root_dev INTEGER NOT NULL DEFAULT 0,             -- as last seen; 0: never
  root_ino INTEGER NOT NULL DEFAULT 0,
  added_at INTEGER NOT NULL
) STRICT;
INSERT INTO projects VALUES(1,'8f14e45f','demo','/home/ann/demo','folder','openspec','{}','ok','',0,0,1764000000000000);
CREATE TABLE specs (
  key TEXT PRIMARY KEY,                            -- ULID
  project INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('change', 'archived', 'capability', 'leanspec')),
  id TEXT NOT NULL,
  change_id TEXT NOT NULL DEFAULT '',              -- the id without an archive's date
  dir TEXT NOT NULL,                               -- relative to the project's root
  dir_dev INTEGER NOT NULL DEFAULT 0,
  dir_ino INTEGER NOT NULL DEFAULT 0,
  title TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  status_set INTEGER NOT NULL DEFAULT 0 CHECK (status_set IN (0, 1)),  -- by a person or agent
  priority TEXT NOT NULL DEFAULT '',
  tags TEXT NOT NULL DEFAULT '[]',                 -- JSON array of strings
  assignee TEXT NOT NULL DEFAULT '',
  front_matter TEXT,                               -- JSON
  tasks_done INTEGER NOT NULL DEFAULT 0,
  tasks_total INTEGER NOT NULL DEFAULT 0,
  progress TEXT NOT NULL DEFAULT 'no-tasks',       -- as the CLI computes it
  version INTEGER NOT NULL DEFAULT 1,              -- one more with each change of this row
  last_synced_at INTEGER,
  filesystem_modified_at INTEGER,
  db_modified_at INTEGER,
  sync_error TEXT NOT NULL DEFAULT '',             -- empty: none
  archived_at INTEGER,
  deleted_at INTEGER
) STRICT;
INSERT INTO specs VALUES('01KAW0000000000000000000AA',1,'change','add-login','add-login','openspec/changes/add-login',0,0,'Add login','',0,'','["one","two"]','',NULL,0,0,'no-tasks',1,NULL,NULL,NULL,'',NULL,NULL);
INSERT INTO specs VALUES('01KAW0000000000000000000BB',1,'change','drop-cart','drop-cart','openspec/changes/drop-cart',0,0,'Drop cart','approved',1,'high','["one","two"]','ann',NULL,0,0,'no-tasks',1,NULL,NULL,NULL,'',NULL,1764000000000000);
CREATE TABLE spec_files (
  project INTEGER NOT NULL,
  path TEXT NOT NULL,                              -- relative to the project's root
  spec TEXT NOT NULL DEFAULT '',                   -- key; empty until the daemon has seen the row
  role TEXT NOT NULL DEFAULT 'other',
  rev INTEGER NOT NULL DEFAULT 0,
  edit INTEGER NOT NULL DEFAULT 0,                 -- intent in `edits`; 0: none
  modified_at INTEGER,                             -- last edit through the database
  deleted_at INTEGER,                              -- set: delete the file
  content ANY CHECK (content IS NULL OR typeof(content) IN ('text', 'blob')),
  PRIMARY KEY (project, path)
) STRICT;
INSERT INTO spec_files VALUES(1,'openspec/changes/add-login/tasks.md','01KAW0000000000000000000AA','tasks',3,0,1795277375000000,NULL,replace('edited by SQL\n','\n',char(10)));
CREATE TABLE file_state (
  project INTEGER NOT NULL,
  path TEXT NOT NULL,
  spec TEXT NOT NULL,
  role TEXT NOT NULL,
  base_sha256 BLOB CHECK (length(base_sha256) = 32),      -- NULL: no agreement, or on absence
  base_binary INTEGER NOT NULL DEFAULT 0,                 -- base is not UTF-8 text
  base_from_push INTEGER NOT NULL DEFAULT 0,
  previous_sha256 BLOB CHECK (length(previous_sha256) = 32),  -- the base before
  pushed_rev INTEGER NOT NULL DEFAULT 0,                  -- rev of the row when they agreed
  dev INTEGER,                                            -- fingerprint on disk; all or none
  ino INTEGER,
  size INTEGER,
  mtime_ns INTEGER,
  ctime_ns INTEGER,
  title TEXT NOT NULL DEFAULT '',                         -- facts of the file's text
  tasks_done INTEGER NOT NULL DEFAULT 0,
  tasks_total INTEGER NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '',                         -- why it cannot be read or parsed
  front_matter TEXT,                                      -- JSON
  PRIMARY KEY (project, path)
) STRICT, WITHOUT ROWID;
INSERT INTO file_state VALUES(1,'openspec/changes/add-login/tasks.md','01KAW0000000000000000000AA','tasks',X'480c2336b410f1ad5f8bf1b28944490255804b65350c527787e74ebdd511e3a4',0,0,X'b640e840b19d378660b32fb51ae18d67dccb4a8596a29e7bd72c1b2ae5928f41',2,1,2,7,4,5,'',0,1,'',NULL);
CREATE TABLE dirty (
  project INTEGER NOT NULL,
  path TEXT NOT NULL,
  rev INTEGER NOT NULL,                            -- counter of the latest edit
  is_foreign INTEGER NOT NULL,                     -- 0: through our own API
  at INTEGER NOT NULL,
  PRIMARY KEY (project, path)
) STRICT, WITHOUT ROWID;
INSERT INTO dirty VALUES(1,'openspec/changes/add-login/tasks.md',3,1,1795277375000000);
CREATE TABLE rescued (
  id INTEGER PRIMARY KEY,
  project INTEGER NOT NULL,
  path TEXT NOT NULL,
  spec TEXT NOT NULL,
  rev INTEGER NOT NULL,                            -- that the content had
  reason TEXT NOT NULL CHECK (reason IN ('superseded', 'displaced')),
  origin TEXT NOT NULL,                            -- who wrote it, as far as the row tells
  actor TEXT NOT NULL,
  at INTEGER NOT NULL,
  content ANY CHECK (content IS NULL OR typeof(content) IN ('text', 'blob'))
) STRICT;
INSERT INTO rescued VALUES(1,1,'openspec/changes/add-login/tasks.md','01KAW0000000000000000000AA',2,'superseded','disk','',1795277375000000,replace('second\n','\n',char(10)));
CREATE TABLE versions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project INTEGER NOT NULL,
  path TEXT NOT NULL,
  spec TEXT NOT NULL,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  reason TEXT NOT NULL CHECK (reason IN ('superseded', 'displaced')),
  origin TEXT NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL,
  dismissed_at INTEGER
) STRICT;
INSERT INTO versions VALUES(1,1,'openspec/changes/add-login/tasks.md','01KAW0000000000000000000AA',X'b640e840b19d378660b32fb51ae18d67dccb4a8596a29e7bd72c1b2ae5928f41','superseded','disk','',1764000000000000,NULL);
CREATE TABLE contents (
  sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
  size INTEGER NOT NULL,                           -- of the content
  zstd BLOB NOT NULL
) STRICT;
INSERT INTO contents VALUES(X'b640e840b19d378660b32fb51ae18d67dccb4a8596a29e7bd72c1b2ae5928f41',6,X'28b52ffd200631000066697273740a');
CREATE TABLE edits (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project INTEGER NOT NULL,
  spec TEXT NOT NULL,
  origin TEXT NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
INSERT INTO edits VALUES(1,1,'01KAW0000000000000000000AA','api','ann',1764000000000000);
CREATE TABLE sync_history (
  id INTEGER PRIMARY KEY,
  project INTEGER NOT NULL,
  spec_id TEXT,                                    -- key of the spec; NULL: about the project
  sync_direction TEXT NOT NULL CHECK (sync_direction IN ('fs_to_db', 'db_to_fs')),
  triggered_by TEXT NOT NULL CHECK (triggered_by IN
    ('file_watcher', 'periodic', 'user_edit', 'manual', 'startup', 'external_db')),
  origin TEXT NOT NULL,
  actor TEXT NOT NULL,
  success INTEGER NOT NULL CHECK (success IN (0, 1)),
  error_message TEXT NOT NULL DEFAULT '',
  files_changed TEXT NOT NULL DEFAULT '[]',        -- JSON array of paths
  duration_us INTEGER NOT NULL,
  synced_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,                        -- of the latest repetition
  count INTEGER NOT NULL DEFAULT 1
, change TEXT NOT NULL DEFAULT ''
  CHECK (change IN ('', 'created', 'updated', 'renamed', 'deleted')), spec_name TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO sync_history VALUES(1,1,'01KAW0000000000000000000AA','fs_to_db','file_watcher','disk','',1,'','["openspec/changes/add-login/tasks.md"]',75,1764000000000000,1764000000000000,1,'updated','add-login');
CREATE TABLE conflicts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project INTEGER NOT NULL,
  spec TEXT NOT NULL,
  path TEXT NOT NULL,
  edit INTEGER NOT NULL DEFAULT 0,
  kind TEXT NOT NULL CHECK (kind IN
    ('both_changed', 'deleted_on_disk', 'deleted_in_db', 'overwritten')),
  base_sha256 BLOB CHECK (length(base_sha256) = 32),
  disk_sha256 BLOB CHECK (length(disk_sha256) = 32),
  row_sha256 BLOB CHECK (length(row_sha256) = 32),
  filesystem_modified_at INTEGER,
  db_modified_at INTEGER,
  last_synced_at INTEGER,
  detected_at INTEGER NOT NULL,
  resolution TEXT NOT NULL DEFAULT 'open'
    CHECK (resolution IN ('open', 'merged', 'restored', 'dismissed')),
  resolved_at INTEGER,
  resolved_by TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO conflicts VALUES(1,1,'01KAW0000000000000000000AA','openspec/changes/add-login/tasks.md',0,'both_changed',X'b640e840b19d378660b32fb51ae18d67dccb4a8596a29e7bd72c1b2ae5928f41',NULL,NULL,NULL,NULL,NULL,1764000000000000,'open',NULL,'');
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL,
  type TEXT NOT NULL,
  project INTEGER NOT NULL,
  spec TEXT,
  origin TEXT NOT NULL,
  actor TEXT NOT NULL,
  payload TEXT NOT NULL,                           -- JSON
  at INTEGER NOT NULL
) STRICT;
INSERT INTO events VALUES(1,1764000000000000,'spec.created',1,'01KAW0000000000000000000AA','disk','','{}',1764000000000000);
CREATE TABLE deleted_contents (
  spec TEXT NOT NULL,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  files INTEGER NOT NULL,                          -- how many had it
  PRIMARY KEY (spec, sha256)
) STRICT, WITHOUT ROWID;
INSERT INTO deleted_contents VALUES('01KAW0000000000000000000BB',X'b640e840b19d378660b32fb51ae18d67dccb4a8596a29e7bd72c1b2ae5928f41',1);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('projects',1);
INSERT INTO sqlite_sequence VALUES('versions',1);
INSERT INTO sqlite_sequence VALUES('edits',1);
INSERT INTO sqlite_sequence VALUES('conflicts',1);
CREATE UNIQUE INDEX specs_live_id ON specs (project, kind, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX specs_live_dir ON specs (project, dir) WHERE deleted_at IS NULL;
CREATE INDEX specs_change_id ON specs (change_id);
CREATE INDEX specs_deleted ON specs (project, deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX spec_files_spec ON spec_files (spec);
CREATE INDEX spec_files_rev ON spec_files (rev, project, path);
CREATE INDEX file_state_spec ON file_state (spec, path);
CREATE INDEX dirty_order ON dirty (is_foreign, rev);
CREATE INDEX versions_path ON versions (project, path, id);
CREATE INDEX versions_sha256 ON versions (sha256);
CREATE INDEX versions_spec ON versions (spec);
CREATE INDEX sync_history_spec ON sync_history (spec_id, id);
CREATE INDEX conflicts_open ON conflicts (project, id) WHERE resolution = 'open';
CREATE TRIGGER spec_files_insert_rev BEFORE INSERT ON spec_files
WHEN NEW.rev > (SELECT rev FROM counter) + 1
BEGIN
  SELECT RAISE(ABORT, 'specd: leave out spec_files.rev, it is set for you');
END;
CREATE TRIGGER spec_files_update_rev BEFORE UPDATE OF rev ON spec_files
WHEN NEW.rev > (SELECT rev FROM counter) + 1
BEGIN
  SELECT RAISE(ABORT, 'specd: leave out spec_files.rev, it is set for you');
END;
CREATE TRIGGER spec_files_update_path BEFORE UPDATE OF project, path, spec ON spec_files
WHEN NEW.rev <= (SELECT rev FROM counter)
 AND (NEW.project <> OLD.project OR NEW.path <> OLD.path OR NEW.spec <> OLD.spec)
BEGIN
  SELECT RAISE(ABORT, 'specd: a file cannot be moved by SQL; insert the new path and set deleted_at of the old one');
END;
CREATE TRIGGER spec_files_insert_refused BEFORE INSERT ON spec_files
WHEN NEW.rev <= (SELECT rev FROM counter)
BEGIN
  SELECT RAISE(ABORT, 'specd: content is NULL; to delete a file, set deleted_at')
   WHERE NEW.content IS NULL AND NEW.deleted_at IS NULL;
  SELECT RAISE(ABORT, 'specd: no such project')
   WHERE NOT EXISTS (SELECT 1 FROM projects WHERE id = NEW.project);
  SELECT RAISE(ABORT, 'specd: this file is not UTF-8 text; write its content as BLOB')
   WHERE typeof(NEW.content) = 'text'
     AND EXISTS (SELECT 1 FROM file_state
                  WHERE project = NEW.project AND path = NEW.path AND base_binary = 1);
  SELECT RAISE(ABORT, 'specd: this spec was deleted; its files cannot be edited')
   WHERE EXISTS (SELECT 1 FROM specs
                  WHERE project = NEW.project AND deleted_at IS NOT NULL
                    AND NEW.path > dir || '/' AND NEW.path < dir || '0')
     AND NOT EXISTS (SELECT 1 FROM specs
                      WHERE project = NEW.project AND deleted_at IS NULL
                        AND NEW.path > dir || '/' AND NEW.path < dir || '0');
END;
CREATE TRIGGER spec_files_update_refused BEFORE UPDATE OF content, deleted_at ON spec_files
WHEN NEW.rev <= (SELECT rev FROM counter)
 AND (CAST(NEW.content AS BLOB) IS NOT CAST(OLD.content AS BLOB)
      OR NEW.deleted_at IS NOT OLD.deleted_at)
BEGIN
  SELECT RAISE(ABORT, 'specd: content is NULL; to delete a file, set deleted_at')
   WHERE NEW.content IS NULL AND NEW.deleted_at IS NULL;
  SELECT RAISE(ABORT, 'specd: this file is not UTF-8 text; write its content as BLOB')
   WHERE typeof(NEW.content) = 'text' AND typeof(OLD.content) <> 'text'
     AND EXISTS (SELECT 1 FROM file_state
                  WHERE project = OLD.project AND path = OLD.path AND base_binary = 1);
  SELECT RAISE(ABORT, 'specd: this spec was deleted; its files cannot be edited')
   WHERE EXISTS (SELECT 1 FROM specs WHERE key = OLD.spec AND deleted_at IS NOT NULL)
     AND NOT EXISTS (SELECT 1 FROM specs
                      WHERE project = OLD.project AND deleted_at IS NULL
                        AND OLD.path > dir || '/' AND OLD.path < dir || '0');
END;
CREATE TRIGGER spec_files_insert_rescue BEFORE INSERT ON spec_files
WHEN NEW.rev <= (SELECT rev FROM counter)
BEGIN
  INSERT INTO rescued (project, path, spec, rev, reason, origin, actor, at, content)
  SELECT project, path, spec, rev, 'superseded',
         CASE WHEN f.edit <> 0
              THEN coalesce((SELECT origin FROM edits WHERE id = f.edit), 'api')
              WHEN EXISTS (SELECT 1 FROM file_state AS s
                            WHERE s.project = f.project AND s.path = f.path
                              AND s.pushed_rev = f.rev)
              THEN 'disk' ELSE 'sql' END,
         coalesce((SELECT actor FROM edits WHERE id = f.edit), ''),
         CAST(strftime('%s', 'now') AS INTEGER) * 1000000, content
    FROM spec_files AS f
   WHERE project = NEW.project AND path = NEW.path AND content IS NOT NULL
     AND CAST(content AS BLOB) IS NOT CAST(NEW.content AS BLOB);
END;
CREATE TRIGGER spec_files_insert AFTER INSERT ON spec_files
WHEN NEW.rev <= (SELECT rev FROM counter)
BEGIN
  UPDATE spec_files
     SET rev = (SELECT rev FROM counter) + 1,
         edit = 0,
         modified_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000000,
         spec = coalesce(
           (SELECT spec FROM file_state WHERE project = NEW.project AND path = NEW.path),
           (SELECT key FROM specs
             WHERE project = NEW.project AND deleted_at IS NULL
               AND NEW.path > dir || '/' AND NEW.path < dir || '0'
             ORDER BY length(dir) DESC LIMIT 1),
           ''),
         role = coalesce(
           (SELECT role FROM file_state WHERE project = NEW.project AND path = NEW.path),
           NEW.role)
   WHERE project = NEW.project AND path = NEW.path;
  UPDATE counter SET rev = rev + 1;
  DELETE FROM dirty WHERE project = NEW.project AND path = NEW.path;
  INSERT INTO dirty (project, path, rev, is_foreign, at)
  SELECT NEW.project, NEW.path, rev, 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000000
    FROM counter;
END;
CREATE TRIGGER spec_files_update AFTER UPDATE OF content, deleted_at, rev ON spec_files
WHEN NEW.rev <= (SELECT rev FROM counter)
 AND (CAST(NEW.content AS BLOB) IS NOT CAST(OLD.content AS BLOB)
      OR NEW.deleted_at IS NOT OLD.deleted_at
      OR NEW.rev < OLD.rev)
BEGIN
  INSERT INTO rescued (project, path, spec, rev, reason, origin, actor, at, content)
  SELECT OLD.project, OLD.path, OLD.spec, OLD.rev, 'superseded',
         CASE WHEN OLD.edit <> 0
              THEN coalesce((SELECT origin FROM edits WHERE id = OLD.edit), 'api')
              WHEN EXISTS (SELECT 1 FROM file_state AS s
                            WHERE s.project = OLD.project AND s.path = OLD.path
                              AND s.pushed_rev = OLD.rev)
              THEN 'disk' ELSE 'sql' END,
         coalesce((SELECT actor FROM edits WHERE id = OLD.edit), ''),
         CAST(strftime('%s', 'now') AS INTEGER) * 1000000, OLD.content
   WHERE OLD.content IS NOT NULL
     AND CAST(NEW.content AS BLOB) IS NOT CAST(OLD.content AS BLOB);
  -- New content in a file that was deleted brings it back.
  UPDATE spec_files
     SET rev = (SELECT rev FROM counter) + 1,
         edit = 0,
         modified_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000000,
         deleted_at = CASE WHEN NEW.deleted_at IS OLD.deleted_at
                            AND CAST(NEW.content AS BLOB) IS NOT CAST(OLD.content AS BLOB)
                           THEN NULL ELSE NEW.deleted_at END
   WHERE project = NEW.project AND path = NEW.path;
  UPDATE counter SET rev = rev + 1;
  DELETE FROM dirty WHERE project = NEW.project AND path = NEW.path;
  INSERT INTO dirty (project, path, rev, is_foreign, at)
  SELECT NEW.project, NEW.path, rev, 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000000
    FROM counter;
END
;
CREATE TRIGGER spec_files_delete AFTER DELETE ON spec_files
WHEN OLD.rev <= (SELECT rev FROM counter)
BEGIN
  INSERT INTO rescued (project, path, spec, rev, reason, origin, actor, at, content)
  SELECT OLD.project, OLD.path, OLD.spec, OLD.rev,
         CASE WHEN EXISTS (SELECT 1 FROM file_state
                            WHERE project = OLD.project AND path = OLD.path
                              AND pushed_rev = OLD.rev)
              THEN 'superseded' ELSE 'displaced' END,
         CASE WHEN OLD.edit <> 0
              THEN coalesce((SELECT origin FROM edits WHERE id = OLD.edit), 'api')
              WHEN EXISTS (SELECT 1 FROM file_state AS s
                            WHERE s.project = OLD.project AND s.path = OLD.path
                              AND s.pushed_rev = OLD.rev)
              THEN 'disk' ELSE 'sql' END,
         coalesce((SELECT actor FROM edits WHERE id = OLD.edit), ''),
         CAST(strftime('%s', 'now') AS INTEGER) * 1000000, OLD.content
   WHERE OLD.content IS NOT NULL;
  UPDATE counter SET rev = rev + 1;
  DELETE FROM dirty WHERE project = OLD.project AND path = OLD.path;
  INSERT INTO dirty (project, path, rev, is_foreign, at)
  SELECT OLD.project, OLD.path, rev, 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000000
    FROM counter;
END;
CREATE VIEW openspec_specs AS
SELECT CASE WHEN s.change_id <> '' AND NOT EXISTS
              (SELECT 1 FROM specs AS other
                WHERE other.change_id = s.change_id AND other.key <> s.key
                  AND other.kind IN ('change', 'archived') AND other.deleted_at IS NULL)
            THEN s.change_id ELSE s.key END AS id,
       (SELECT p.uuid FROM projects AS p WHERE p.id = s.project) AS project_id,
       s.title AS title,
       s.status AS status,
       (SELECT f.content FROM spec_files AS f WHERE f.project = s.project
         AND f.path = s.dir || '/proposal.md' AND f.deleted_at IS NULL) AS proposal_content,
       (SELECT f.content FROM spec_files AS f WHERE f.project = s.project
         AND f.path = s.dir || '/tasks.md' AND f.deleted_at IS NULL) AS tasks_content,
       (SELECT f.content FROM spec_files AS f WHERE f.project = s.project
         AND f.path = s.dir || '/design.md' AND f.deleted_at IS NULL) AS design_content,
       s.last_synced_at / 1000000 AS last_synced_at,
       s.filesystem_modified_at / 1000000 AS filesystem_modified_at,
       s.db_modified_at / 1000000 AS db_modified_at,
       nullif(s.sync_error, '') AS sync_error,
       s.key AS spec_key
  FROM specs AS s
 WHERE s.kind IN ('change', 'archived') AND s.deleted_at IS NULL;
CREATE VIEW openspec_sync_history AS
SELECT id, spec_id, sync_direction, triggered_by, success,
       nullif(error_message, '') AS error_message, files_changed, duration_us,
       synced_at / 1000000 AS synced_at
  FROM sync_history;
CREATE TRIGGER openspec_specs_update_proposal INSTEAD OF UPDATE OF proposal_content ON openspec_specs
WHEN NEW.proposal_content IS NOT OLD.proposal_content
BEGIN
  UPDATE spec_files
     SET content = coalesce(NEW.proposal_content, content),
         deleted_at = CASE WHEN NEW.proposal_content IS NULL
                           THEN CAST(strftime('%s', 'now') AS INTEGER) * 1000000 END
   WHERE (project, path) = (SELECT project, dir || '/proposal.md' FROM specs WHERE key = OLD.spec_key);
  INSERT INTO spec_files (project, path, role, content)
  SELECT project, dir || '/proposal.md', 'proposal', NEW.proposal_content
    FROM specs
   WHERE key = OLD.spec_key AND NEW.proposal_content IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM spec_files AS f
                      WHERE f.project = specs.project AND f.path = dir || '/proposal.md');
END;
CREATE TRIGGER openspec_specs_update_tasks INSTEAD OF UPDATE OF tasks_content ON openspec_specs
WHEN NEW.tasks_content IS NOT OLD.tasks_content
BEGIN
  UPDATE spec_files
     SET content = coalesce(NEW.tasks_content, content),
         deleted_at = CASE WHEN NEW.tasks_content IS NULL
                           THEN CAST(strftime('%s', 'now') AS INTEGER) * 1000000 END
   WHERE (project, path) = (SELECT project, dir || '/tasks.md' FROM specs WHERE key = OLD.spec_key);
  INSERT INTO spec_files (project, path, role, content)
  SELECT project, dir || '/tasks.md', 'tasks', NEW.tasks_content
    FROM specs
   WHERE key = OLD.spec_key AND NEW.tasks_content IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM spec_files AS f
                      WHERE f.project = specs.project AND f.path = dir || '/tasks.md');
END;
CREATE TRIGGER openspec_specs_update_design INSTEAD OF UPDATE OF design_content ON openspec_specs
WHEN NEW.design_content IS NOT OLD.design_content
BEGIN
  UPDATE spec_files
     SET content = coalesce(NEW.design_content, content),
         deleted_at = CASE WHEN NEW.design_content IS NULL
                           THEN CAST(strftime('%s', 'now') AS INTEGER) * 1000000 END
   WHERE (project, path) = (SELECT project, dir || '/design.md' FROM specs WHERE key = OLD.spec_key);
  INSERT INTO spec_files (project, path, role, content)
  SELECT project, dir || '/design.md', 'design', NEW.design_content
    FROM specs
   WHERE key = OLD.spec_key AND NEW.design_content IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM spec_files AS f
                      WHERE f.project = specs.project AND f.path = dir || '/design.md');
END;
CREATE TRIGGER openspec_specs_update_status INSTEAD OF UPDATE OF status ON openspec_specs
WHEN NEW.status IS NOT OLD.status
BEGIN
  UPDATE specs
     SET status = coalesce(NEW.status, ''), status_set = NEW.status IS NOT NULL,
         version = version + 1,
         db_modified_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000000
   WHERE key = OLD.spec_key;
  UPDATE counter SET rev = rev + 1;
  DELETE FROM dirty
   WHERE (project, path) = (SELECT project, dir FROM specs WHERE key = OLD.spec_key);
  INSERT INTO dirty (project, path, rev, is_foreign, at)
  SELECT s.project, s.dir, c.rev, 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000000
    FROM specs AS s, counter AS c
   WHERE s.key = OLD.spec_key;
END;
CREATE TRIGGER openspec_specs_update_computed INSTEAD OF UPDATE ON openspec_specs
BEGIN
  SELECT 1;
END;
CREATE TRIGGER openspec_specs_insert INSTEAD OF INSERT ON openspec_specs
BEGIN
  SELECT RAISE(ABORT, 'specd: specs are made as folders, not by INSERT into openspec_specs');
END;
CREATE TRIGGER openspec_specs_delete INSTEAD OF DELETE ON openspec_specs
BEGIN
  SELECT RAISE(ABORT, 'specd: specs are not deleted by SQL; delete the folder');
END;
CREATE INDEX specs_live_folder ON specs (project, dir_ino) WHERE deleted_at IS NULL;
CREATE INDEX specs_failing ON specs (project) WHERE deleted_at IS NULL AND sync_error <> '';
COMMIT;
