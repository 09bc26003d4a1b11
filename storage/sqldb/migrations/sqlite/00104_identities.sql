-- People as an identity provider knows them, and sessions that began there: see
-- docs/decisions/0061-passkeys-and-providers.md.

-- +goose Up
CREATE TABLE identities (
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    person  TEXT NOT NULL REFERENCES people (id),
    at      BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (issuer, person)
);
ALTER TABLE sessions ADD COLUMN issuer TEXT NOT NULL DEFAULT ''; -- empty: it began here
ALTER TABLE sessions ADD COLUMN sid TEXT NOT NULL DEFAULT ''; -- as the provider names it
ALTER TABLE sessions ADD COLUMN strong BIGINT NOT NULL DEFAULT 0; -- 1: the provider said that a second factor was given

-- +goose Down
DELETE FROM sessions WHERE issuer <> '';
ALTER TABLE sessions DROP COLUMN strong;
ALTER TABLE sessions DROP COLUMN sid;
ALTER TABLE sessions DROP COLUMN issuer;
DROP TABLE identities;
