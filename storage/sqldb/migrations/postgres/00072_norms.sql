-- Rules of law that are data, each from a day on: see docs/decisions/0043-records.md.

-- +goose Up

CREATE TABLE norms (
    id      TEXT COLLATE "C" PRIMARY KEY,
    sort    TEXT COLLATE "C" NOT NULL,   -- ground, code, form
    name    TEXT COLLATE "C" NOT NULL,   -- kind of paper, or number of a form; empty: all
    since   TEXT COLLATE "C" NOT NULL,   -- YYYY-MM-DD
    said    TEXT COLLATE "C" NOT NULL,   -- what it says: see dossier/norm
    law     TEXT COLLATE "C" NOT NULL,
    article TEXT COLLATE "C" NOT NULL,
    grade   TEXT COLLATE "C" NOT NULL,
    note    TEXT COLLATE "C" NOT NULL,
    who     TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    at      BIGINT NOT NULL,
    demo    BIGINT NOT NULL
);
CREATE UNIQUE INDEX norms_day ON norms (sort, name, since);

-- +goose StatementBegin
CREATE FUNCTION norms_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a rule of law is written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER norms_once BEFORE UPDATE OR DELETE ON norms
    FOR EACH ROW EXECUTE FUNCTION norms_once();
CREATE TRIGGER norms_whole BEFORE TRUNCATE ON norms EXECUTE FUNCTION never_truncated();

-- +goose Down
DROP TABLE norms;
DROP FUNCTION norms_once();
