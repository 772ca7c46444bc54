-- Indexes from which a page of the list and its count are read without touching `forms` itself.
DROP INDEX forms_by_number;
DROP INDEX forms_by_received;
DROP INDEX forms_by_customer;

-- `row` stands second because ties are ordered by it: with filter columns before it, every page would be sorted anew.
CREATE INDEX forms_by_received ON forms (received, row, kind, category, state, channel, receiver);
CREATE INDEX forms_by_number ON forms (number, row, received, kind, category, state, channel, receiver);
CREATE INDEX forms_by_customer ON forms (customer_key, row, received, kind, category, state, channel, receiver);
-- Counts what a filter lets through: half of all forms are of one kind.
CREATE INDEX forms_by_kind ON forms (kind, category, state, channel, receiver, received);

-- The few records that are no forms: company, members, template.
CREATE INDEX records_besides_forms ON records (kind) WHERE kind <> 'form';

-- Segments of the search index are merged between the writes, not inside them; a writer that nobody merges for still
-- merges at 64.
INSERT INTO search (search, rank) VALUES ('automerge', 0);
INSERT INTO search (search, rank) VALUES ('crisismerge', 64);
