-- Keys of programs: see docs/decisions/0055-keys-and-api.md.

-- +goose Up
ALTER TABLE people ADD COLUMN service BIGINT NOT NULL DEFAULT 0; -- 1: a program's account, which has keys and no password

CREATE TABLE api_keys (
    id      TEXT COLLATE "C" PRIMARY KEY,
    account TEXT COLLATE "C" NOT NULL,
    secret  TEXT COLLATE "C" NOT NULL UNIQUE, -- SHA-256 of what the program holds
    head    TEXT COLLATE "C" NOT NULL, -- its first letters
    acts    TEXT COLLATE "C" NOT NULL CHECK (acts <> ''), -- names of rights, with blanks between them
    agency  TEXT COLLATE "C" NOT NULL,
    why     TEXT COLLATE "C" NOT NULL CHECK (why <> ''),
    who     TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    role    TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    salt    TEXT COLLATE "C" NOT NULL, -- opens the ledger's commitment to why
    demo    BIGINT NOT NULL,
    CHECK (until > at)
);
CREATE INDEX api_keys_account ON api_keys (account, until);

CREATE TABLE api_key_ends (
    id   TEXT COLLATE "C" PRIMARY KEY,
    key  TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES api_keys (id),
    who  TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    role TEXT COLLATE "C" NOT NULL,
    at   BIGINT NOT NULL,
    demo BIGINT NOT NULL
);

CREATE TABLE api_key_uses (
    key  TEXT COLLATE "C" PRIMARY KEY REFERENCES api_keys (id),
    seen BIGINT NOT NULL -- to the minute
);

-- +goose StatementBegin
CREATE FUNCTION api_keys_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a key is written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER api_keys_once BEFORE UPDATE OR DELETE ON api_keys
    FOR EACH ROW EXECUTE FUNCTION api_keys_once();
CREATE TRIGGER api_keys_whole BEFORE TRUNCATE ON api_keys EXECUTE FUNCTION never_truncated();
-- +goose StatementBegin
CREATE FUNCTION api_key_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the end of a key is written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER api_key_ends_once BEFORE UPDATE OR DELETE ON api_key_ends
    FOR EACH ROW EXECUTE FUNCTION api_key_ends_once();
CREATE TRIGGER api_key_ends_whole BEFORE TRUNCATE ON api_key_ends EXECUTE FUNCTION never_truncated();

-- +goose Down
DROP TABLE api_key_uses;
DROP TABLE api_key_ends;
DROP FUNCTION api_key_ends_once();
DROP TABLE api_keys;
DROP FUNCTION api_keys_once();
ALTER TABLE people DROP COLUMN service;
