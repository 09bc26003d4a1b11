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
CREATE TRIGGER holdings_named BEFORE DELETE ON holdings
WHEN EXISTS (SELECT 1 FROM named_files n WHERE n.digest = OLD.digest)
BEGIN SELECT RAISE(IGNORE); END;
-- +goose StatementEnd

-- What was brought for a document that was disposed of, and let go of with it.
CREATE TABLE disposed_originals (
    document TEXT NOT NULL,
    part     TEXT NOT NULL, -- brought-1 and so on
    sum      TEXT NOT NULL,
    PRIMARY KEY (document, part)
) WITHOUT ROWID;
CREATE INDEX disposed_originals_sum ON disposed_originals (sum);
CREATE INDEX batch_sides_document ON batch_sides (document) WHERE document <> '';
CREATE INDEX drops_place ON drops (dossier, slot) WHERE dossier <> '';
CREATE INDEX drops_batch ON drops (batch) WHERE batch IS NOT NULL;

-- Bytes that are leaving the stores, or left a moment ago, cannot be named.
-- +goose StatementBegin
CREATE TRIGGER batch_files_leaving AFTER INSERT ON batch_files
BEGIN
    SELECT RAISE(ABORT, 'these bytes are being disposed of') WHERE EXISTS (SELECT 1 FROM disposed_bytes b WHERE b.digest = NEW.digest
        AND (b.state = 'going' OR b.state = 'gone' AND b.at > (SELECT at FROM paper_batches WHERE id = NEW.batch) - 120000));
    DELETE FROM disposed_bytes WHERE digest = NEW.digest;
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER batch_files_leaving;
DROP TRIGGER holdings_named;
DROP VIEW named_files;
DROP INDEX drops_batch;
DROP INDEX drops_place;
DROP INDEX batch_sides_document;
DROP TABLE disposed_originals;
