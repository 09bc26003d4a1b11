-- What was resolved in a period and received in another is found in the index
-- alone: see docs/decisions/0053-figures-again.md.

-- +goose Up
DROP INDEX figure_cells_resolved;
CREATE INDEX figure_cells_resolved ON figure_cells (node, grain, resolved, received) WHERE resolved <> received;

-- +goose Down
DROP INDEX figure_cells_resolved;
CREATE INDEX figure_cells_resolved ON figure_cells (node, grain, resolved) WHERE resolved <> received;
