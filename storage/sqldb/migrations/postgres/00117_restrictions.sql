-- Classes of paper that are not for everybody: see docs/decisions/0071-classes-of-paper.md.

-- +goose Up

CREATE TABLE restrictions (
    id     TEXT COLLATE "C" PRIMARY KEY,
    person TEXT COLLATE "C" NOT NULL,  -- an account; empty: see role and agency
    role   TEXT COLLATE "C" NOT NULL,  -- empty: every role
    agency TEXT COLLATE "C" NOT NULL,  -- and all below it; empty: every agency
    mode   TEXT COLLATE "C" NOT NULL CHECK (mode IN ('not', 'only')),
    kinds  TEXT COLLATE "C" NOT NULL,  -- JSON list of codes; null: none is named
    fields TEXT COLLATE "C" NOT NULL,  -- JSON list of fields of procedures
    why    TEXT COLLATE "C" NOT NULL CHECK (why <> ''),
    who    TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    byrole TEXT COLLATE "C" NOT NULL,
    at     BIGINT NOT NULL,
    salt   TEXT COLLATE "C" NOT NULL,  -- opens the ledger's commitment to why
    demo   BIGINT NOT NULL,
    CHECK ((person = '') <> (role = '' AND agency = ''))
);

-- That a rule ends is asked for, and done by another.
CREATE TABLE restriction_ends (
    id          TEXT COLLATE "C" PRIMARY KEY,
    restriction TEXT COLLATE "C" NOT NULL REFERENCES restrictions (id),
    act         TEXT COLLATE "C" NOT NULL CHECK (act IN ('ask', 'end')),
    who         TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    byrole      TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    why         TEXT COLLATE "C" NOT NULL,
    salt        TEXT COLLATE "C" NOT NULL,
    demo        BIGINT NOT NULL,
    UNIQUE (restriction, act)
);

INSERT INTO catalogue_stamps (what, stamp) VALUES ('restrictions', 1);

-- +goose StatementBegin
CREATE FUNCTION restrictions_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'restrictions and their ends are written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER restrictions_once BEFORE UPDATE OR DELETE ON restrictions
    FOR EACH ROW EXECUTE FUNCTION restrictions_once();
CREATE TRIGGER restrictions_whole BEFORE TRUNCATE ON restrictions EXECUTE FUNCTION never_truncated();
CREATE TRIGGER restriction_ends_once BEFORE UPDATE OR DELETE ON restriction_ends
    FOR EACH ROW EXECUTE FUNCTION restrictions_once();
CREATE TRIGGER restriction_ends_whole BEFORE TRUNCATE ON restriction_ends EXECUTE FUNCTION never_truncated();
-- +goose StatementBegin
CREATE FUNCTION restriction_ends_four_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.act = 'end' AND NOT EXISTS (SELECT 1 FROM restriction_ends a WHERE a.restriction = NEW.restriction AND a.act = 'ask' AND a.who <> NEW.who) THEN
        RAISE EXCEPTION 'a restriction is ended by another than who asked' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER restriction_ends_four_eyes BEFORE INSERT ON restriction_ends
    FOR EACH ROW EXECUTE FUNCTION restriction_ends_four_eyes();
CREATE TRIGGER restrictions_stamped AFTER INSERT OR DELETE ON restrictions
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_stamped('restrictions');
CREATE TRIGGER restriction_ends_stamped AFTER INSERT OR DELETE ON restriction_ends
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_stamped('restrictions');

-- +goose Down
DROP TABLE restriction_ends;
DROP TABLE restrictions;
DROP FUNCTION restriction_ends_four_eyes();
DROP FUNCTION restrictions_once();
DELETE FROM catalogue_stamps WHERE what = 'restrictions';
