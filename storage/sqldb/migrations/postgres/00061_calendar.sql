-- The calendar of offices, as the government says it for each year.

-- +goose Up
CREATE TABLE calendar (
    day     TEXT COLLATE "C" NOT NULL, -- YYYY-MM-DD
    since   TEXT COLLATE "C" NOT NULL, -- known from this day on; empty: always
    working BIGINT NOT NULL,
    name    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (day, since)
);
