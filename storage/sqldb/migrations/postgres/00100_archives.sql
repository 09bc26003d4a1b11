-- Papers that were digitised elsewhere and are taken over: see docs/decisions/0060-backlog.md.
-- Nothing here names a person or a file.

-- +goose Up
CREATE TABLE archive_imports (
    id         TEXT COLLATE "C" PRIMARY KEY,
    sum        TEXT COLLATE "C" NOT NULL, -- of the index
    agency     TEXT COLLATE "C" NOT NULL,
    who        TEXT COLLATE "C" NOT NULL,
    began      BIGINT NOT NULL,
    changed    BIGINT NOT NULL,
    ended      BIGINT NOT NULL DEFAULT 0, -- 0: it goes on from the cursor
    place      BIGINT NOT NULL DEFAULT 0, -- the cursor: up to which row of the index all is done
    row_count  BIGINT NOT NULL DEFAULT 0,
    taken      BIGINT NOT NULL DEFAULT 0,
    same       BIGINT NOT NULL DEFAULT 0,
    twice      BIGINT NOT NULL DEFAULT 0,
    bad        BIGINT NOT NULL DEFAULT 0,
    pages      BIGINT NOT NULL DEFAULT 0,
    bytes      BIGINT NOT NULL DEFAULT 0,
    signed     BIGINT NOT NULL DEFAULT 0,
    mended     BIGINT NOT NULL DEFAULT 0,
    UNIQUE (sum, agency)
);

CREATE TABLE archive_faults (
    import TEXT COLLATE "C" NOT NULL REFERENCES archive_imports (id),
    place  BIGINT NOT NULL, -- the row of the index
    field  TEXT COLLATE "C" NOT NULL,
    code   TEXT COLLATE "C" NOT NULL,
    seen   TEXT COLLATE "C" NOT NULL, -- a code; empty of what may be personal
    note   BIGINT NOT NULL,
    PRIMARY KEY (import, place, field, code)
);

-- +goose Down
DROP TABLE archive_faults;
DROP TABLE archive_imports;
