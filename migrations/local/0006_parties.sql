-- Who and what each form is about, so that a customer's forms and products are found without reading any record.
CREATE TABLE parties (
    row INTEGER PRIMARY KEY,         -- of forms
    customer BLOB NOT NULL,          -- id made of name and digits; empty where the form names nobody
    product BLOB NOT NULL,           -- id made of the serial, else of customer, name and model; empty where there is none
    received INTEGER NOT NULL        -- as in forms
) STRICT;
CREATE INDEX parties_by_customer ON parties (customer, received, product);
CREATE INDEX parties_by_product ON parties (product);

CREATE TABLE customers (
    id BLOB PRIMARY KEY,
    root BLOB NOT NULL,              -- the customer he was merged into; himself where he was not
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,          -- pinyin, for sorting
    phone TEXT NOT NULL,             -- as last typed
    digits TEXT NOT NULL,
    forms INTEGER NOT NULL,
    last INTEGER NOT NULL,           -- 来电时间 of the latest, seconds since 1970 UTC
    last_at TEXT NOT NULL            -- the same as entered
) STRICT, WITHOUT ROWID;
CREATE INDEX customers_by_last ON customers (last, id) WHERE root = id;
CREATE INDEX customers_by_root ON customers (root) WHERE root <> id;
CREATE INDEX customers_by_digits ON customers (digits);
CREATE INDEX customers_by_name ON customers (name);

-- Every form is indexed once more, to fill them.
UPDATE indexed SET place = 0;
