-- The indexes follow the log instead of being written with each change.
CREATE TABLE indexed (
    place INTEGER NOT NULL           -- of the last change that `forms` and `search` hold; one row
) STRICT;
INSERT INTO indexed SELECT coalesce(max(place), 0) FROM changes;

-- Of the words that `search` holds of a form: most acts leave them as they are. 0: not known, so written anew.
ALTER TABLE forms ADD COLUMN search_sum INTEGER NOT NULL DEFAULT 0;
