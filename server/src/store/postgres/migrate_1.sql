-- From schema 1 to schema 2: runs.

SET LOCAL search_path = roster;

CREATE TABLE run (
    id bigint PRIMARY KEY,
    row bytea NOT NULL
);

CREATE TABLE run_slice (
    run bigint,
    number bigint,
    row bytea NOT NULL,
    PRIMARY KEY (run, number)
);

-- Reports are JSON.
CREATE TABLE run_report (
    run bigint PRIMARY KEY,
    report bytea NOT NULL
);

UPDATE head SET schema = 2;

ALTER TABLE log DROP COLUMN imports;
