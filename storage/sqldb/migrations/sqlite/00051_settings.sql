-- What an administrator sets for the whole house.

-- +goose Up
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    who   TEXT NOT NULL CHECK (who <> ''),
    at    BIGINT NOT NULL
);
