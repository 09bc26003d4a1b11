-- Where programs are told that a job of theirs is over: see
-- docs/decisions/0069-live-callbacks-speed.md.

-- +goose Up
CREATE TABLE api_callbacks (
    job      TEXT COLLATE "C" PRIMARY KEY REFERENCES api_jobs (id) ON DELETE CASCADE,
    key      TEXT COLLATE "C" NOT NULL, -- of the program: what is told is signed with what follows from it
    url      TEXT COLLATE "C" NOT NULL,
    failed   TEXT COLLATE "C" NOT NULL, -- address for jobs that failed
    standing BIGINT NOT NULL DEFAULT 0, -- 0 waits, 1 taken, 2 given up
    tries    BIGINT NOT NULL DEFAULT 0,
    next     BIGINT NOT NULL DEFAULT 0,
    said     TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX api_callbacks_open ON api_callbacks (next) WHERE standing = 0;

-- +goose Down
DROP TABLE api_callbacks;
