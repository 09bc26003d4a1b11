-- Lists of blocks of the search, bound into volumes of sixteen blocks: see
-- docs/decisions/0085-volumes-of-the-search.md. The keeper of the index binds the
-- blocks that are there; until then their lists are where they were. And the order
-- of answers, which a backup holds.

-- +goose Up

-- Which volume has the lists of a block; 0: search_lists.
ALTER TABLE search_blocks ADD COLUMN volume BIGINT NOT NULL DEFAULT 0;

-- Who binds the blocks from the first one on, or did, and as which volume: each
-- binding has another number.
CREATE TABLE search_volumes (
    first  BIGINT PRIMARY KEY,
    volume BIGINT NOT NULL UNIQUE,
    binder TEXT NOT NULL
) WITHOUT ROWID;

-- Of a volume, the papers that have a lexeme: their places behind its first one.
CREATE TABLE search_bound (
    volume BIGINT NOT NULL,
    lexeme TEXT NOT NULL,
    papers BLOB NOT NULL,
    PRIMARY KEY (volume, lexeme)
) WITHOUT ROWID;

-- The place of each paper in the order of answers: given once, when the paper is
-- first made findable, and the same after a rebuild and in a restored house. So this
-- table is none of the index, which is emptied then.
CREATE TABLE findable (
    place    INTEGER PRIMARY KEY,
    document TEXT NOT NULL UNIQUE
);
INSERT INTO findable (place, document) SELECT place, document FROM search_docs;

-- What is archived again comes last, as when it was first.
-- +goose StatementBegin
CREATE TRIGGER unplaced_withdrawn AFTER UPDATE OF state ON documents
WHEN OLD.state = 'archived' AND NEW.state <> 'archived'
BEGIN DELETE FROM findable WHERE document = OLD.id; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER unplaced_disposed AFTER UPDATE OF disposed ON documents
WHEN NEW.disposed <> 0 AND OLD.disposed = 0
BEGIN DELETE FROM findable WHERE document = OLD.id; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER unplaced_deleted AFTER DELETE ON documents
BEGIN DELETE FROM findable WHERE document = OLD.id; END;
-- +goose StatementEnd

-- +goose Down
-- A program of before knows no volumes: the index is emptied and all papers are
-- owed, so that nothing is missing without being said to be.
DELETE FROM search_docs;
DELETE FROM search_texts;
DELETE FROM search_told;
DELETE FROM search_lists;
DELETE FROM search_blocks;
INSERT INTO search_lexemes (search_lexemes) VALUES ('delete-all');
INSERT INTO search_fresh (search_fresh) VALUES ('delete-all');
DROP TRIGGER unplaced_deleted;
DROP TRIGGER unplaced_disposed;
DROP TRIGGER unplaced_withdrawn;
DROP TABLE findable;
DROP TABLE search_bound;
DROP TABLE search_volumes;
ALTER TABLE search_blocks DROP COLUMN volume;
INSERT INTO search_owed (document, at, stamp, due)
SELECT d.id, COALESCE(e.added, d.changed), 1, 0 FROM documents d LEFT JOIN entries e ON e.document = d.id
WHERE d.state = 'archived' AND d.disposed = 0
ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;
