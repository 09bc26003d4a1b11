-- Who is logged in where, and for how long: see docs/decisions/0049-accounts.md.
-- Everybody logs in anew once.

-- +goose Up
ALTER TABLE people ADD COLUMN first BIGINT NOT NULL DEFAULT 0; -- 1: the password is a first one and must be changed
ALTER TABLE people ADD COLUMN locked BIGINT NOT NULL DEFAULT 0; -- since when; 0: not
DROP TABLE sessions;
CREATE TABLE sessions (
    token   TEXT COLLATE "C" PRIMARY KEY, -- SHA-256 of what the browser holds
    id      TEXT COLLATE "C" NOT NULL UNIQUE, -- names it to its owner
    person  TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    browser TEXT COLLATE "C" NOT NULL, -- code of its kind
    began   BIGINT NOT NULL,
    seen    BIGINT NOT NULL,
    until   BIGINT NOT NULL, -- the end, whatever is done
    idle    BIGINT NOT NULL, -- milliseconds without a sign of life that end it
    proved  BIGINT NOT NULL, -- when a password or code was last given
    half    BIGINT NOT NULL, -- 1: the code of the second factor is still to come
    deputy  TEXT COLLATE "C" NOT NULL -- the delegation that is acted under; empty: none
);
CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_until ON sessions (until);

-- +goose Down
-- Everybody logs in anew once.
DROP TABLE sessions;
CREATE TABLE sessions (
    token  TEXT COLLATE "C" PRIMARY KEY, -- SHA-256 of what the browser holds
    person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    until  BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_until ON sessions (until);
ALTER TABLE people DROP COLUMN locked;
ALTER TABLE people DROP COLUMN first;
