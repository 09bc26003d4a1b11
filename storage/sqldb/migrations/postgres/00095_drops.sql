-- What scanners and shared folders lay down: see docs/decisions/0058-drops.md.

-- +goose Up
CREATE TABLE scanners (
    id     TEXT COLLATE "C" PRIMARY KEY,
    login  TEXT COLLATE "C" NOT NULL UNIQUE,
    agency TEXT COLLATE "C" NOT NULL REFERENCES agencies (code),
    secret TEXT COLLATE "C" NOT NULL, -- SHA-256 of a random password
    pubkey TEXT COLLATE "C" NOT NULL DEFAULT '', -- as a line of authorized_keys
    why    TEXT COLLATE "C" NOT NULL,
    who    TEXT COLLATE "C" NOT NULL,
    at     BIGINT NOT NULL,
    until  BIGINT NOT NULL,
    ended  BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE drops (
    id      TEXT COLLATE "C" PRIMARY KEY,
    agency  TEXT COLLATE "C" NOT NULL REFERENCES agencies (code),
    source  TEXT COLLATE "C" NOT NULL,
    inbox   TEXT COLLATE "C" NOT NULL,
    scanner TEXT COLLATE "C" NOT NULL DEFAULT '',
    name    TEXT COLLATE "C" NOT NULL,
    sum     TEXT COLLATE "C" NOT NULL DEFAULT '', -- SHA-256 of what was brought; '' while it waits
    digest  TEXT COLLATE "C" NOT NULL DEFAULT '', -- the same of a file that the store keeps for it
    size    BIGINT NOT NULL,
    media   TEXT COLLATE "C" NOT NULL DEFAULT '',
    pages   BIGINT NOT NULL DEFAULT 0,
    at      BIGINT NOT NULL,
    state   TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'taken', 'refused', 'discarded')),
    code    TEXT COLLATE "C" NOT NULL DEFAULT '',
    why     TEXT COLLATE "C" NOT NULL DEFAULT '',
    dossier TEXT COLLATE "C" NOT NULL DEFAULT '', -- where it was last laid out
    slot    TEXT COLLATE "C" NOT NULL DEFAULT '',
    batch   TEXT COLLATE "C" -- that it went into
);
CREATE UNIQUE INDEX drops_once ON drops (inbox, name, sum) WHERE state IN ('taken', 'refused');
CREATE INDEX drops_tray ON drops (agency, at, id) WHERE state <> 'discarded';
CREATE INDEX drops_file ON drops (digest) WHERE digest <> '';
CREATE INDEX drops_scanner ON drops (scanner, state, at) WHERE scanner <> '';
CREATE INDEX drops_waiting ON drops (inbox) WHERE state = 'waiting';

-- Their files are kept and copied like those of documents, until they are discarded.
-- +goose StatementBegin
CREATE FUNCTION drops_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO holdings (store, digest, state, size, seen)
    SELECT s.store, NEW.digest, s.state, -1, NEW.at
    FROM (SELECT 'main' AS store, 'kept' AS state UNION ALL SELECT 'second', 'owed') s
    ON CONFLICT (store, digest) DO NOTHING;
    DELETE FROM orphans WHERE digest = NEW.digest;
    DELETE FROM disposed_bytes b WHERE b.digest = NEW.digest AND (b.state = 'due' OR b.state = 'gone' AND b.at <= NEW.at - 120000);
    IF EXISTS (SELECT 1 FROM disposed_bytes b WHERE b.digest = NEW.digest) THEN
        RAISE EXCEPTION 'these bytes are being disposed of' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER drops_held AFTER INSERT ON drops FOR EACH ROW WHEN (NEW.digest <> '') EXECUTE FUNCTION drops_held();
-- +goose StatementBegin
CREATE FUNCTION drops_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM holdings WHERE digest = OLD.digest
        AND NOT EXISTS (SELECT 1 FROM made WHERE made.digest = holdings.digest)
        AND NOT EXISTS (SELECT 1 FROM drops d WHERE d.digest = holdings.digest);
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER drops_let_go AFTER UPDATE OF digest ON drops FOR EACH ROW WHEN (OLD.digest <> '' AND NEW.digest = '' AND NEW.code <> 'disposed') EXECUTE FUNCTION drops_let_go();

-- +goose Down
DROP TABLE drops;
DROP TABLE scanners;
DROP FUNCTION drops_held();
DROP FUNCTION drops_let_go();
