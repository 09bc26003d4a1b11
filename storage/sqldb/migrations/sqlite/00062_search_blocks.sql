-- Lexemes that many papers have are kept as lists of places, a block of the
-- archive at a time; the others stay in search_lexemes: see
-- docs/decisions/0039-blocks-of-the-search.md. All papers are owed anew: until a
-- paper's lexemes are made it is found as before, and the search says that it is
-- behind.

-- +goose Up

-- fresh is 0, or counts how often the paper's lexemes were put since its block
-- was made: then they stand in search_fresh, and nothing else holds of it.
-- sealed says that other tables have something about it.
ALTER TABLE search_docs ADD COLUMN fresh BIGINT NOT NULL DEFAULT 0;
ALTER TABLE search_docs ADD COLUMN sealed BIGINT NOT NULL DEFAULT 0;
UPDATE search_docs SET sealed = 1;
CREATE INDEX search_docs_fresh ON search_docs (place, sealed, fresh) WHERE fresh > 0;

-- The lexemes of papers whose block is not made yet, or that changed since.
CREATE VIRTUAL TABLE search_fresh USING fts5(
    lexemes, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_'");

-- The same as it was put, to make a block of.
CREATE TABLE search_told (
    place   INTEGER PRIMARY KEY,
    lexemes TEXT NOT NULL
);

-- Papers come a few in a transaction, each a segment: merging by four took as
-- long as all the rest.
INSERT INTO search_fresh (search_fresh, rank) VALUES ('automerge', 8);
INSERT INTO search_lexemes (search_lexemes, rank) VALUES ('automerge', 8);

-- Blocks that are made; maker is who makes it, or did.
CREATE TABLE search_blocks (
    block BIGINT PRIMARY KEY,
    maker TEXT NOT NULL
) WITHOUT ROWID;

-- Of a block, the papers that have a lexeme: their places in it.
CREATE TABLE search_lists (
    block  BIGINT NOT NULL,
    lexeme TEXT NOT NULL,
    papers BLOB NOT NULL,
    PRIMARY KEY (block, lexeme)
) WITHOUT ROWID;

DROP TRIGGER search_gone;
-- +goose StatementBegin
CREATE TRIGGER search_gone AFTER DELETE ON search_docs
BEGIN
    DELETE FROM search_texts WHERE place = OLD.place;
    DELETE FROM search_lexemes WHERE rowid = OLD.place;
    DELETE FROM search_fresh WHERE rowid = OLD.place;
    DELETE FROM search_told WHERE place = OLD.place;
END;
-- +goose StatementEnd

-- Every agency with those above it, itself among them.
CREATE VIEW search_branches (code, head) AS
WITH RECURSIVE up (code, head) AS (
    SELECT code, code FROM agencies
    UNION
    SELECT u.code, a.parent FROM up u JOIN agencies a ON a.code = u.head WHERE a.parent IS NOT NULL
)
SELECT code, head FROM up;

-- +goose StatementBegin
CREATE TRIGGER search_placed AFTER UPDATE OF parent ON agencies WHEN NEW.parent IS NOT OLD.parent
BEGIN
    INSERT INTO search_owed (document, at, stamp, due)
    SELECT d.id, d.changed, 1, 0 FROM dossiers o JOIN documents d ON d.dossier = o.code
    WHERE d.state = 'archived' AND (o.receiving IN (SELECT code FROM search_branches WHERE head = NEW.code)
        OR o.competent IN (SELECT code FROM search_branches WHERE head = NEW.code))
    ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;
END;
-- +goose StatementEnd

INSERT INTO search_owed (document, at, stamp, due)
SELECT d.id, COALESCE(e.added, d.changed), 1, 0 FROM documents d LEFT JOIN entries e ON e.document = d.id
WHERE d.state = 'archived' AND d.disposed = 0
ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;

-- +goose Down
-- What is found by stands in other tables here than a program of before looks in:
-- all papers are owed anew, and nothing is found until then that is not there.
DROP TRIGGER search_placed;
DROP VIEW search_branches;
DROP TRIGGER search_gone;
DELETE FROM search_docs;
DELETE FROM search_texts;
INSERT INTO search_lexemes (search_lexemes) VALUES ('delete-all');
INSERT INTO search_lexemes (search_lexemes, rank) VALUES ('automerge', 4);
DROP TABLE search_lists;
DROP TABLE search_blocks;
DROP TABLE search_told;
DROP TABLE search_fresh;
DROP INDEX search_docs_fresh;
ALTER TABLE search_docs DROP COLUMN sealed;
ALTER TABLE search_docs DROP COLUMN fresh;
-- +goose StatementBegin
CREATE TRIGGER search_gone AFTER DELETE ON search_docs
BEGIN
    DELETE FROM search_texts WHERE place = OLD.place;
    DELETE FROM search_lexemes WHERE rowid = OLD.place;
END;
-- +goose StatementEnd

INSERT INTO search_owed (document, at, stamp, due)
SELECT d.id, COALESCE(e.added, d.changed), 1, 0 FROM documents d LEFT JOIN entries e ON e.document = d.id
WHERE d.state = 'archived' AND d.disposed = 0
ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;
