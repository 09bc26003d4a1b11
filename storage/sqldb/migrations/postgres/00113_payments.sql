-- Where fees are paid to and what a procedure costs, each from a day on: see
-- docs/neighbours.md.

-- +goose Up
CREATE TABLE pay_accounts (
    id     TEXT COLLATE "C" PRIMARY KEY,
    agency TEXT COLLATE "C" NOT NULL,
    bin    TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    name   TEXT COLLATE "C" NOT NULL,
    since  TEXT COLLATE "C" NOT NULL, -- first day
    ended  BIGINT NOT NULL DEFAULT 0, -- 1: from that day on there is none
    who    TEXT COLLATE "C" NOT NULL,
    at     BIGINT NOT NULL
);
CREATE INDEX pay_accounts_of ON pay_accounts (agency, since);

CREATE TABLE procedure_fees (
    id        TEXT COLLATE "C" PRIMARY KEY,
    procedure TEXT COLLATE "C" NOT NULL,
    amount    BIGINT NOT NULL,
    since     TEXT COLLATE "C" NOT NULL,
    law       TEXT COLLATE "C" NOT NULL,
    who       TEXT COLLATE "C" NOT NULL,
    at        BIGINT NOT NULL
);
CREATE INDEX procedure_fees_of ON procedure_fees (procedure, since);

-- +goose Down
DROP TABLE procedure_fees;
DROP TABLE pay_accounts;
