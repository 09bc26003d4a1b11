-- Pages of long papers while they are read, see docs/decisions/0046-pages.md.

-- +goose Up
CREATE TABLE page_work (
    document    TEXT NOT NULL,
    version     BIGINT NOT NULL, -- of the document that they are read for
    page        BIGINT NOT NULL, -- from 0
    holder      TEXT NOT NULL DEFAULT '', -- who reads it; a new name with each visit
    lease_until BIGINT NOT NULL DEFAULT 0,
    attempts    BIGINT NOT NULL DEFAULT 0, -- begun, without an outcome
    result      BLOB, -- what was read; NULL: not read yet
    PRIMARY KEY (document, version, page)
);
CREATE INDEX page_work_free ON page_work (document, version, page) WHERE result IS NULL;

-- +goose Down
DROP TABLE page_work;
