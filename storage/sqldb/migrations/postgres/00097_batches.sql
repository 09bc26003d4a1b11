-- Paper by the metre: see docs/decisions/0059-batches.md.

-- +goose Up
CREATE TABLE paper_batches (
    id       TEXT COLLATE "C" PRIMARY KEY,
    agency   TEXT COLLATE "C" NOT NULL,
    who      TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    feed     TEXT COLLATE "C" NOT NULL,
    keep     BIGINT NOT NULL, -- 1: blank sides are pages
    standing TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL DEFAULT 0,
    ordered  TEXT COLLATE "C" NOT NULL DEFAULT '', -- who ordered that its papers enter
    said     TEXT COLLATE "C" NOT NULL DEFAULT '',
    tries    BIGINT NOT NULL DEFAULT 0,
    leased   BIGINT NOT NULL DEFAULT 0 -- until when somebody works at it
);
CREATE INDEX paper_batches_listed ON paper_batches (agency, id);
CREATE INDEX paper_batches_due ON paper_batches (leased) WHERE standing IN ('waiting', 'entering');

CREATE TABLE batch_files (
    batch  TEXT COLLATE "C" NOT NULL REFERENCES paper_batches (id),
    number BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    name   TEXT COLLATE "C" NOT NULL,
    size   BIGINT NOT NULL,
    pages  BIGINT NOT NULL DEFAULT 0,
    looked BIGINT NOT NULL DEFAULT 0,
    said   TEXT COLLATE "C" NOT NULL DEFAULT '',
    known  TEXT COLLATE "C" NOT NULL DEFAULT '', -- the document that has the very bytes
    PRIMARY KEY (batch, number)
);
CREATE INDEX batch_files_digest ON batch_files (digest);

CREATE TABLE batch_sides (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch    TEXT COLLATE "C" NOT NULL,
    file     BIGINT NOT NULL,
    page     BIGINT NOT NULL,
    place    BIGINT NOT NULL, -- in the order in which it enters
    picture  TEXT COLLATE "C" NOT NULL,
    print    BIGINT NOT NULL,
    dpi      BIGINT NOT NULL,
    width    BIGINT NOT NULL, -- mm
    height   BIGINT NOT NULL,
    lies     BIGINT NOT NULL, -- turns that its file asks for
    upright  BIGINT NOT NULL, -- turns that would make it so
    blank    BIGINT NOT NULL,
    colour   BIGINT NOT NULL,
    spoiled  BIGINT NOT NULL,
    mark     TEXT COLLATE "C" NOT NULL, -- JSON of what its codes say
    twins    TEXT COLLATE "C" NOT NULL DEFAULT '', -- JSON
    becomes  TEXT COLLATE "C" NOT NULL,
    why      TEXT COLLATE "C" NOT NULL DEFAULT '',
    turn     BIGINT NOT NULL DEFAULT 0,
    starts   BIGINT NOT NULL DEFAULT 0,
    dossier  TEXT COLLATE "C" NOT NULL DEFAULT '',
    slot     TEXT COLLATE "C" NOT NULL DEFAULT '',
    document TEXT COLLATE "C" NOT NULL DEFAULT '',
    refused  TEXT COLLATE "C" NOT NULL DEFAULT '',
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
);

-- Its files are kept and copied like those of documents.
-- +goose StatementBegin
CREATE FUNCTION batch_files_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.digest, s.state, -1, (SELECT at FROM paper_batches WHERE id = NEW.batch)
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    ON CONFLICT (store, digest) DO NOTHING;
    DELETE FROM orphans WHERE digest = NEW.digest;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER batch_files_held AFTER INSERT ON batch_files
    FOR EACH ROW EXECUTE FUNCTION batch_files_held();
-- +goose StatementBegin
CREATE FUNCTION batch_files_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'files of batches are kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER batch_files_kept BEFORE DELETE ON batch_files
    FOR EACH ROW EXECUTE FUNCTION batch_files_kept();

-- +goose Down
DROP TABLE side_prints;
DROP TABLE batch_sides;
DROP TABLE batch_files;
DROP TABLE paper_batches;
DROP FUNCTION batch_files_held();
DROP FUNCTION batch_files_kept();
