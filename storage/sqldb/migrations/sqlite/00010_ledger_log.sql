-- The one log over all that is done in the house, see docs/ledger.md.

-- +goose Up

-- What was done, written by the transaction that did it, and not numbered yet.
-- id sorts by time. So nobody who moves a document waits for the numbering.
CREATE TABLE log_pending (
    id    TEXT PRIMARY KEY,
    event TEXT NOT NULL
) WITHOUT ROWID;

-- The log: events in their canonical bytes, numbered from 0 without a gap. What
-- is looked for stands in the event and nowhere else.
CREATE TABLE log_events (
    place    INTEGER PRIMARY KEY,
    event    TEXT NOT NULL,
    document TEXT GENERATED ALWAYS AS (json_extract(event, '$.document')) VIRTUAL,
    holder   TEXT GENERATED ALWAYS AS (json_extract(event, '$.holder')) VIRTUAL
);
CREATE INDEX log_events_document ON log_events (document, place) WHERE document IS NOT NULL;
CREATE INDEX log_events_holder ON log_events (holder, place) WHERE holder IS NOT NULL;

-- Hashes of the tree by tiles of up to 256 (C2SP tlog-tiles), end to end.
CREATE TABLE log_tiles (
    level  BIGINT NOT NULL,
    number BIGINT NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, number)
) WITHOUT ROWID;

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
    document TEXT NOT NULL,
    version  BIGINT NOT NULL,
    salt     TEXT NOT NULL,
    PRIMARY KEY (document, version)
) WITHOUT ROWID;

-- Signed checkpoints. stamp is the digest of a time-stamp over the note, empty
-- until an authority gave one.
CREATE TABLE log_checkpoints (
    size  BIGINT PRIMARY KEY,
    at    BIGINT NOT NULL,
    note  TEXT NOT NULL,
    sum   TEXT NOT NULL, -- SHA-256 of the note: its name among the blobs
    stamp TEXT NOT NULL
);

-- +goose StatementBegin
CREATE TRIGGER log_pending_once BEFORE UPDATE ON log_pending
BEGIN SELECT RAISE(ABORT, 'the log is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_events_once BEFORE UPDATE ON log_events
BEGIN SELECT RAISE(ABORT, 'the log is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_events_next BEFORE INSERT ON log_events
WHEN NEW.place <> (SELECT COALESCE(MAX(place) + 1, 0) FROM log_events)
BEGIN SELECT RAISE(ABORT, 'the log grows at its end'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_events_kept BEFORE DELETE ON log_events
BEGIN SELECT RAISE(ABORT, 'the log is kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_tiles_grow BEFORE UPDATE ON log_tiles
WHEN OLD.level <> NEW.level OR OLD.number <> NEW.number
  OR length(NEW.hashes) < length(OLD.hashes) OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes
BEGIN SELECT RAISE(ABORT, 'hashes of the log are only added to'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_tiles_kept BEFORE DELETE ON log_tiles
BEGIN SELECT RAISE(ABORT, 'hashes of the log are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_head_grow BEFORE UPDATE ON log_head WHEN NEW.size < OLD.size
BEGIN SELECT RAISE(ABORT, 'the log grows at its end'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_checkpoints_once BEFORE UPDATE ON log_checkpoints
WHEN OLD.stamp <> '' OR OLD.size <> NEW.size OR OLD.at <> NEW.at OR OLD.note <> NEW.note OR OLD.sum <> NEW.sum
BEGIN SELECT RAISE(ABORT, 'checkpoints are written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_checkpoints_kept BEFORE DELETE ON log_checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are kept'); END;
-- +goose StatementEnd
