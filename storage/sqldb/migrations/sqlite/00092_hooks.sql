-- Who else is told what happens: see docs/decisions/0056-webhooks.md.

-- +goose Up
CREATE TABLE hooks (
    id     TEXT PRIMARY KEY,
    url    TEXT NOT NULL,
    secret TEXT NOT NULL, -- sealed, if the store is
    agency TEXT NOT NULL,
    why    TEXT NOT NULL,
    who    TEXT NOT NULL,
    at     BIGINT NOT NULL,
    ended  BIGINT NOT NULL DEFAULT 0 -- since when; 0: it is told
);

-- Up to where the ledger was read for what is owed.
CREATE TABLE hook_head (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    place BIGINT NOT NULL
);
INSERT INTO hook_head (id, place) SELECT 1, size FROM log_head WHERE id = 1;

CREATE TABLE hook_deliveries (
    hook     TEXT NOT NULL REFERENCES hooks (id),
    place    BIGINT NOT NULL, -- of the event in the ledger
    event    TEXT NOT NULL, -- its id
    dossier  TEXT NOT NULL,
    document TEXT NOT NULL,
    slot     TEXT NOT NULL,
    act      TEXT NOT NULL, -- type of the CloudEvent
    state    TEXT NOT NULL,
    version  BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    standing BIGINT NOT NULL DEFAULT 0, -- 0 waits, 1 taken, 2 put aside, 3 dropped
    tries    BIGINT NOT NULL DEFAULT 0,
    next     BIGINT NOT NULL DEFAULT 0,
    said     TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (hook, place)
);
CREATE INDEX hook_deliveries_open ON hook_deliveries (hook, dossier, place) WHERE standing IN (0, 2);
CREATE INDEX hook_deliveries_done ON hook_deliveries (at) WHERE standing IN (1, 3);

-- +goose Down
DROP TABLE hook_deliveries;
DROP TABLE hook_head;
DROP TABLE hooks;
