-- Who looked at what was read badly.

-- +goose Up
CREATE TABLE reviews (
    document TEXT COLLATE "C" PRIMARY KEY REFERENCES documents (id),
    who      TEXT COLLATE "C" NOT NULL CHECK (who <> ''),
    at       BIGINT NOT NULL
);

-- Most papers are read well: those that are not are found without the rest.
CREATE INDEX made_doubts ON made (document) WHERE part = 'doubts';

-- +goose StatementBegin
CREATE FUNCTION reviews_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a review is written once' USING ERRCODE = 'restrict_violation';
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reviews_once BEFORE UPDATE ON reviews
    FOR EACH ROW EXECUTE FUNCTION reviews_once();
-- +goose StatementBegin
CREATE FUNCTION reviews_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM documents WHERE id = OLD.document AND demo = 1) THEN
        RAISE EXCEPTION 'reviews are kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reviews_kept BEFORE DELETE ON reviews
    FOR EACH ROW EXECUTE FUNCTION reviews_kept();
CREATE TRIGGER reviews_whole BEFORE TRUNCATE ON reviews EXECUTE FUNCTION never_truncated();
