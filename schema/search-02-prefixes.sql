-- The words' first one and two letters have an index of their own: without it, a prefix that short
-- is a walk over all words that begin so. The rows are filled in again.
DROP TABLE texts;
DELETE FROM indexed;
CREATE VIRTUAL TABLE texts USING fts5 (
  path, content, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2');
