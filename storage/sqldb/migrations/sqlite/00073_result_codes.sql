-- Codes of digitised results (mã kết quả số hóa): given once, with the rule
-- that made them. See docs/decisions/0043-records.md.

-- +goose Up

CREATE TABLE result_codes (
    document TEXT PRIMARY KEY REFERENCES documents (id),
    code     TEXT NOT NULL UNIQUE,
    norm     TEXT NOT NULL REFERENCES norms (id),
    demo     BIGINT NOT NULL
);

-- +goose StatementBegin
CREATE TRIGGER result_codes_once BEFORE UPDATE ON result_codes
BEGIN SELECT RAISE(ABORT, 'a code of a result is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER result_codes_replace BEFORE INSERT ON result_codes
WHEN EXISTS (SELECT 1 FROM result_codes WHERE document = NEW.document OR code = NEW.code)
BEGIN SELECT RAISE(ABORT, 'a code of a result is written once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER result_codes_kept BEFORE DELETE ON result_codes WHEN OLD.demo <> 1
BEGIN SELECT RAISE(ABORT, 'a code of a result is kept'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE result_codes;
