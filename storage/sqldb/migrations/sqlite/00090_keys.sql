-- Keys of programs: see docs/decisions/0055-keys-and-api.md.

-- +goose Up
ALTER TABLE people ADD COLUMN service BIGINT NOT NULL DEFAULT 0; -- 1: a program's account, which has keys and no password

CREATE TABLE api_keys (
    id      TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    secret  TEXT NOT NULL UNIQUE, -- SHA-256 of what the program holds
    head    TEXT NOT NULL, -- its first letters
    acts    TEXT NOT NULL CHECK (acts <> ''), -- names of rights, with blanks between them
    agency  TEXT NOT NULL,
    why     TEXT NOT NULL CHECK (why <> ''),
    who     TEXT NOT NULL CHECK (who <> ''),
    role    TEXT NOT NULL,
    at      BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    salt    TEXT NOT NULL, -- opens the ledger's commitment to why
    demo    BIGINT NOT NULL,
    CHECK (until > at)
);
CREATE INDEX api_keys_account ON api_keys (account, until);

CREATE TABLE api_key_ends (
    id   TEXT PRIMARY KEY,
    key  TEXT NOT NULL UNIQUE REFERENCES api_keys (id),
    who  TEXT NOT NULL CHECK (who <> ''),
    role TEXT NOT NULL,
    at   BIGINT NOT NULL,
    demo BIGINT NOT NULL
);

CREATE TABLE api_key_uses (
    key  TEXT PRIMARY KEY REFERENCES api_keys (id),
    seen BIGINT NOT NULL -- to the minute
);

-- +goose StatementBegin
CREATE TRIGGER api_keys_once BEFORE UPDATE ON api_keys
BEGIN SELECT RAISE(ABORT, 'a key is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER api_keys_replace BEFORE INSERT ON api_keys
WHEN EXISTS (SELECT 1 FROM api_keys WHERE id = NEW.id OR secret = NEW.secret)
BEGIN SELECT RAISE(ABORT, 'a key is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER api_keys_kept BEFORE DELETE ON api_keys WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'a key is written once, and kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER api_key_ends_once BEFORE UPDATE ON api_key_ends
BEGIN SELECT RAISE(ABORT, 'the end of a key is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER api_key_ends_replace BEFORE INSERT ON api_key_ends
WHEN EXISTS (SELECT 1 FROM api_key_ends WHERE id = NEW.id OR key = NEW.key)
BEGIN SELECT RAISE(ABORT, 'the end of a key is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER api_key_ends_kept BEFORE DELETE ON api_key_ends WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'the end of a key is written once, and kept'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE api_key_uses;
DROP TABLE api_key_ends;
DROP TABLE api_keys;
ALTER TABLE people DROP COLUMN service;
