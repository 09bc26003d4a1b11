-- Many moves are one statement now (docs/decisions/0054-moves-together.md): what
-- held for each row holds for all that a statement brings.

-- +goose Up

-- The primary keys say the same.
DROP TRIGGER changes_replace ON changes;
DROP FUNCTION changes_replace();
DROP TRIGGER made_replace ON made;
DROP FUNCTION made_replace();

-- Rows of documents change their lease more often than their place: room on their
-- page spares them new entries in six indexes.
ALTER TABLE documents SET (fillfactor = 85);

DROP TRIGGER made_held ON made;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION made_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, f.digest, s.state, -1, MIN(c.at)
    FROM fresh f JOIN changes c ON c.document = f.document AND c.version = f.version
        CROSS JOIN (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    GROUP BY f.digest, s.store, s.state ORDER BY f.digest, s.store -- all take them in the same order
    ON CONFLICT (store, digest) DO NOTHING;
    DELETE FROM orphans WHERE digest IN (SELECT digest FROM fresh);
    IF EXISTS (SELECT 1 FROM disposed_bytes b WHERE b.digest IN (SELECT digest FROM fresh)) THEN
        DELETE FROM disposed_bytes b USING fresh f JOIN changes c ON c.document = f.document AND c.version = f.version
            WHERE b.digest = f.digest AND (b.state = 'due' OR b.state = 'gone' AND b.at <= c.at - 120000);
        IF EXISTS (SELECT 1 FROM disposed_bytes b WHERE b.digest IN (SELECT digest FROM fresh)) THEN
            RAISE EXCEPTION 'these bytes are being disposed of' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER made_held AFTER INSERT ON made REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION made_held();

DROP TRIGGER log_events_next ON log_events;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION log_events_next() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first BIGINT; last BIGINT; n BIGINT;
BEGIN
    SELECT MIN(place), MAX(place), COUNT(*) INTO first, last, n FROM fresh;
    IF n > 0 AND (last - first + 1 <> n OR last <> (SELECT MAX(place) FROM log_events)
        OR first <> COALESCE((SELECT MAX(place) + 1 FROM log_events WHERE place < first), 0)) THEN
        RAISE EXCEPTION 'the log grows at its end' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_events_next AFTER INSERT ON log_events REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION log_events_next();

-- +goose Down
DROP TRIGGER log_events_next ON log_events;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION log_events_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.place <> (SELECT COALESCE(MAX(place) + 1, 0) FROM log_events) THEN
        RAISE EXCEPTION 'the log grows at its end' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_events_next BEFORE INSERT ON log_events
    FOR EACH ROW EXECUTE FUNCTION log_events_next();

DROP TRIGGER made_held ON made;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION made_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.digest, s.state, -1, (SELECT at FROM changes WHERE document = NEW.document AND version = NEW.version)
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    ON CONFLICT (store, digest) DO NOTHING;
    DELETE FROM orphans WHERE digest = NEW.digest;
    DELETE FROM disposed_bytes b WHERE b.digest = NEW.digest
        AND (b.state = 'due' OR b.state = 'gone' AND b.at <= (SELECT at FROM changes WHERE document = NEW.document AND version = NEW.version) - 120000);
    IF EXISTS (SELECT 1 FROM disposed_bytes b WHERE b.digest = NEW.digest) THEN
        RAISE EXCEPTION 'these bytes are being disposed of' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER made_held AFTER INSERT ON made
    FOR EACH ROW EXECUTE FUNCTION made_held();

ALTER TABLE documents RESET (fillfactor);
-- +goose StatementBegin
CREATE FUNCTION changes_replace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM changes WHERE document = NEW.document AND version = NEW.version) THEN
        RAISE EXCEPTION 'the ledger is written once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER changes_replace BEFORE INSERT ON changes
    FOR EACH ROW EXECUTE FUNCTION changes_replace();
-- +goose StatementBegin
CREATE FUNCTION made_replace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM made WHERE document = NEW.document AND part = NEW.part) THEN
        RAISE EXCEPTION 'a part is made once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER made_replace BEFORE INSERT ON made
    FOR EACH ROW EXECUTE FUNCTION made_replace();
