-- How every file is in every store, what looks at them found, and what no row
-- names.

-- +goose Up

-- One row for each file and store. It comes with the row that names the file,
-- in the same transaction, so that what is not yet in the second store is a
-- query; and goes with the last row that names it.
CREATE TABLE holdings (
    store  TEXT NOT NULL CHECK (store IN ('main', 'second')),
    digest TEXT NOT NULL,
    state  TEXT NOT NULL,
    size   BIGINT NOT NULL, -- bytes; -1: nobody has looked
    seen   BIGINT NOT NULL, -- looked at last, or put
    PRIMARY KEY (store, digest)
) WITHOUT ROWID;
CREATE INDEX holdings_seen ON holdings (store, seen);
-- Nearly all are kept: those that are not are found without the rest.
CREATE INDEX holdings_other ON holdings (store, state, seen) WHERE state <> 'kept';

INSERT INTO holdings (store, digest, state, size, seen)
SELECT 'main', m.digest, 'kept', -1, MIN(c.at) FROM made m
    JOIN changes c ON c.document = m.document AND c.version = m.version GROUP BY m.digest;
INSERT INTO holdings (store, digest, state, size, seen)
SELECT 'second', digest, 'owed', -1, seen FROM holdings WHERE store = 'main';

CREATE TABLE orphans (
    store  TEXT NOT NULL,
    digest TEXT NOT NULL,
    size   BIGINT NOT NULL,
    first  BIGINT NOT NULL,
    last   BIGINT NOT NULL,
    PRIMARY KEY (store, digest)
) WITHOUT ROWID;

-- The last complete look for orphans.
CREATE TABLE walks (
    store TEXT PRIMARY KEY,
    began BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    blobs BIGINT NOT NULL
);

CREATE TABLE findings (
    id       TEXT PRIMARY KEY,
    at       BIGINT NOT NULL,
    store    TEXT NOT NULL,
    digest   TEXT NOT NULL,
    what     TEXT NOT NULL,
    evidence TEXT NOT NULL,
    who      TEXT NOT NULL CHECK (who <> '')
);
CREATE INDEX findings_at ON findings (at);

-- +goose StatementBegin
CREATE TRIGGER made_held AFTER INSERT ON made
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.digest, s.state, -1, (SELECT at FROM changes WHERE document = NEW.document AND version = NEW.version)
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    WHERE NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = NEW.digest);
    DELETE FROM orphans WHERE digest = NEW.digest;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER made_let_go AFTER DELETE ON made
WHEN NOT EXISTS (SELECT 1 FROM made WHERE digest = OLD.digest)
BEGIN DELETE FROM holdings WHERE digest = OLD.digest; END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER findings_once BEFORE UPDATE ON findings
BEGIN SELECT RAISE(ABORT, 'findings are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER findings_replace BEFORE INSERT ON findings
WHEN EXISTS (SELECT 1 FROM findings WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'findings are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER findings_kept BEFORE DELETE ON findings
BEGIN SELECT RAISE(ABORT, 'findings are kept'); END;
-- +goose StatementEnd
