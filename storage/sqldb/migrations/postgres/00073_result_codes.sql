-- Codes of digitised results (mã kết quả số hóa): given once, with the rule
-- that made them. See docs/decisions/0043-records.md.

-- +goose Up

CREATE TABLE result_codes (
    document TEXT COLLATE "C" PRIMARY KEY REFERENCES documents (id),
    code     TEXT COLLATE "C" NOT NULL UNIQUE,
    norm     TEXT COLLATE "C" NOT NULL REFERENCES norms (id),
    demo     BIGINT NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION result_codes_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.demo = 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a code of a result is written once, and kept' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER result_codes_once BEFORE UPDATE OR DELETE ON result_codes
    FOR EACH ROW EXECUTE FUNCTION result_codes_once();
CREATE TRIGGER result_codes_whole BEFORE TRUNCATE ON result_codes EXECUTE FUNCTION never_truncated();

-- +goose Down
DROP TABLE result_codes;
DROP FUNCTION result_codes_once();
