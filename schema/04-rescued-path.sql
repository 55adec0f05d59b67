-- Whatever a push takes from disk is looked for among the contents that were put aside; after one
-- commit of a client that writes over thousands of rows, these are thousands.
CREATE INDEX rescued_path ON rescued (project, path);
