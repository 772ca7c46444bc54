-- The work list of return visits (回访): one narrow row each. It follows the log like `forms`.
CREATE TABLE visits (
    row INTEGER PRIMARY KEY,         -- of the record
    id BLOB NOT NULL,
    number TEXT NOT NULL,            -- 回访编号
    occasion TEXT NOT NULL,
    state TEXT NOT NULL,
    day INTEGER,                     -- day it is to be made, agreed or else due, since 1970-01-01; NULL: no calendar data
    agreed INTEGER,                  -- agreed moment, milliseconds since 1970 UTC
    visitor TEXT NOT NULL,           -- seat; empty: nobody yet
    form BLOB NOT NULL,              -- empty: of no form
    customer BLOB NOT NULL,          -- empty where the form names nobody
    round BLOB NOT NULL,             -- survey that drew it; empty: none
    plan BLOB NOT NULL,              -- periodic plan; empty: none
    pending INTEGER NOT NULL,        -- consequences that nobody has seen to
    tasks INTEGER NOT NULL,          -- tasks that are not done or not verified
    departments TEXT NOT NULL,       -- of these, joined by line ends; the same below
    owners TEXT NOT NULL,            -- seats
    done INTEGER                     -- when it was made, milliseconds since 1970 UTC
) STRICT;
CREATE INDEX visits_by_state ON visits (state, day, row);
CREATE INDEX visits_by_number ON visits (number);
CREATE INDEX visits_by_form ON visits (form) WHERE form <> x'';
CREATE INDEX visits_by_customer ON visits (customer) WHERE customer <> x'';
CREATE INDEX visits_by_round ON visits (round) WHERE round <> x'';
CREATE INDEX visits_by_plan ON visits (plan) WHERE plan <> x'';
CREATE INDEX visits_by_pending ON visits (pending) WHERE pending > 0;
CREATE INDEX visits_by_tasks ON visits (tasks) WHERE tasks > 0;

-- Who handled a form is folded from now on: forms that were folded before are folded anew, once.
UPDATE indexed SET folded = (SELECT 0 WHERE EXISTS (SELECT 1 FROM records));
