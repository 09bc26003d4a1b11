-- Second factors, the codes for when they are lost, and browsers that logged in
-- before: see docs/decisions/0049-accounts.md.

-- +goose Up
CREATE TABLE factors (
    person TEXT COLLATE "C" PRIMARY KEY REFERENCES people (id),
    secret TEXT COLLATE "C" NOT NULL, -- sealed if the house has a ring of keys
    since  BIGINT NOT NULL, -- 0: not confirmed yet
    step   BIGINT NOT NULL -- newest time step whose code was taken
);
CREATE TABLE recovery_codes (
    person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    hash   TEXT COLLATE "C" NOT NULL, -- SHA-256 of 80 random bits
    PRIMARY KEY (person, hash)
);
CREATE TABLE devices (
    token  TEXT COLLATE "C" NOT NULL, -- SHA-256 of what the browser holds
    person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    at     BIGINT NOT NULL,
    PRIMARY KEY (token, person)
);
CREATE INDEX devices_person ON devices (person, at);

-- +goose Down
DROP TABLE devices;
DROP TABLE recovery_codes;
DROP TABLE factors;
