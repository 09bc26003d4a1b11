-- Months whose figures are closed, see docs/decisions/0029-closing.md.

-- +goose Up

-- One row for each version of a month. What it says stands in the statement,
-- whose digest it names, and in an event of the log with the same id.
CREATE TABLE closings (
    id      TEXT COLLATE "C" PRIMARY KEY,
    period  TEXT COLLATE "C" NOT NULL, -- YYYY-MM
    version BIGINT NOT NULL,           -- 1 closes, every other one corrects
    digest  TEXT COLLATE "C" NOT NULL, -- SHA-256 of the statement
    facts   TEXT COLLATE "C" NOT NULL, -- SHA-256 of the facts that it was counted from
    counted BIGINT NOT NULL,           -- up to this place of the log, not included
    who     TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    at      BIGINT NOT NULL,
    demo    BIGINT NOT NULL,
    UNIQUE (period, version)
);

-- What happened to a dossier and which papers came in for it is found by its
-- code. A large log takes a while: its table is written anew.
ALTER TABLE log_events ADD COLUMN dossier TEXT COLLATE "C" GENERATED ALWAYS AS (event::jsonb ->> 'dossier') STORED;
CREATE INDEX log_events_dossier ON log_events (dossier, place) WHERE dossier IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION closings_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'closings are written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER closings_once BEFORE UPDATE OR DELETE ON closings
    FOR EACH ROW EXECUTE FUNCTION closings_once();
CREATE TRIGGER closings_whole BEFORE TRUNCATE ON closings EXECUTE FUNCTION never_truncated();
-- +goose StatementBegin
CREATE FUNCTION closings_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version <> (SELECT COALESCE(MAX(version), 0) + 1 FROM closings WHERE period = NEW.period)
        OR NEW.version = 1 AND NEW.period <> (SELECT COALESCE(to_char(to_date(MAX(period) || '-01', 'YYYY-MM-DD') + interval '1 month', 'YYYY-MM'), NEW.period) FROM closings) THEN
        RAISE EXCEPTION 'months are closed one after the other, versions likewise' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER closings_next BEFORE INSERT ON closings
    FOR EACH ROW EXECUTE FUNCTION closings_next();

-- The files of a statement are kept and copied like those of documents.
-- +goose StatementBegin
CREATE FUNCTION closings_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, f.digest, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s, (SELECT NEW.digest AS digest UNION SELECT NEW.facts) f
    ON CONFLICT (store, digest) DO NOTHING;
    DELETE FROM orphans WHERE digest IN (NEW.digest, NEW.facts);
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER closings_held AFTER INSERT ON closings
    FOR EACH ROW EXECUTE FUNCTION closings_held();
-- +goose StatementBegin
CREATE FUNCTION closings_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM holdings WHERE digest IN (OLD.digest, OLD.facts)
        AND NOT EXISTS (SELECT 1 FROM made WHERE made.digest = holdings.digest)
        AND NOT EXISTS (SELECT 1 FROM closings c WHERE holdings.digest IN (c.digest, c.facts));
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER closings_let_go AFTER DELETE ON closings
    FOR EACH ROW EXECUTE FUNCTION closings_let_go();
-- A file of a statement stays on the list when the last document lets go of it.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION made_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM made WHERE digest = OLD.digest)
        AND NOT EXISTS (SELECT 1 FROM closings WHERE OLD.digest IN (digest, facts)) THEN
        DELETE FROM holdings WHERE digest = OLD.digest;
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
