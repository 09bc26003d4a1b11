-- What programs ask at the API: answers that are given again, and jobs. See
-- docs/decisions/0055-keys-and-api.md.

-- +goose Up
CREATE TABLE api_answers (
    account TEXT COLLATE "C" NOT NULL,
    key     TEXT COLLATE "C" NOT NULL, -- Idempotency-Key
    print   TEXT COLLATE "C" NOT NULL, -- SHA-256 of what was asked
    at      BIGINT NOT NULL,
    status  BIGINT NOT NULL, -- 0: being done, or broken off
    header  TEXT COLLATE "C" NOT NULL, -- JSON
    body    BYTEA,
    PRIMARY KEY (account, key)
);
CREATE INDEX api_answers_at ON api_answers (at);

CREATE TABLE api_jobs (
    id       TEXT COLLATE "C" PRIMARY KEY,
    account  TEXT COLLATE "C" NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX api_jobs_document ON api_jobs (document);

-- +goose Down
DROP TABLE api_jobs;
DROP TABLE api_answers;
