-- The dossiers behind a figure are found by how they stand, where they are few:
-- see docs/decisions/0066-figures-at-full-size.md.

-- +goose Up
CREATE INDEX dossiers_standing ON dossiers (receiving, month_resolved, standing, received);

-- +goose Down
DROP INDEX dossiers_standing;
