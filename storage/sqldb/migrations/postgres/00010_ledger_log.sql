-- The one log over all that is done in the house, see docs/ledger.md.

-- +goose Up

-- What was done, written by the transaction that did it, and not numbered yet.
-- id sorts by time. So nobody who moves a document waits for the numbering.
CREATE TABLE log_pending (
    id    TEXT COLLATE "C" PRIMARY KEY,
    event TEXT NOT NULL
);

-- The log: events in their canonical bytes, numbered from 0 without a gap. What
-- is looked for stands in the event and nowhere else.
CREATE TABLE log_events (
    place    BIGINT PRIMARY KEY,
    event    TEXT NOT NULL,
    document TEXT COLLATE "C" GENERATED ALWAYS AS (event::jsonb ->> 'document') STORED,
    holder   TEXT COLLATE "C" GENERATED ALWAYS AS (event::jsonb ->> 'holder') STORED
);
CREATE INDEX log_events_document ON log_events (document, place) WHERE document IS NOT NULL;
CREATE INDEX log_events_holder ON log_events (holder, place) WHERE holder IS NOT NULL;

-- Hashes of the tree by tiles of up to 256 (C2SP tlog-tiles), end to end.
CREATE TABLE log_tiles (
    level  BIGINT NOT NULL,
    number BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (level, number)
);

-- How many events are numbered. Whoever numbers takes this row first.
CREATE TABLE log_head (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    size  BIGINT NOT NULL,
    taken BIGINT NOT NULL -- 1: what is older than the log was taken over
);
INSERT INTO log_head (id, size, taken) VALUES (1, 0, 0);

-- What opens the commitment to a text in an event. Without its row the text can
-- be erased, and nothing in the log tells what it was.
CREATE TABLE log_salts (
    document TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL,
    salt     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (document, version)
);

-- Signed checkpoints. stamp is the digest of a time-stamp over the note, empty
-- until an authority gave one.
CREATE TABLE log_checkpoints (
    size  BIGINT PRIMARY KEY,
    at    BIGINT NOT NULL,
    note  TEXT NOT NULL,
    sum   TEXT COLLATE "C" NOT NULL, -- SHA-256 of the note: its name among the blobs
    stamp TEXT COLLATE "C" NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION log_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is written once, and kept' USING ERRCODE = 'restrict_violation';
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_pending_once BEFORE UPDATE ON log_pending
    FOR EACH ROW EXECUTE FUNCTION log_once();
CREATE TRIGGER log_events_once BEFORE UPDATE ON log_events
    FOR EACH ROW EXECUTE FUNCTION log_once();
CREATE TRIGGER log_events_kept BEFORE DELETE ON log_events
    FOR EACH ROW EXECUTE FUNCTION log_once();
CREATE TRIGGER log_events_whole BEFORE TRUNCATE ON log_events EXECUTE FUNCTION never_truncated();
CREATE TRIGGER log_tiles_kept BEFORE DELETE ON log_tiles
    FOR EACH ROW EXECUTE FUNCTION log_once();
CREATE TRIGGER log_tiles_whole BEFORE TRUNCATE ON log_tiles EXECUTE FUNCTION never_truncated();
CREATE TRIGGER log_checkpoints_kept BEFORE DELETE ON log_checkpoints
    FOR EACH ROW EXECUTE FUNCTION log_once();
CREATE TRIGGER log_checkpoints_whole BEFORE TRUNCATE ON log_checkpoints EXECUTE FUNCTION never_truncated();

-- +goose StatementBegin
CREATE FUNCTION log_events_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.place <> (SELECT COALESCE(MAX(place) + 1, 0) FROM log_events) THEN
        RAISE EXCEPTION 'the log grows at its end' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_events_next BEFORE INSERT ON log_events
    FOR EACH ROW EXECUTE FUNCTION log_events_next();
-- +goose StatementBegin
CREATE FUNCTION log_tiles_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.level <> NEW.level OR OLD.number <> NEW.number
        OR length(NEW.hashes) < length(OLD.hashes) OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes THEN
        RAISE EXCEPTION 'hashes of the log are only added to' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_tiles_grow BEFORE UPDATE ON log_tiles
    FOR EACH ROW EXECUTE FUNCTION log_tiles_grow();
-- +goose StatementBegin
CREATE FUNCTION log_head_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size < OLD.size THEN
        RAISE EXCEPTION 'the log grows at its end' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_head_grow BEFORE UPDATE ON log_head
    FOR EACH ROW EXECUTE FUNCTION log_head_grow();
-- +goose StatementBegin
CREATE FUNCTION log_checkpoints_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.stamp <> '' OR OLD.size <> NEW.size OR OLD.at <> NEW.at OR OLD.note <> NEW.note OR OLD.sum <> NEW.sum THEN
        RAISE EXCEPTION 'checkpoints are written once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_checkpoints_once BEFORE UPDATE ON log_checkpoints
    FOR EACH ROW EXECUTE FUNCTION log_checkpoints_once();
