-- Lexemes tell three words in a row since now (package dossier/search): those of
-- every archived paper are owed anew. Until a paper's are made it is found by all
-- but phrases of three words and more, and the search says that it is behind.

-- +goose Up
INSERT INTO search_owed (document, at, stamp, due)
SELECT d.id, COALESCE(e.added, d.changed), 1, 0 FROM documents d LEFT JOIN entries e ON e.document = d.id
WHERE d.state = 'archived'
ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;
