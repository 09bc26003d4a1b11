-- What scanners and shared folders lay down: see docs/decisions/0058-drops.md.

-- +goose Up
CREATE TABLE scanners (
    id     TEXT PRIMARY KEY,
    login  TEXT NOT NULL UNIQUE,
    agency TEXT NOT NULL REFERENCES agencies (code),
    secret TEXT NOT NULL, -- SHA-256 of a random password
    pubkey TEXT NOT NULL DEFAULT '', -- as a line of authorized_keys
    why    TEXT NOT NULL,
    who    TEXT NOT NULL,
    at     BIGINT NOT NULL,
    until  BIGINT NOT NULL,
    ended  BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE drops (
    id      TEXT PRIMARY KEY,
    agency  TEXT NOT NULL REFERENCES agencies (code),
    source  TEXT NOT NULL,
    inbox   TEXT NOT NULL,
    scanner TEXT NOT NULL DEFAULT '',
    name    TEXT NOT NULL,
    sum     TEXT NOT NULL DEFAULT '', -- SHA-256 of what was brought; '' while it waits
    digest  TEXT NOT NULL DEFAULT '', -- the same of a file that the store keeps for it
    size    BIGINT NOT NULL,
    media   TEXT NOT NULL DEFAULT '',
    pages   BIGINT NOT NULL DEFAULT 0,
    at      BIGINT NOT NULL,
    state   TEXT NOT NULL CHECK (state IN ('waiting', 'taken', 'refused', 'discarded')),
    code    TEXT NOT NULL DEFAULT '',
    why     TEXT NOT NULL DEFAULT '',
    dossier TEXT NOT NULL DEFAULT '', -- where it was last laid out
    slot    TEXT NOT NULL DEFAULT '',
    batch   TEXT -- that it went into
);
CREATE UNIQUE INDEX drops_once ON drops (inbox, name, sum) WHERE state IN ('taken', 'refused');
CREATE INDEX drops_tray ON drops (agency, at, id) WHERE state <> 'discarded';
CREATE INDEX drops_file ON drops (digest) WHERE digest <> '';
CREATE INDEX drops_scanner ON drops (scanner, state, at) WHERE scanner <> '';
CREATE INDEX drops_waiting ON drops (inbox) WHERE state = 'waiting';

-- Their files are kept and copied like those of documents, until they are discarded.
-- +goose StatementBegin
CREATE TRIGGER drops_held AFTER INSERT ON drops WHEN NEW.digest <> ''
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.digest, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    WHERE NOT EXISTS (SELECT 1 FROM holdings h WHERE h.store = s.store AND h.digest = NEW.digest);
    DELETE FROM orphans WHERE digest = NEW.digest;
    SELECT RAISE(ABORT, 'these bytes are being disposed of') WHERE EXISTS (SELECT 1 FROM disposed_bytes b WHERE b.digest = NEW.digest
        AND (b.state = 'going' OR b.state = 'gone' AND b.at > NEW.at - 120000));
    DELETE FROM disposed_bytes WHERE digest = NEW.digest;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER drops_let_go AFTER UPDATE OF digest ON drops WHEN OLD.digest <> '' AND NEW.digest = '' AND NEW.code <> 'disposed'
BEGIN
    DELETE FROM holdings WHERE digest = OLD.digest
        AND NOT EXISTS (SELECT 1 FROM made WHERE made.digest = holdings.digest)
        AND NOT EXISTS (SELECT 1 FROM drops d WHERE d.digest = holdings.digest);
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE drops;
DROP TABLE scanners;
