-- How every file is in every store, what looks at them found, and what no row
-- names.

-- +goose Up

-- One row for each file and store. It comes with the row that names the file,
-- in the same transaction, so that what is not yet in the second store is a
-- query; and goes with the last row that names it.
CREATE TABLE holdings (
    store  TEXT COLLATE "C" NOT NULL CHECK (store IN ('main', 'second')),
    digest TEXT COLLATE "C" NOT NULL,
    state  TEXT COLLATE "C" NOT NULL,
    size   BIGINT NOT NULL, -- bytes; -1: nobody has looked
    seen   BIGINT NOT NULL, -- looked at last, or put
    PRIMARY KEY (store, digest)
);
CREATE INDEX holdings_seen ON holdings (store, seen);
-- Nearly all are kept: those that are not are found without the rest.
CREATE INDEX holdings_other ON holdings (store, state, seen) WHERE state <> 'kept';

INSERT INTO holdings (store, digest, state, size, seen)
SELECT 'main', m.digest, 'kept', -1, MIN(c.at) FROM made m
    JOIN changes c ON c.document = m.document AND c.version = m.version GROUP BY m.digest;
INSERT INTO holdings (store, digest, state, size, seen)
SELECT 'second', digest, 'owed', -1, seen FROM holdings WHERE store = 'main';

CREATE TABLE orphans (
    store  TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    size   BIGINT NOT NULL,
    first  BIGINT NOT NULL,
    last   BIGINT NOT NULL,
    PRIMARY KEY (store, digest)
);

-- The last complete look for orphans.
CREATE TABLE walks (
    store TEXT COLLATE "C" PRIMARY KEY,
    began BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    blobs BIGINT NOT NULL
);

CREATE TABLE findings (
    id       TEXT COLLATE "C" PRIMARY KEY,
    at       BIGINT NOT NULL,
    store    TEXT COLLATE "C" NOT NULL,
    digest   TEXT COLLATE "C" NOT NULL,
    what     TEXT COLLATE "C" NOT NULL,
    evidence TEXT COLLATE "C" NOT NULL,
    who      TEXT COLLATE "C" NOT NULL CHECK (who <> '')
);
CREATE INDEX findings_at ON findings (at);

-- +goose StatementBegin
CREATE FUNCTION made_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.digest, s.state, -1, (SELECT at FROM changes WHERE document = NEW.document AND version = NEW.version)
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    WHERE NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = NEW.digest);
    DELETE FROM orphans WHERE digest = NEW.digest;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER made_held AFTER INSERT ON made
    FOR EACH ROW EXECUTE FUNCTION made_held();
-- +goose StatementBegin
CREATE FUNCTION made_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM made WHERE digest = OLD.digest) THEN
        DELETE FROM holdings WHERE digest = OLD.digest;
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER made_let_go AFTER DELETE ON made
    FOR EACH ROW EXECUTE FUNCTION made_let_go();

-- +goose StatementBegin
CREATE FUNCTION findings_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'findings are written once' USING ERRCODE = 'restrict_violation';
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER findings_once BEFORE UPDATE ON findings
    FOR EACH ROW EXECUTE FUNCTION findings_once();
-- +goose StatementBegin
CREATE FUNCTION findings_replace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM findings WHERE id = NEW.id) THEN
        RAISE EXCEPTION 'findings are written once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER findings_replace BEFORE INSERT ON findings
    FOR EACH ROW EXECUTE FUNCTION findings_replace();
-- +goose StatementBegin
CREATE FUNCTION findings_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'findings are kept' USING ERRCODE = 'restrict_violation';
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER findings_kept BEFORE DELETE ON findings
    FOR EACH ROW EXECUTE FUNCTION findings_kept();
