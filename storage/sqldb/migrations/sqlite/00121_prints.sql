-- In SQLite the table is its key already: see the other engine's.

-- +goose Up
SELECT 1;

-- +goose Down
SELECT 1;
