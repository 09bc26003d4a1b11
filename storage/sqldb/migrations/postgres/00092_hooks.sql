-- Who else is told what happens: see docs/decisions/0056-webhooks.md.

-- +goose Up
CREATE TABLE hooks (
    id     TEXT COLLATE "C" PRIMARY KEY,
    url    TEXT COLLATE "C" NOT NULL,
    secret TEXT COLLATE "C" NOT NULL, -- sealed, if the store is
    agency TEXT COLLATE "C" NOT NULL,
    why    TEXT COLLATE "C" NOT NULL,
    who    TEXT COLLATE "C" NOT NULL,
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
    hook     TEXT COLLATE "C" NOT NULL REFERENCES hooks (id),
    place    BIGINT NOT NULL, -- of the event in the ledger
    event    TEXT COLLATE "C" NOT NULL, -- its id
    dossier  TEXT COLLATE "C" NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    slot     TEXT COLLATE "C" NOT NULL,
    act      TEXT COLLATE "C" NOT NULL, -- type of the CloudEvent
    state    TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    standing BIGINT NOT NULL DEFAULT 0, -- 0 waits, 1 taken, 2 put aside, 3 dropped
    tries    BIGINT NOT NULL DEFAULT 0,
    next     BIGINT NOT NULL DEFAULT 0,
    said     TEXT COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (hook, place)
);
CREATE INDEX hook_deliveries_open ON hook_deliveries (hook, dossier, place) WHERE standing IN (0, 2);
CREATE INDEX hook_deliveries_done ON hook_deliveries (at) WHERE standing IN (1, 3);

-- +goose Down
DROP TABLE hook_deliveries;
DROP TABLE hook_head;
DROP TABLE hooks;
