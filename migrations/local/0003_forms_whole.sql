-- A form's row holds all that lists and searches show, so that none of them reads the record; and how many forms there
-- are of each sort is kept, so that nobody counts half the table to fill a page.
CREATE TABLE forms_whole (
    row INTEGER PRIMARY KEY,
    id BLOB NOT NULL,                -- of the record
    number TEXT NOT NULL,
    received INTEGER NOT NULL,       -- 来电时间, seconds since 1970 UTC
    received_at TEXT NOT NULL,       -- the same as entered, RFC 3339
    customer TEXT NOT NULL,
    customer_key TEXT NOT NULL,      -- pinyin, for sorting
    phone TEXT NOT NULL,
    kind TEXT NOT NULL,
    category TEXT NOT NULL,
    state TEXT NOT NULL,
    channel TEXT NOT NULL,
    receiver TEXT NOT NULL,
    product TEXT NOT NULL,
    description TEXT NOT NULL        -- as entered, for the line around a hit
) STRICT;
INSERT INTO forms_whole
SELECT row, id, number, received, received_at, customer, customer_key, phone, forms.kind, category, state, channel,
    receiver, product, coalesce(json_extract(body, '$.fields.description.value.text'), '')
FROM forms JOIN records USING (row);
DROP TABLE forms;
ALTER TABLE forms_whole RENAME TO forms;

-- `row` stands second because ties are ordered by it; what filters ask for comes behind, so that no row is read to be
-- skipped.
CREATE INDEX forms_by_received ON forms (received, row, kind, category, state, channel, receiver);
CREATE INDEX forms_by_number ON forms (number, row, received, kind, category, state, channel, receiver);
CREATE INDEX forms_by_customer ON forms (customer_key, row, received, kind, category, state, channel, receiver);

CREATE TABLE form_counts (
    kind TEXT NOT NULL,
    category TEXT NOT NULL,
    state TEXT NOT NULL,
    channel TEXT NOT NULL,
    receiver TEXT NOT NULL,
    forms INTEGER NOT NULL,          -- 0 where the last of its sort was corrected into another
    PRIMARY KEY (kind, category, state, channel, receiver)
) STRICT, WITHOUT ROWID;
INSERT INTO form_counts
SELECT kind, category, state, channel, receiver, count(*) FROM forms GROUP BY kind, category, state, channel, receiver;

CREATE TRIGGER forms_entered AFTER INSERT ON forms BEGIN
    INSERT INTO form_counts VALUES (new.kind, new.category, new.state, new.channel, new.receiver, 1)
    ON CONFLICT (kind, category, state, channel, receiver) DO UPDATE SET forms = forms + 1;
END;
CREATE TRIGGER forms_moved AFTER UPDATE OF kind, category, state, channel, receiver ON forms BEGIN
    UPDATE form_counts SET forms = forms - 1
    WHERE kind = old.kind AND category = old.category AND state = old.state AND channel = old.channel
        AND receiver = old.receiver;
    INSERT INTO form_counts VALUES (new.kind, new.category, new.state, new.channel, new.receiver, 1)
    ON CONFLICT (kind, category, state, channel, receiver) DO UPDATE SET forms = forms + 1;
END;
CREATE TRIGGER forms_removed AFTER DELETE ON forms BEGIN
    UPDATE form_counts SET forms = forms - 1
    WHERE kind = old.kind AND category = old.category AND state = old.state AND channel = old.channel
        AND receiver = old.receiver;
END;
