-- Paper by the metre: see docs/decisions/0059-batches.md.

-- +goose Up
CREATE TABLE paper_batches (
    id       TEXT PRIMARY KEY,
    agency   TEXT NOT NULL,
    who      TEXT NOT NULL,
    at       BIGINT NOT NULL,
    feed     TEXT NOT NULL,
    keep     BIGINT NOT NULL, -- 1: blank sides are pages
    standing TEXT NOT NULL,
    version  BIGINT NOT NULL DEFAULT 0,
    ordered  TEXT NOT NULL DEFAULT '', -- who ordered that its papers enter
    said     TEXT NOT NULL DEFAULT '',
    tries    BIGINT NOT NULL DEFAULT 0,
    leased   BIGINT NOT NULL DEFAULT 0 -- until when somebody works at it
);
CREATE INDEX paper_batches_listed ON paper_batches (agency, id);
CREATE INDEX paper_batches_due ON paper_batches (leased) WHERE standing IN ('waiting', 'entering');

CREATE TABLE batch_files (
    batch  TEXT NOT NULL REFERENCES paper_batches (id),
    number BIGINT NOT NULL,
    digest TEXT NOT NULL,
    name   TEXT NOT NULL,
    size   BIGINT NOT NULL,
    pages  BIGINT NOT NULL DEFAULT 0,
    looked BIGINT NOT NULL DEFAULT 0,
    said   TEXT NOT NULL DEFAULT '',
    known  TEXT NOT NULL DEFAULT '', -- the document that has the very bytes
    PRIMARY KEY (batch, number)
);
CREATE INDEX batch_files_digest ON batch_files (digest);

CREATE TABLE batch_sides (
    id       INTEGER PRIMARY KEY,
    batch    TEXT NOT NULL,
    file     BIGINT NOT NULL,
    page     BIGINT NOT NULL,
    place    BIGINT NOT NULL, -- in the order in which it enters
    picture  TEXT NOT NULL,
    print    BIGINT NOT NULL,
    dpi      BIGINT NOT NULL,
    width    BIGINT NOT NULL, -- mm
    height   BIGINT NOT NULL,
    lies     BIGINT NOT NULL, -- turns that its file asks for
    upright  BIGINT NOT NULL, -- turns that would make it so
    blank    BIGINT NOT NULL,
    colour   BIGINT NOT NULL,
    spoiled  BIGINT NOT NULL,
    mark     TEXT NOT NULL, -- JSON of what its codes say
    twins    TEXT NOT NULL DEFAULT '', -- JSON
    becomes  TEXT NOT NULL,
    why      TEXT NOT NULL DEFAULT '',
    turn     BIGINT NOT NULL DEFAULT 0,
    starts   BIGINT NOT NULL DEFAULT 0,
    dossier  TEXT NOT NULL DEFAULT '',
    slot     TEXT NOT NULL DEFAULT '',
    document TEXT NOT NULL DEFAULT '',
    refused  TEXT NOT NULL DEFAULT '',
    UNIQUE (batch, file, page)
);
CREATE INDEX batch_sides_picture ON batch_sides (picture) WHERE picture <> '';

-- Three parts of each side's print, so that whatever differs from a print in five
-- bits at most has one of them with one bit at most.
CREATE TABLE side_prints (
    band  BIGINT NOT NULL,
    bits  BIGINT NOT NULL,
    side  BIGINT NOT NULL,
    print BIGINT NOT NULL,
    PRIMARY KEY (band, bits, side)
) WITHOUT ROWID;

-- Its files are kept and copied like those of documents.
-- +goose StatementBegin
CREATE TRIGGER batch_files_held AFTER INSERT ON batch_files
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.digest, s.state, -1, (SELECT at FROM paper_batches WHERE id = NEW.batch)
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    WHERE NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = NEW.digest);
    DELETE FROM orphans WHERE digest = NEW.digest;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER batch_files_kept BEFORE DELETE ON batch_files
BEGIN SELECT RAISE(ABORT, 'files of batches are kept'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE side_prints;
DROP TABLE batch_sides;
DROP TABLE batch_files;
DROP TABLE paper_batches;
