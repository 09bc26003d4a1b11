-- Lexemes that many papers have are kept as lists of places, a block of the
-- archive at a time; the others stay in search_docs: see
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
CREATE TABLE search_fresh (
    place   BIGINT PRIMARY KEY,
    lexemes TSVECTOR NOT NULL
);
CREATE INDEX search_fresh_lexemes ON search_fresh USING gin (lexemes) WITH (fastupdate = off);

-- Blocks that are made; maker is who makes it, or did.
CREATE TABLE search_blocks (
    block BIGINT PRIMARY KEY,
    maker TEXT COLLATE "C" NOT NULL
);

-- Of a block, the papers that have a lexeme: their places in it.
CREATE TABLE search_lists (
    block  BIGINT NOT NULL,
    lexeme TEXT COLLATE "C" NOT NULL,
    papers BYTEA NOT NULL,
    PRIMARY KEY (block, lexeme)
);

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_texts WHERE place = OLD.place;
    DELETE FROM search_fresh WHERE place = OLD.place;
    RETURN OLD;
END $$;
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
CREATE FUNCTION search_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_owed (document, at, stamp, due)
    SELECT d.id, d.changed, 1, 0 FROM dossiers o JOIN documents d ON d.dossier = o.code
    WHERE d.state = 'archived' AND (o.receiving IN (SELECT code FROM search_branches WHERE head = NEW.code)
        OR o.competent IN (SELECT code FROM search_branches WHERE head = NEW.code))
    ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER search_placed AFTER UPDATE OF parent ON agencies
    FOR EACH ROW WHEN (NEW.parent IS DISTINCT FROM OLD.parent) EXECUTE FUNCTION search_placed();

INSERT INTO search_owed (document, at, stamp, due)
SELECT d.id, COALESCE(e.added, d.changed), 1, 0 FROM documents d LEFT JOIN entries e ON e.document = d.id
WHERE d.state = 'archived' AND d.disposed = 0
ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;

-- +goose Down
-- What is found by stands in other tables here than a program of before looks in:
-- all papers are owed anew, and nothing is found until then that is not there.
DROP TRIGGER search_placed ON agencies;
DROP FUNCTION search_placed();
DROP VIEW search_branches;
DROP TRIGGER search_gone ON search_docs;
TRUNCATE search_docs, search_texts;
DROP TABLE search_lists;
DROP TABLE search_blocks;
DROP TABLE search_fresh;
DROP INDEX search_docs_fresh;
ALTER TABLE search_docs DROP COLUMN sealed;
ALTER TABLE search_docs DROP COLUMN fresh;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_texts WHERE place = OLD.place;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER search_gone AFTER DELETE ON search_docs
    FOR EACH ROW EXECUTE FUNCTION search_gone();

INSERT INTO search_owed (document, at, stamp, due)
SELECT d.id, COALESCE(e.added, d.changed), 1, 0 FROM documents d LEFT JOIN entries e ON e.document = d.id
WHERE d.state = 'archived' AND d.disposed = 0
ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;
