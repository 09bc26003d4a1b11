-- Dossiers of a one-stop system, and what it is owed of them: see docs/neighbours.md.

-- +goose Up
CREATE TABLE onestop_dossiers (
    code    TEXT PRIMARY KEY, -- theirs; the dossier need not be in the house
    came    BIGINT NOT NULL,
    problem TEXT NOT NULL DEFAULT '', -- why it is not taken, or not as they have it: a code
    field   TEXT NOT NULL DEFAULT '',
    again   BIGINT NOT NULL DEFAULT 0, -- 1: it is asked for again
    owed    BIGINT NOT NULL DEFAULT 0,
    sent    BIGINT NOT NULL DEFAULT 0,
    aside   BIGINT NOT NULL DEFAULT 0, -- 1: it is told nothing more until a person says so
    tries   BIGINT NOT NULL DEFAULT 0,
    next    BIGINT NOT NULL DEFAULT 0,
    said    TEXT NOT NULL DEFAULT '',
    sum     TEXT NOT NULL DEFAULT '', -- SHA-256 of what was told
    at      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX onestop_owed ON onestop_dossiers (next) WHERE owed > sent;
CREATE INDEX onestop_odd ON onestop_dossiers (code) WHERE problem <> '' OR aside <> 0;

CREATE TABLE onestop_head (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    place BIGINT NOT NULL
);
INSERT INTO onestop_head (id, place) SELECT 1, size FROM log_head WHERE id = 1;

-- +goose Down
DROP TABLE onestop_head;
DROP TABLE onestop_dossiers;
