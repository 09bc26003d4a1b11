-- On PostgreSQL many moves are one statement. SQLite has one writer, inside the
-- process: here nothing changes.

-- +goose Up
SELECT 1;

-- +goose Down
SELECT 1;
