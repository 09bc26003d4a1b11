-- Who stands in for whom, and which dossiers were opened out of turn: see
-- docs/decisions/0050-deputies.md.

-- +goose Up
CREATE TABLE delegations (
    id     TEXT PRIMARY KEY,
    giver  TEXT NOT NULL,
    taker  TEXT NOT NULL,
    role   TEXT NOT NULL, -- of the giver
    agency TEXT NOT NULL,
    why    TEXT NOT NULL CHECK (why <> ''),
    at     BIGINT NOT NULL,
    until  BIGINT NOT NULL,
    salt   TEXT NOT NULL, -- opens the ledger's commitment to why
    demo   BIGINT NOT NULL,
    CHECK (until > at AND giver <> taker)
);
CREATE INDEX delegations_taker ON delegations (taker, until);
CREATE INDEX delegations_giver ON delegations (giver, until);

CREATE TABLE delegation_ends (
    id         TEXT PRIMARY KEY,
    delegation TEXT NOT NULL UNIQUE REFERENCES delegations (id),
    who        TEXT NOT NULL CHECK (who <> ''),
    role       TEXT NOT NULL,
    at         BIGINT NOT NULL,
    why        TEXT NOT NULL,
    salt       TEXT NOT NULL,
    demo       BIGINT NOT NULL
);

CREATE TABLE broken_glass (
    id      TEXT PRIMARY KEY,
    person  TEXT NOT NULL,
    role    TEXT NOT NULL,
    dossier TEXT NOT NULL,
    why     TEXT NOT NULL CHECK (why <> ''),
    at      BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    salt    TEXT NOT NULL,
    demo    BIGINT NOT NULL
);
CREATE INDEX broken_glass_person ON broken_glass (person, until);
CREATE INDEX broken_glass_at ON broken_glass (at);

-- +goose StatementBegin
CREATE TRIGGER delegations_once BEFORE UPDATE ON delegations
BEGIN SELECT RAISE(ABORT, 'a delegation is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER delegations_replace BEFORE INSERT ON delegations
WHEN EXISTS (SELECT 1 FROM delegations WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'a delegation is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER delegations_kept BEFORE DELETE ON delegations WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'a delegation is written once, and kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER delegation_ends_once BEFORE UPDATE ON delegation_ends
BEGIN SELECT RAISE(ABORT, 'the end of a delegation is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER delegation_ends_replace BEFORE INSERT ON delegation_ends
WHEN EXISTS (SELECT 1 FROM delegation_ends WHERE id = NEW.id OR delegation = NEW.delegation)
BEGIN SELECT RAISE(ABORT, 'the end of a delegation is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER delegation_ends_kept BEFORE DELETE ON delegation_ends WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'the end of a delegation is written once, and kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER broken_glass_once BEFORE UPDATE ON broken_glass
BEGIN SELECT RAISE(ABORT, 'broken glass is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER broken_glass_replace BEFORE INSERT ON broken_glass
WHEN EXISTS (SELECT 1 FROM broken_glass WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'broken glass is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER broken_glass_kept BEFORE DELETE ON broken_glass WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'broken glass is written once, and kept'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE broken_glass;
DROP TABLE delegation_ends;
DROP TABLE delegations;
