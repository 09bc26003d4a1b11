-- Where fees are paid to and what a procedure costs, each from a day on: see
-- docs/neighbours.md.

-- +goose Up
CREATE TABLE pay_accounts (
    id     TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    bin    TEXT NOT NULL,
    number TEXT NOT NULL,
    name   TEXT NOT NULL,
    since  TEXT NOT NULL, -- first day
    ended  BIGINT NOT NULL DEFAULT 0, -- 1: from that day on there is none
    who    TEXT NOT NULL,
    at     BIGINT NOT NULL
);
CREATE INDEX pay_accounts_of ON pay_accounts (agency, since);

CREATE TABLE procedure_fees (
    id        TEXT PRIMARY KEY,
    procedure TEXT NOT NULL,
    amount    BIGINT NOT NULL,
    since     TEXT NOT NULL,
    law       TEXT NOT NULL,
    who       TEXT NOT NULL,
    at        BIGINT NOT NULL
);
CREATE INDEX procedure_fees_of ON procedure_fees (procedure, since);

-- +goose Down
DROP TABLE procedure_fees;
DROP TABLE pay_accounts;
