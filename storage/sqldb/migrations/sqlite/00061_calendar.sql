-- The calendar of offices, as the government says it for each year.

-- +goose Up
CREATE TABLE calendar (
    day     TEXT NOT NULL, -- YYYY-MM-DD
    since   TEXT NOT NULL, -- known from this day on; empty: always
    working BIGINT NOT NULL,
    name    TEXT NOT NULL,
    PRIMARY KEY (day, since)
);
