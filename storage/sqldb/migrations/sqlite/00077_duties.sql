-- What one process of a house does for all: who does it now, and how long its
-- word holds.

-- +goose Up
CREATE TABLE duties (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  BIGINT NOT NULL
);

-- +goose Down
DROP TABLE duties;
