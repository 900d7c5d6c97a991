//! The tables and the statements that read and write them. What a row holds is in
//! [`rows`](crate::store::rows).

use roster_common::employee::EmployeeId;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::rules::audit::AuditKind;
use crate::store::rows::BadRow;

/// Makes all tables in an empty database.
pub(super) const CREATE: &str = include_str!("tables.sql");

/// Makes the tables that schema 1 lacked.
pub(super) const MIGRATE_FROM_1: &str = include_str!("migrate_1.sql");

/// Adds to schema 2 what schema 3 needs.
pub(super) const ADD_TO_2: &str = include_str!("add_to_2.sql");

/// The version of the tables and rows that this program reads and writes. What is in the database
/// may be the one before, see [`schema`](super::schema).
///
/// - 1: the first
/// - 2: runs; the log names imported employees one by one, as it does others
/// - 3: servers name their keys, and the schema that they read
pub(super) const SCHEMA: i64 = 3;

/// A value that goes with a statement.
pub(super) type Parameter = Box<dyn ToSql + Send + Sync>;

/// A statement with its values.
pub(super) type Command = (&'static str, Vec<Parameter>);

/// A statement without values.
pub(super) fn plain(statement: &'static str) -> Command {
    (statement, Vec::new())
}

/// Makes a [`Command`].
macro_rules! command {
    ($statement:expr, $($value:expr),+ $(,)?) => {
        ($statement, vec![$(Box::new($value) as $crate::store::postgres::tables::Parameter),+])
    };
}
pub(super) use command;

/// PostgreSQL has no unsigned integers. The numbers here are far below the largest `i64`.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// See [`signed`].
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A column that has an employee's id.
pub(super) fn employee_id(row: &Row, column: usize) -> Result<EmployeeId, BadRow> {
    let id = unsigned(row.get(column));
    id.try_into()
        .map_err(|error| BadRow::new("employee", error))
}

/// The number of a kind of audit lines.
pub(super) fn kind_number(kind: AuditKind) -> u8 {
    match kind {
        AuditKind::Sessions => 0,
        AuditKind::Refusals => 1,
        AuditKind::Accounts => 2,
        AuditKind::Records => 3,
    }
}

/// Taken first by every writer, and held until it has committed: so commits have one order, which
/// is that of their serials. Locking a row also writes, so even a transaction that changes nothing
/// else is committed synchronously.
pub(super) const LOCK: &str = "SELECT schema FROM head FOR UPDATE";

/// Declares that rows may be of a schema that older servers do not read.
pub(super) const RAISE: &str = "UPDATE head SET schema = $1";

/// The serial of a commit.
pub(super) const FIND_TX: &str = "SELECT serial FROM log WHERE tx = $1";

/// What is read of the log, and then of the rows that it names.
pub(super) mod tail {
    /// `$1` is the last serial that is known, which comes again, so that it can be compared; `$2` is
    /// the number of rows to read.
    pub(crate) const LOG: &str = "SELECT serial, tx, next_employee, next_audit, audit_kept, audit_dropped, \
        events::text, forgotten, accounts, sessions, employees \
        FROM log WHERE serial >= $1 ORDER BY serial LIMIT $2";

    pub(crate) const ACCOUNTS: &str = "SELECT named.name, account.row \
        FROM unnest($1::text[]) AS named (name) \
        LEFT JOIN account ON account.username = named.name COLLATE \"C\"";

    pub(crate) const SESSIONS: &str = "SELECT named.id, session.row \
        FROM unnest($1::uuid[]) AS named (id) LEFT JOIN session USING (id)";

    pub(crate) const EMPLOYEES: &str = "SELECT named.id, employee.row \
        FROM unnest($1::bigint[]) AS named (id) LEFT JOIN employee USING (id)";
}

/// What is read for the writes of a group.
pub(super) mod needs {
    pub(crate) const SESSIONS: &str = "SELECT id, row FROM session WHERE id = ANY ($1)";

    pub(crate) const OPEN_SESSIONS: &str =
        "SELECT id, row, username FROM session WHERE username = ANY ($1) AND NOT ended";

    pub(crate) const REQUESTS: &str = "SELECT username, key, row FROM request \
        JOIN unnest($1::text[], $2::text[]) AS named (name, word) \
        ON username = name COLLATE \"C\" AND key = word COLLATE \"C\"";

    pub(crate) const ANSWERS: &str =
        "SELECT username, key, row FROM request WHERE employee = ANY ($1)";

    pub(crate) const RUNS: &str = "SELECT id, row FROM run ORDER BY id";

    pub(crate) const HISTORIES: &str = "SELECT id, version, row FROM history WHERE id = ANY ($1)";

    pub(crate) const OLDEST_SESSIONS: &str =
        "SELECT created, id FROM session ORDER BY created, id LIMIT $1";

    pub(crate) const OLDEST_REQUESTS: &str =
        "SELECT at, username, key FROM request ORDER BY at, username, key LIMIT $1";

    pub(crate) const OLDEST_LINES: &str = "SELECT kinds.kind, line.number, line.at \
        FROM generate_series(0, 3) AS kinds (kind) \
        CROSS JOIN LATERAL (SELECT number, at FROM audit \
            WHERE audit.kind = kinds.kind ORDER BY number LIMIT $1) AS line";
}

/// What a group writes.
pub(super) mod write {
    pub(crate) const ACCOUNTS: &str = "INSERT INTO account (username, row) \
        SELECT * FROM unnest($1::text[], $2::bytea[]) \
        ON CONFLICT (username) DO UPDATE SET row = EXCLUDED.row";
    pub(crate) const NO_ACCOUNTS: &str = "DELETE FROM account WHERE username = ANY ($1)";

    pub(crate) const SESSIONS: &str = "INSERT INTO session (id, username, created, ended, row) \
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::boolean[], $5::bytea[]) \
        ON CONFLICT (id) DO UPDATE SET ended = EXCLUDED.ended, row = EXCLUDED.row";
    pub(crate) const NO_SESSIONS: &str = "DELETE FROM session WHERE id = ANY ($1)";

    pub(crate) const EMPLOYEES: &str = "INSERT INTO employee (id, row) \
        SELECT * FROM unnest($1::bigint[], $2::bytea[]) \
        ON CONFLICT (id) DO UPDATE SET row = EXCLUDED.row";
    pub(crate) const NO_EMPLOYEES: &str = "DELETE FROM employee WHERE id = ANY ($1)";

    pub(crate) const HISTORY: &str = "INSERT INTO history (id, version, row) \
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) \
        ON CONFLICT (id, version) DO UPDATE SET row = EXCLUDED.row";
    pub(crate) const NO_HISTORY: &str = "DELETE FROM history \
        USING unnest($1::bigint[], $2::bigint[]) AS gone (who, made) \
        WHERE id = who AND version = made";

    pub(crate) const AUDIT: &str = "INSERT INTO audit (number, kind, at, row) \
        SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::bytea[])";
    pub(crate) const NO_AUDIT: &str = "DELETE FROM audit WHERE number = ANY ($1)";

    pub(crate) const REQUESTS: &str = "INSERT INTO request (username, key, at, employee, row) \
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bytea[]) \
        ON CONFLICT (username, key) \
        DO UPDATE SET at = EXCLUDED.at, employee = EXCLUDED.employee, row = EXCLUDED.row";
    pub(crate) const NO_REQUESTS: &str = "DELETE FROM request \
        USING unnest($1::text[], $2::text[]) AS gone (name, word) \
        WHERE username = name COLLATE \"C\" AND key = word COLLATE \"C\"";

    pub(crate) const RUNS: &str = "INSERT INTO run (id, row) \
        SELECT * FROM unnest($1::bigint[], $2::bytea[]) \
        ON CONFLICT (id) DO UPDATE SET row = EXCLUDED.row";
    pub(crate) const RUN_SLICES: &str = "INSERT INTO run_slice (run, number, row) \
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) \
        ON CONFLICT (run, number) DO UPDATE SET row = EXCLUDED.row";
    pub(crate) const RUN_REPORTS: &str = "INSERT INTO run_report (run, report) \
        SELECT * FROM unnest($1::bigint[], $2::bytea[]) \
        ON CONFLICT (run) DO UPDATE SET report = EXCLUDED.report";
    pub(crate) const NO_RUNS: &str = "DELETE FROM run WHERE id = ANY ($1)";
    pub(crate) const NO_RUN_SLICES: &str = "DELETE FROM run_slice WHERE run = ANY ($1)";
    pub(crate) const NO_RUN_REPORTS: &str = "DELETE FROM run_report WHERE run = ANY ($1)";
    pub(crate) const FORGET_REPORTS: &str = "DELETE FROM run_report";

    /// An event about somebody who is forgotten says only that the person is gone.
    pub(crate) const FORGET_EVENTS: &str = "UPDATE log SET events = (SELECT jsonb_agg( \
            CASE WHEN (event->'data'->>'id')::bigint = ANY ($1) \
                THEN jsonb_build_object('event', 'deleted', 'data', (event->'data') - 'record') \
                ELSE event END ORDER BY place) \
            FROM jsonb_array_elements(events) WITH ORDINALITY AS list (event, place)) \
        WHERE employees && $1 AND events <> '[]'";

    pub(crate) const MOMENT: &str = "INSERT INTO moment (session, stopped) VALUES ($1, $2) \
        ON CONFLICT (one) DO UPDATE SET at = clock_timestamp(), session = EXCLUDED.session, \
            stopped = EXCLUDED.stopped";

    pub(crate) const LOG: &str = "INSERT INTO log (serial, tx, next_employee, next_audit, audit_kept, audit_dropped, \
            accounts, sessions, employees, forgotten, events) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb)";
    pub(crate) const NOTIFY: &str = "SELECT pg_notify('roster', $1)";
}

/// The whole state, for a server that starts.
pub(super) mod load {
    pub(crate) const NEWEST: &str = "SELECT serial, tx, next_employee, next_audit, audit_kept, audit_dropped, version_floor \
        FROM log, head ORDER BY serial DESC LIMIT 1";
    pub(crate) const ACCOUNTS: &str = "SELECT username, row FROM account";
    pub(crate) const SESSIONS: &str = "SELECT id, row FROM session WHERE NOT ended";
    pub(crate) const EMPLOYEES: &str = "SELECT id, row FROM employee ORDER BY id";
    pub(crate) const DELETED: &str = "SELECT DISTINCT id FROM history \
        WHERE NOT EXISTS (SELECT FROM employee WHERE employee.id = history.id)";
    /// The milliseconds since the moment was kept, by the clock of the database.
    pub(crate) const MOMENT: &str = "SELECT session, stopped, \
        (extract(epoch FROM clock_timestamp() - at) * 1000)::bigint FROM moment";
}

/// A move of the whole database.
pub(super) mod transfer {
    pub(crate) const IN_USE: &str =
        "SELECT EXISTS (SELECT FROM server WHERE beat > now() - interval '3 seconds')";
    pub(crate) const IS_EMPTY: &str = "SELECT max(serial) = 1 FROM log";
    pub(crate) const NO_LOG: &str = "DELETE FROM log";
    pub(crate) const FLOOR: &str = "UPDATE head SET version_floor = $1";
    /// The time of day is in milliseconds since 1970.
    pub(crate) const MOMENT: &str = "INSERT INTO moment (at, session, stopped) \
        VALUES (to_timestamp($1::bigint / 1000.0), $2, $3)";
}

/// What is read when somebody asks.
pub(super) mod read {
    pub(crate) const EMPLOYEE: &str = "SELECT row FROM employee WHERE id = $1";
    pub(crate) const HAS_HISTORY: &str = "SELECT EXISTS (SELECT FROM history WHERE id = $1)";
    pub(crate) const HISTORY: &str = "SELECT version, row FROM history \
        WHERE id = $1 AND version < $2 ORDER BY version DESC LIMIT $3";
    pub(crate) const RUNS: &str = "SELECT id, row FROM run ORDER BY id";
    pub(crate) const RUN_SLICES: &str = "SELECT row FROM run_slice WHERE run = $1 ORDER BY number";
    pub(crate) const RUN_REPORT: &str = "SELECT report FROM run_report WHERE run = $1";
    pub(crate) const AUDIT: &str =
        "SELECT number, row FROM audit WHERE number < $1 ORDER BY number DESC LIMIT $2";
}

/// The heartbeat of a server.
pub(super) mod beat {
    /// Always writes, also if the row was removed meanwhile: only a commit that wrote something
    /// proves that it reached the primary. Returns the clock of the database, in milliseconds.
    pub(crate) const BEAT: &str = "INSERT INTO server (id, version, reads, signing, keys, applied) \
        VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (id) DO UPDATE SET version = EXCLUDED.version, reads = EXCLUDED.reads, \
            signing = EXCLUDED.signing, keys = EXCLUDED.keys, applied = EXCLUDED.applied, beat = now() \
        RETURNING (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    /// The other servers that run. One that ended a moment ago is among them.
    pub(crate) const PEERS: &str = "SELECT reads, signing, keys FROM server \
        WHERE beat > now() - interval '3 seconds' AND id <> $1";
    pub(crate) const FORGET: &str = "DELETE FROM server WHERE beat < now() - interval '1 day'";
    /// The newest serial, the commit that the log has under a serial, and the schema.
    pub(crate) const COMPARE: &str = "SELECT max(serial), (SELECT tx FROM log WHERE serial = $1), (SELECT schema FROM head) \
        FROM log";
    /// Keeps a day and at least 10,000 commits.
    pub(crate) const TRIM: &str = "DELETE FROM log WHERE serial IN (SELECT serial FROM log \
        WHERE serial < $1 - 10000 AND at < now() - interval '1 day' ORDER BY serial LIMIT 1000)";
}
