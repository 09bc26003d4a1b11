-- How often a key may be used, and what was ordered together.

-- +goose Up
CREATE INDEX intents_signer ON intents (signer, at);

-- Limits of keys by the digest of their certificate. period 0: ever.
CREATE TABLE key_limits (
    signer TEXT COLLATE "C" PRIMARY KEY,
    uses   BIGINT NOT NULL CHECK (uses > 0),
    period BIGINT NOT NULL CHECK (period >= 0)
);

-- Whoever counted before was told the same; two who counted at once are not.
-- +goose StatementBegin
CREATE FUNCTION intents_limit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM key_limits WHERE signer = NEW.signer FOR UPDATE; -- who uses the same key waits here
    IF EXISTS (
        SELECT 1 FROM key_limits k WHERE k.signer = NEW.signer AND k.uses <= (
        SELECT COUNT(*) FROM intents i
        WHERE i.signer = NEW.signer AND (k.period = 0 OR i.at > NEW.at - k.period))) THEN
        RAISE EXCEPTION 'the key was used as often as it may' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER intents_limit BEFORE INSERT ON intents
    FOR EACH ROW EXECUTE FUNCTION intents_limit();

-- A batch says what was ordered together; the ledger says what was done. So its
-- rows go with the demonstration's documents.
CREATE TABLE batches (
    id  TEXT COLLATE "C" PRIMARY KEY,
    act TEXT COLLATE "C" NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    at  BIGINT NOT NULL
);
CREATE INDEX batches_who ON batches (who, at);

CREATE TABLE batch_items (
    batch    TEXT COLLATE "C" NOT NULL REFERENCES batches (id),
    place    BIGINT NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL,
    problem  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (batch, place)
);
CREATE INDEX batch_items_document ON batch_items (document);

-- +goose StatementBegin
CREATE FUNCTION batch_items_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM batch_items WHERE document = OLD.id;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER batch_items_gone AFTER DELETE ON documents
    FOR EACH ROW EXECUTE FUNCTION batch_items_gone();
-- +goose StatementBegin
CREATE FUNCTION batches_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM batch_items WHERE batch = OLD.batch) THEN
        DELETE FROM batches WHERE id = OLD.batch;
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER batches_gone AFTER DELETE ON batch_items
    FOR EACH ROW EXECUTE FUNCTION batches_gone();
