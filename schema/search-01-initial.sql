-- search.db, version 1: full-text search over the rows of specd.db. Everything here can be made anew
-- from those rows, so it is in no backup and losing it loses nothing.

-- Which rev of which row is in the index. Rows without text (deleted, binary) stand here too, so
-- that the number of rows here equals the number of rows there.
CREATE TABLE indexed (
  id INTEGER PRIMARY KEY,                          -- rowid in `texts`
  project INTEGER NOT NULL,
  path TEXT NOT NULL,
  spec TEXT NOT NULL,
  rev INTEGER NOT NULL,
  UNIQUE (project, path)
) STRICT;
CREATE INDEX indexed_rev ON indexed (rev);

CREATE VIRTUAL TABLE texts USING fts5 (path, content, tokenize = 'unicode61 remove_diacritics 2');
