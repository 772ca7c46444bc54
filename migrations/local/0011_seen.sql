-- What a list shows of a form to somebody who must not see it in clear, and who may (JSON); NULL: not made yet.
ALTER TABLE forms ADD COLUMN seen TEXT;
-- By which template it is masked.
ALTER TABLE forms ADD COLUMN masking INTEGER;
-- By which template all of them are, and up to which row; NULL: all of it.
ALTER TABLE indexed ADD COLUMN masking INTEGER NOT NULL DEFAULT 0;
ALTER TABLE indexed ADD COLUMN masked INTEGER DEFAULT 0;
