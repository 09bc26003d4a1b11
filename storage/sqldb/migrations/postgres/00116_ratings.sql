-- What citizens say of dossiers that were resolved: see docs/decisions/0070-citizens.md.

-- +goose Up
CREATE TABLE ratings (
    dossier TEXT COLLATE "C" PRIMARY KEY REFERENCES dossiers (code),
    score   BIGINT NOT NULL CHECK (score BETWEEN 1 AND 5),
    at      BIGINT NOT NULL
);
CREATE INDEX ratings_at ON ratings (at);

-- +goose Down
DROP TABLE ratings;
