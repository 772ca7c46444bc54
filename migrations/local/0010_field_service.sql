-- Visits by technician and day, and the moves of parts: what the calendar of the field service and the stock read.
CREATE TABLE services (
    row INTEGER PRIMARY KEY,         -- of records
    id BLOB NOT NULL,
    number TEXT NOT NULL,
    engineer BLOB NOT NULL,          -- seat; empty where nobody goes yet
    starts INTEGER NOT NULL,         -- appointment, seconds since 1970 UTC; 0 where there is none
    ends INTEGER NOT NULL,
    state TEXT NOT NULL,
    form BLOB NOT NULL,              -- id of the form it was dispatched from; empty where there is none
    product BLOB NOT NULL,           -- as in parties
    customer BLOB NOT NULL           -- the same
) STRICT;
CREATE INDEX services_by_engineer ON services (engineer, starts);
CREATE INDEX services_by_start ON services (starts);
CREATE INDEX services_by_number ON services (number);
CREATE INDEX services_by_form ON services (form) WHERE form <> x'';
CREATE INDEX services_by_product ON services (product) WHERE product <> x'';
CREATE INDEX services_by_customer ON services (customer) WHERE customer <> x'';

-- A stock is the sum of its moves; no number is kept that could disagree with them.
CREATE TABLE stock_moves (
    row INTEGER NOT NULL,            -- of records: a stock's, or the sheet on which parts were used
    line BLOB NOT NULL,
    part TEXT NOT NULL,
    name TEXT NOT NULL,
    serial TEXT NOT NULL,
    source TEXT NOT NULL,            -- place
    target TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (row, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_moves_by_source ON stock_moves (source, part, count, name);
CREATE INDEX stock_moves_by_target ON stock_moves (target, part, count, name);
CREATE INDEX stock_moves_by_serial ON stock_moves (serial) WHERE serial <> '';
