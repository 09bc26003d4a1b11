-- What is brought is let go of with what was made of it: see
-- docs/decisions/0067-brought-and-let-go.md.

-- +goose Up
-- Every name that a file has. Package sqldb's naming says the same.
CREATE VIEW named_files AS
    SELECT m.digest AS digest FROM made m JOIN documents d ON d.id = m.document WHERE d.disposed = 0
    UNION ALL SELECT log_checkpoints.sum FROM log_checkpoints
    UNION ALL SELECT log_checkpoints.stamp FROM log_checkpoints
    UNION ALL SELECT closings.digest FROM closings
    UNION ALL SELECT closings.facts FROM closings
    UNION ALL SELECT closing_seals.report FROM closing_seals
    UNION ALL SELECT closing_seals.signature FROM closing_seals
    UNION ALL SELECT closing_renewals.report FROM closing_renewals
    UNION ALL SELECT closing_renewals.evidence FROM closing_renewals WHERE closing_renewals.evidence <> ''
    UNION ALL SELECT batch_files.digest FROM batch_files WHERE batch_files.digest <> ''
    UNION ALL SELECT drops.digest FROM drops WHERE drops.digest <> '';

-- A file that any row names stays on the lists, whoever lets go of it.
-- +goose StatementBegin
CREATE FUNCTION holdings_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM named_files n WHERE n.digest = OLD.digest) THEN
        RETURN NULL;
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER holdings_named BEFORE DELETE ON holdings
    FOR EACH ROW EXECUTE FUNCTION holdings_named();

-- What was brought for a document that was disposed of, and let go of with it.
CREATE TABLE disposed_originals (
    document TEXT COLLATE "C" NOT NULL,
    part     TEXT COLLATE "C" NOT NULL, -- brought-1 and so on
    sum      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (document, part)
);
CREATE INDEX disposed_originals_sum ON disposed_originals (sum);
CREATE INDEX batch_sides_document ON batch_sides (document) WHERE document <> '';
CREATE INDEX drops_place ON drops (dossier, slot) WHERE dossier <> '';
CREATE INDEX drops_batch ON drops (batch) WHERE batch IS NOT NULL;

-- Bytes that are leaving the stores, or left a moment ago, cannot be named.
-- +goose StatementBegin
CREATE FUNCTION batch_files_leaving() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE since BIGINT := (SELECT at FROM paper_batches WHERE id = NEW.batch) - 120000;
BEGIN
    DELETE FROM disposed_bytes b WHERE b.digest = NEW.digest AND (b.state = 'due' OR b.state = 'gone' AND b.at <= since);
    IF EXISTS (SELECT 1 FROM disposed_bytes b WHERE b.digest = NEW.digest) THEN
        RAISE EXCEPTION 'these bytes are being disposed of' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER batch_files_leaving AFTER INSERT ON batch_files
    FOR EACH ROW EXECUTE FUNCTION batch_files_leaving();

-- +goose Down
DROP TRIGGER batch_files_leaving ON batch_files;
DROP FUNCTION batch_files_leaving();
DROP TRIGGER holdings_named ON holdings;
DROP FUNCTION holdings_named();
DROP VIEW named_files;
DROP INDEX drops_batch;
DROP INDEX drops_place;
DROP INDEX batch_sides_document;
DROP TABLE disposed_originals;
