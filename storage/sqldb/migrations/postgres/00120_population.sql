-- Questions to the national population database, and their outcomes: nothing else of the
-- answers. See docs/decisions/0072-procedures-and-population.md.

-- +goose Up
CREATE TABLE population_checks (
    id      TEXT COLLATE "C" PRIMARY KEY,
    dossier TEXT COLLATE "C" NOT NULL REFERENCES dossiers (code),
    holder  TEXT COLLATE "C" NOT NULL REFERENCES holders (id),
    outcome TEXT COLLATE "C" NOT NULL, -- unanswered until it is answered
    said    TEXT COLLATE "C" NOT NULL DEFAULT '',
    who     TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX population_checks_dossier ON population_checks (dossier, at);
CREATE INDEX population_checks_holder ON population_checks (holder, at);
CREATE INDEX population_checks_at ON population_checks (at);

-- +goose Down
DROP TABLE population_checks;
