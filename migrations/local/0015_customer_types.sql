-- Lists filter by 客户类型 beside 业务类别: forms are filed by both (R41). It stands in all that a page and its count are
-- read from.
DROP TRIGGER forms_entered;
DROP TRIGGER forms_moved;
DROP TRIGGER forms_removed;
DROP TABLE form_counts;
DROP INDEX forms_by_received;
DROP INDEX forms_by_number;
DROP INDEX forms_by_customer;

ALTER TABLE forms ADD COLUMN customer_type TEXT NOT NULL DEFAULT '';
UPDATE forms SET customer_type = coalesce(
    (SELECT json_extract(body, '$.fields."customer.type".value') FROM records WHERE records.row = forms.row), ''
);

-- `row` stands second because ties are ordered by it; what filters ask for comes behind, so that no row is read to be
-- skipped.
CREATE INDEX forms_by_received ON forms (received, row, kind, category, customer_type, state, channel, receiver);
CREATE INDEX forms_by_number ON forms (number, row, received, kind, category, customer_type, state, channel, receiver);
CREATE INDEX forms_by_customer ON forms (
    customer_key, row, received, kind, category, customer_type, state, channel, receiver
);

CREATE TABLE form_counts (
    kind TEXT NOT NULL,
    category TEXT NOT NULL,
    customer_type TEXT NOT NULL,
    state TEXT NOT NULL,
    channel TEXT NOT NULL,
    receiver TEXT NOT NULL,
    forms INTEGER NOT NULL,          -- 0 where the last of its sort was corrected into another
    PRIMARY KEY (kind, category, customer_type, state, channel, receiver)
) STRICT, WITHOUT ROWID;
INSERT INTO form_counts
SELECT kind, category, customer_type, state, channel, receiver, count(*) FROM forms
GROUP BY kind, category, customer_type, state, channel, receiver;

CREATE TRIGGER forms_entered AFTER INSERT ON forms BEGIN
    INSERT INTO form_counts
    VALUES (new.kind, new.category, new.customer_type, new.state, new.channel, new.receiver, 1)
    ON CONFLICT (kind, category, customer_type, state, channel, receiver) DO UPDATE SET forms = forms + 1;
END;
CREATE TRIGGER forms_moved AFTER UPDATE OF kind, category, customer_type, state, channel, receiver ON forms BEGIN
    UPDATE form_counts SET forms = forms - 1
    WHERE kind = old.kind AND category = old.category AND customer_type = old.customer_type AND state = old.state
        AND channel = old.channel AND receiver = old.receiver;
    INSERT INTO form_counts
    VALUES (new.kind, new.category, new.customer_type, new.state, new.channel, new.receiver, 1)
    ON CONFLICT (kind, category, customer_type, state, channel, receiver) DO UPDATE SET forms = forms + 1;
END;
CREATE TRIGGER forms_removed AFTER DELETE ON forms BEGIN
    UPDATE form_counts SET forms = forms - 1
    WHERE kind = old.kind AND category = old.category AND customer_type = old.customer_type AND state = old.state
        AND channel = old.channel AND receiver = old.receiver;
END;
