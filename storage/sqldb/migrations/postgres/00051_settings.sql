-- What an administrator sets for the whole house.

-- +goose Up
CREATE TABLE settings (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL,
    who   TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    at    BIGINT NOT NULL
);
