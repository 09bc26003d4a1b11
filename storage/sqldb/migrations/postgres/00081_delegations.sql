-- Who stands in for whom, and which dossiers were opened out of turn: see
-- docs/decisions/0050-deputies.md.

-- +goose Up
CREATE TABLE delegations (
    id     TEXT COLLATE "C" PRIMARY KEY,
    giver  TEXT COLLATE "C" NOT NULL,
    taker  TEXT COLLATE "C" NOT NULL,
    role   TEXT COLLATE "C" NOT NULL, -- of the giver
    agency TEXT COLLATE "C" NOT NULL,
    why    TEXT COLLATE "C" NOT NULL CHECK (why <> ''),
    at     BIGINT NOT NULL,
    until  BIGINT NOT NULL,
    salt   TEXT COLLATE "C" NOT NULL, -- opens the ledger's commitment to why
    demo   BIGINT NOT NULL,
    CHECK (until > at AND giver <> taker)
);
CREATE INDEX delegations_taker ON delegations (taker, until);
CREATE INDEX delegations_giver ON delegations (giver, until);

CREATE TABLE delegation_ends (
    id         TEXT COLLATE "C" PRIMARY KEY,
    delegation TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES delegations (id),
    who        TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    role       TEXT COLLATE "C" NOT NULL,
    at         BIGINT NOT NULL,
    why        TEXT COLLATE "C" NOT NULL,
    salt       TEXT COLLATE "C" NOT NULL,
    demo       BIGINT NOT NULL
);

CREATE TABLE broken_glass (
    id      TEXT COLLATE "C" PRIMARY KEY,
    person  TEXT COLLATE "C" NOT NULL,
    role    TEXT COLLATE "C" NOT NULL,
    dossier TEXT COLLATE "C" NOT NULL,
    why     TEXT COLLATE "C" NOT NULL CHECK (why <> ''),
    at      BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    salt    TEXT COLLATE "C" NOT NULL,
    demo    BIGINT NOT NULL
);
CREATE INDEX broken_glass_person ON broken_glass (person, until);
CREATE INDEX broken_glass_at ON broken_glass (at);

-- +goose StatementBegin
CREATE FUNCTION delegations_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a delegation is written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER delegations_once BEFORE UPDATE OR DELETE ON delegations
    FOR EACH ROW EXECUTE FUNCTION delegations_once();
CREATE TRIGGER delegations_whole BEFORE TRUNCATE ON delegations EXECUTE FUNCTION never_truncated();
-- +goose StatementBegin
CREATE FUNCTION delegation_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the end of a delegation is written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER delegation_ends_once BEFORE UPDATE OR DELETE ON delegation_ends
    FOR EACH ROW EXECUTE FUNCTION delegation_ends_once();
CREATE TRIGGER delegation_ends_whole BEFORE TRUNCATE ON delegation_ends EXECUTE FUNCTION never_truncated();
-- +goose StatementBegin
CREATE FUNCTION broken_glass_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'broken glass is written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER broken_glass_once BEFORE UPDATE OR DELETE ON broken_glass
    FOR EACH ROW EXECUTE FUNCTION broken_glass_once();
CREATE TRIGGER broken_glass_whole BEFORE TRUNCATE ON broken_glass EXECUTE FUNCTION never_truncated();

-- +goose Down
DROP TABLE broken_glass;
DROP FUNCTION broken_glass_once();
DROP TABLE delegation_ends;
DROP FUNCTION delegation_ends_once();
DROP TABLE delegations;
DROP FUNCTION delegations_once();
