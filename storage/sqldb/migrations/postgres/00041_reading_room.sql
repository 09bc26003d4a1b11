-- Which auditor may read what, for which purpose, until when: see
-- docs/decisions/0032-reading-room.md.

-- +goose Up

CREATE TABLE grants (
    id      TEXT COLLATE "C" PRIMARY KEY,
    person  TEXT COLLATE "C" NOT NULL,
    agency  TEXT COLLATE "C" NOT NULL,  -- and all below it; empty: see dossier
    dossier TEXT COLLATE "C" NOT NULL,
    kinds   TEXT COLLATE "C" NOT NULL,  -- JSON list; null: all
    since   TEXT COLLATE "C" NOT NULL,  -- dossiers received from this day, YYYY-MM-DD
    till    TEXT COLLATE "C" NOT NULL,  -- to this day
    purpose TEXT COLLATE "C" NOT NULL CHECK (purpose <> ''),
    until   BIGINT NOT NULL,
    who     TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    role    TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    salt    TEXT COLLATE "C" NOT NULL,  -- opens the ledger's commitment to purpose
    demo    BIGINT NOT NULL,
    CHECK (until > at AND (agency = '') <> (dossier = ''))
);
CREATE INDEX grants_person ON grants (person, until);

-- Grants that somebody ended before their day.
CREATE TABLE grant_ends (
    id      TEXT COLLATE "C" PRIMARY KEY,
    grantid TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES grants (id),
    who     TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    role    TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    why     TEXT COLLATE "C" NOT NULL,
    salt    TEXT COLLATE "C" NOT NULL,
    demo    BIGINT NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION grants_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'grants are written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER grants_once BEFORE UPDATE OR DELETE ON grants
    FOR EACH ROW EXECUTE FUNCTION grants_once();
CREATE TRIGGER grants_whole BEFORE TRUNCATE ON grants EXECUTE FUNCTION never_truncated();
-- +goose StatementBegin
CREATE FUNCTION grant_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the end of a grant is written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER grant_ends_once BEFORE UPDATE OR DELETE ON grant_ends
    FOR EACH ROW EXECUTE FUNCTION grant_ends_once();
CREATE TRIGGER grant_ends_whole BEFORE TRUNCATE ON grant_ends EXECUTE FUNCTION never_truncated();
