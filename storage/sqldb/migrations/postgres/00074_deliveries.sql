-- What is owed to the national portal: see docs/decisions/0044-national-payload.md.

-- +goose Up

CREATE TABLE deliveries (
    dossier TEXT COLLATE "C" PRIMARY KEY REFERENCES dossiers (code) ON DELETE CASCADE,
    owed    BIGINT NOT NULL,            -- grows with each change of what is to be said
    sent    BIGINT NOT NULL DEFAULT 0,  -- owed, as it stood when what was acknowledged was made
    tries   BIGINT NOT NULL DEFAULT 0,  -- without an acknowledgement
    next    BIGINT NOT NULL DEFAULT 0,  -- not tried before
    said    TEXT COLLATE "C" NOT NULL DEFAULT '',   -- why the last one failed: a word, no data
    receipt TEXT COLLATE "C" NOT NULL DEFAULT '',   -- id that the portal gave
    sum     TEXT COLLATE "C" NOT NULL DEFAULT '',   -- SHA-256 of the payload acknowledged
    at      BIGINT NOT NULL DEFAULT 0   -- when
);
CREATE INDEX deliveries_owed ON deliveries (next) WHERE owed > sent;

-- +goose Down
DROP TABLE deliveries;
