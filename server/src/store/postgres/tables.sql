-- The tables of a database, in one transaction. What `row` and `entry` hold is in the module `rows`.

CREATE SCHEMA roster;
SET LOCAL search_path = roster;

-- One row, which every writer locks and none updates: an update would leave a dead version behind with each commit.
CREATE TABLE head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    cluster uuid NOT NULL DEFAULT gen_random_uuid(),
    schema bigint NOT NULL,
    version_floor bigint NOT NULL DEFAULT 1
);

-- One row for each commit: its number, what it changed, and the counters after it. Servers follow it to update their
-- memory. The arrays of keys name rows, which are then read. The lines of the audit are counted by their kind.
CREATE TABLE log (
    serial bigint PRIMARY KEY,
    tx uuid NOT NULL UNIQUE,
    at timestamptz NOT NULL DEFAULT now(),
    next_employee bigint NOT NULL,
    next_audit bigint NOT NULL,
    audit_kept bigint[] NOT NULL,
    audit_dropped bigint[] NOT NULL,
    accounts text[] NOT NULL,
    sessions uuid[] NOT NULL,
    employees bigint[] NOT NULL,
    forgotten bigint[] NOT NULL,
    events jsonb NOT NULL
);

CREATE TABLE account (
    username text COLLATE "C" PRIMARY KEY,
    row bytea NOT NULL
);

CREATE TABLE session (
    id uuid PRIMARY KEY,
    username text COLLATE "C" NOT NULL,
    created bigint NOT NULL,
    ended boolean NOT NULL,
    row bytea NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX session_age ON session (created, id);
CREATE INDEX session_of_user ON session (username) WHERE NOT ended;

CREATE TABLE employee (
    id bigint PRIMARY KEY,
    row bytea NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE history (
    id bigint,
    version bigint,
    row bytea NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE audit (
    number bigint PRIMARY KEY,
    kind smallint NOT NULL,
    at bigint NOT NULL,
    row bytea NOT NULL
);
CREATE INDEX audit_kind ON audit (kind, number) INCLUDE (at);

CREATE TABLE request (
    username text COLLATE "C",
    key text COLLATE "C",
    at bigint NOT NULL,
    employee bigint NOT NULL,
    row bytea NOT NULL,
    PRIMARY KEY (username, key)
);
CREATE INDEX request_age ON request (at, username, key);
CREATE INDEX request_employee ON request (employee);

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

-- The session time that was kept last, and when that was.
CREATE TABLE moment (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    session bigint NOT NULL,
    stopped bigint NOT NULL
);

-- The servers, with the moment of the last commit of each, the newest schema that it reads, and the names of its keys.
-- Servers of schema 2 do not say more than their version.
CREATE TABLE server (
    id uuid PRIMARY KEY,
    version text NOT NULL,
    applied bigint NOT NULL,
    beat timestamptz NOT NULL DEFAULT now(),
    reads bigint NOT NULL DEFAULT 2,
    signing text[] NOT NULL DEFAULT '{}',
    keys text[] NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50);

INSERT INTO head (schema) VALUES (3);
INSERT INTO log VALUES (1, gen_random_uuid(), now(), 1, 1, '{0,0,0,0}', '{0,0,0,0}', '{}', '{}', '{}', '{}', '[]');
