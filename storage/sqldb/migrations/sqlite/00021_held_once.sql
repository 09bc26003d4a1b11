-- SQLite has one writer at a time: what PostgreSQL needs here holds as it is.

-- +goose Up

SELECT 1;
