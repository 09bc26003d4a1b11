-- Of PostgreSQL only: its index kept a list of what was new in it.

-- +goose Up
SELECT 1;
