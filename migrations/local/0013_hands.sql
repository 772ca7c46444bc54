-- Return visits at which somebody tried what was not his: for the supervisor to look at.
ALTER TABLE visits ADD COLUMN out_of_place INTEGER NOT NULL DEFAULT 0;  -- changes without effect
CREATE INDEX visits_out_of_place ON visits (row) WHERE out_of_place > 0;

-- Whose handling was taken back is folded from now on: forms that were folded before are folded anew, once.
UPDATE indexed SET folded = (SELECT 0 WHERE EXISTS (SELECT 1 FROM records));
