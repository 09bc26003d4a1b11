-- Months whose figures are closed, see docs/decisions/0029-closing.md.

-- +goose Up

-- One row for each version of a month. What it says stands in the statement,
-- whose digest it names, and in an event of the log with the same id.
CREATE TABLE closings (
    id      TEXT PRIMARY KEY,
    period  TEXT NOT NULL,   -- YYYY-MM
    version BIGINT NOT NULL, -- 1 closes, every other one corrects
    digest  TEXT NOT NULL,   -- SHA-256 of the statement
    facts   TEXT NOT NULL,   -- SHA-256 of the facts that it was counted from
    counted BIGINT NOT NULL, -- up to this place of the log, not included
    who     TEXT NOT NULL CHECK (who <> ''),
    at      BIGINT NOT NULL,
    demo    BIGINT NOT NULL,
    UNIQUE (period, version)
);

-- What happened to a dossier and which papers came in for it is found by its
-- code. A large log takes a while to be indexed.
ALTER TABLE log_events ADD COLUMN dossier TEXT GENERATED ALWAYS AS (json_extract(event, '$.dossier')) VIRTUAL;
CREATE INDEX log_events_dossier ON log_events (dossier, place) WHERE dossier IS NOT NULL;

-- +goose StatementBegin
CREATE TRIGGER closings_once BEFORE UPDATE ON closings
BEGIN SELECT RAISE(ABORT, 'closings are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closings_kept BEFORE DELETE ON closings WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'closings are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closings_next BEFORE INSERT ON closings
WHEN EXISTS (SELECT 1 FROM closings WHERE id = NEW.id)
  OR NEW.version <> (SELECT COALESCE(MAX(version), 0) + 1 FROM closings WHERE period = NEW.period)
  OR NEW.version = 1 AND NEW.period <> (SELECT COALESCE(strftime('%Y-%m', MAX(period) || '-01', '+1 month'), NEW.period) FROM closings)
BEGIN SELECT RAISE(ABORT, 'months are closed one after the other, versions likewise'); END;
-- +goose StatementEnd

-- The files of a statement are kept and copied like those of documents.
-- +goose StatementBegin
CREATE TRIGGER closings_held AFTER INSERT ON closings
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, f.digest, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s, (SELECT NEW.digest AS digest UNION SELECT NEW.facts) f
    WHERE NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = f.digest);
    DELETE FROM orphans WHERE digest IN (NEW.digest, NEW.facts);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closings_let_go AFTER DELETE ON closings
BEGIN
    DELETE FROM holdings WHERE digest IN (OLD.digest, OLD.facts)
        AND NOT EXISTS (SELECT 1 FROM made WHERE made.digest = holdings.digest)
        AND NOT EXISTS (SELECT 1 FROM closings c WHERE holdings.digest IN (c.digest, c.facts));
END;
-- +goose StatementEnd
-- A file of a statement stays on the list when the last document lets go of it.
DROP TRIGGER made_let_go;
-- +goose StatementBegin
CREATE TRIGGER made_let_go AFTER DELETE ON made
WHEN NOT EXISTS (SELECT 1 FROM made WHERE digest = OLD.digest)
 AND NOT EXISTS (SELECT 1 FROM closings WHERE OLD.digest IN (digest, facts))
BEGIN DELETE FROM holdings WHERE digest = OLD.digest; END;
-- +goose StatementEnd
