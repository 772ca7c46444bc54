-- Records that were erased: what comes of them later, from wherever, is destroyed as well.
CREATE TABLE erased (
    record BLOB PRIMARY KEY,
    state INTEGER NOT NULL DEFAULT 1         -- 0 its author is not known to be one who may · 1 destroyed · 2 and cleared out of the file
) STRICT, WITHOUT ROWID;
