-- Chinese, Japanese and Korean words are found in the middle of a run of characters, too: by a tokenizer
-- that only specd has (src/sqlite/tokenizer.cc). The rows are filled in again.
DROP TABLE texts;
DELETE FROM indexed;
CREATE VIRTUAL TABLE texts USING fts5 (
  path, content, tokenize = 'specd remove_diacritics 2', prefix = '1 2');
