-- How often a key may be used, and what was ordered together.

-- +goose Up
CREATE INDEX intents_signer ON intents (signer, at);

-- Limits of keys by the digest of their certificate. period 0: ever.
CREATE TABLE key_limits (
    signer TEXT PRIMARY KEY,
    uses   BIGINT NOT NULL CHECK (uses > 0),
    period BIGINT NOT NULL CHECK (period >= 0)
);

-- Whoever counted before was told the same; two who counted at once are not.
-- +goose StatementBegin
CREATE TRIGGER intents_limit BEFORE INSERT ON intents
WHEN EXISTS (
    SELECT 1 FROM key_limits k WHERE k.signer = NEW.signer AND k.uses <= (
        SELECT COUNT(*) FROM intents i
        WHERE i.signer = NEW.signer AND (k.period = 0 OR i.at > NEW.at - k.period)))
BEGIN SELECT RAISE(ABORT, 'the key was used as often as it may'); END;
-- +goose StatementEnd

-- A batch says what was ordered together; the ledger says what was done. So its
-- rows go with the demonstration's documents.
CREATE TABLE batches (
    id  TEXT PRIMARY KEY,
    act TEXT NOT NULL,
    who TEXT NOT NULL,
    at  BIGINT NOT NULL
);
CREATE INDEX batches_who ON batches (who, at);

CREATE TABLE batch_items (
    batch    TEXT NOT NULL REFERENCES batches (id),
    place    BIGINT NOT NULL,
    document TEXT NOT NULL,
    version  BIGINT NOT NULL,
    problem  TEXT NOT NULL,
    PRIMARY KEY (batch, place)
);
CREATE INDEX batch_items_document ON batch_items (document);

-- +goose StatementBegin
CREATE TRIGGER batch_items_gone AFTER DELETE ON documents
BEGIN DELETE FROM batch_items WHERE document = OLD.id; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER batches_gone AFTER DELETE ON batch_items
WHEN NOT EXISTS (SELECT 1 FROM batch_items WHERE batch = OLD.batch)
BEGIN DELETE FROM batches WHERE id = OLD.batch; END;
-- +goose StatementEnd
