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
    binder TEXT COLLATE "C" NOT NULL
);

-- Of a volume, the papers that have a lexeme: their places behind its first one.
CREATE TABLE search_bound (
    volume BIGINT NOT NULL,
    lexeme TEXT COLLATE "C" NOT NULL,
    papers BYTEA NOT NULL,
    PRIMARY KEY (volume, lexeme)
);

-- The place of each paper in the order of answers: given once, when the paper is
-- first made findable, and the same after a rebuild and in a restored house. So this
-- table is none of the index, which is emptied then.
CREATE TABLE findable (
    place    BIGINT PRIMARY KEY,
    document TEXT COLLATE "C" NOT NULL UNIQUE
);
INSERT INTO findable (place, document) SELECT place, document FROM search_docs;

-- What is archived again comes last, as when it was first. (Behind search_withdrawn by
-- name, which PostgreSQL goes by: that waits for whoever gives a place now.)
-- +goose StatementBegin
CREATE FUNCTION findable_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM findable WHERE document = OLD.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER unplaced_withdrawn AFTER UPDATE OF state ON documents
    FOR EACH ROW WHEN (OLD.state = 'archived' AND NEW.state <> 'archived') EXECUTE FUNCTION findable_gone();
CREATE TRIGGER unplaced_disposed AFTER UPDATE OF disposed ON documents
    FOR EACH ROW WHEN (NEW.disposed <> 0 AND OLD.disposed = 0) EXECUTE FUNCTION findable_gone();
CREATE TRIGGER unplaced_deleted AFTER DELETE ON documents
    FOR EACH ROW EXECUTE FUNCTION findable_gone();

-- +goose Down
-- A program of before knows no volumes: the index is emptied and all papers are
-- owed, so that nothing is missing without being said to be.
TRUNCATE search_docs, search_texts, search_fresh, search_lists, search_blocks RESTART IDENTITY;
DROP TRIGGER unplaced_deleted ON documents;
DROP TRIGGER unplaced_disposed ON documents;
DROP TRIGGER unplaced_withdrawn ON documents;
DROP FUNCTION findable_gone();
DROP TABLE findable;
DROP TABLE search_bound;
DROP TABLE search_volumes;
ALTER TABLE search_blocks DROP COLUMN volume;
INSERT INTO search_owed (document, at, stamp, due)
SELECT d.id, COALESCE(e.added, d.changed), 1, 0 FROM documents d LEFT JOIN entries e ON e.document = d.id
WHERE d.state = 'archived' AND d.disposed = 0
ON CONFLICT (document) DO UPDATE SET stamp = search_owed.stamp + 1, due = 0;
