-- Passkeys, and tickets of the door that are taken once: see
-- docs/decisions/0061-passkeys-and-providers.md.

-- +goose Up
CREATE TABLE passkeys (
    id     TEXT COLLATE "C" PRIMARY KEY, -- as the authenticator names it, base64url
    person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    name   TEXT COLLATE "C" NOT NULL, -- that its owner gave it
    key    TEXT COLLATE "C" NOT NULL, -- public, SubjectPublicKeyInfo in base64
    count  BIGINT NOT NULL, -- of signatures, as it last said
    synced BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    seen   BIGINT NOT NULL, -- last use; 0: never
    doubt  BIGINT NOT NULL  -- when its count did not grow; 0: never. It lets nobody in from then on
);
CREATE INDEX passkeys_person ON passkeys (person, at);
CREATE TABLE door_tickets (
    ticket TEXT COLLATE "C" PRIMARY KEY, -- SHA-256 of what the browser holds
    what   TEXT COLLATE "C" NOT NULL, -- it is good for
    said   TEXT COLLATE "C" NOT NULL, -- what goes with it
    until  BIGINT NOT NULL
);
CREATE INDEX door_tickets_until ON door_tickets (until);

-- +goose Down
DROP TABLE door_tickets;
DROP TABLE passkeys;
