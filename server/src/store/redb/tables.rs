//! The tables in the file: their names and keys. What a row holds is in
//! [`rows`](crate::store::rows).

use redb::TableDefinition;

use crate::rules::audit::AuditKind;

/// Single numbers, by name.
pub(super) const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
/// [`Account`](crate::store::Account)s by username.
pub(super) const ACCOUNTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("accounts");
/// [`Session`](crate::rules::session::Session)s by id.
pub(super) const SESSIONS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("sessions");
/// The ids of the sessions by the millisecond of their creation, to find those that are long over.
pub(super) const SESSION_AGES: TableDefinition<'_, (i64, u128), ()> =
    TableDefinition::new("session_ages");
/// The sessions that have not ended, by their user.
pub(super) const USER_SESSIONS: TableDefinition<'_, (&str, u128), ()> =
    TableDefinition::new("user_sessions");
/// [`Employee`](roster_common::Employee)s by id.
pub(super) const EMPLOYEES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("employees");
/// The ids of the employees with a personnel number, by its compared form: see
/// [`Details::number_key`](roster_common::employee::Details::number_key).
pub(super) const NUMBERS: TableDefinition<'_, &str, u64> = TableDefinition::new("numbers");
/// [`KeyedRequest`](crate::rules::idempotency::KeyedRequest)s by user and idempotency key.
pub(super) const REQUESTS: TableDefinition<'_, (&str, &str), &[u8]> =
    TableDefinition::new("requests");
/// The keys of the requests by their millisecond, to find those that may be forgotten.
pub(super) const REQUEST_AGES: TableDefinition<'_, (i64, &str, &str), ()> =
    TableDefinition::new("request_ages");
/// [`HistoryEntry`](roster_common::history::HistoryEntry)s by the employee's id and the version
/// that each made.
pub(super) const HISTORY: TableDefinition<'_, (u64, u64), &[u8]> = TableDefinition::new("history");
/// [`AuditEntry`](roster_common::history::AuditEntry)s by number.
pub(super) const AUDIT: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("audit");
/// [`Run`](crate::rules::runs::Run)s by number.
pub(super) const RUNS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("runs");
/// [`RunSlice`](crate::rules::runs::RunSlice)s by run and number.
pub(super) const RUN_SLICES: TableDefinition<'_, (u64, u32), &[u8]> =
    TableDefinition::new("run_slices");
/// The reports of runs, as JSON.
pub(super) const RUN_REPORTS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("run_reports");
/// What a probe writes to see whether the disk has room. The next commit removes it.
pub(super) const ROOM: TableDefinition<'_, (), &[u8]> = TableDefinition::new("room");

/// The numbers of the audit entries of one kind.
pub(super) const fn audit_kind(kind: AuditKind) -> TableDefinition<'static, u64, ()> {
    TableDefinition::new(match kind {
        AuditKind::Sessions => "audit_sessions",
        AuditKind::Refusals => "refusals",
        AuditKind::Accounts => "audit_accounts",
        AuditKind::Records => "audit_records",
    })
}

/// The names in [`META`].
pub(super) mod meta {
    use crate::rules::audit::AuditKind;

    /// The schema version of the file, see [`super::SCHEMA`].
    pub(crate) const SCHEMA: &str = "schema";
    /// The count of commits.
    pub(crate) const SERIAL: &str = "serial";
    /// The number from which on the next employee's id is looked for.
    pub(crate) const NEXT_EMPLOYEE: &str = "next_employee";
    /// The least version that a change of an employee may make; not there before the first restore.
    pub(crate) const VERSION_FLOOR: &str = "version_floor";
    /// The time of day of the moment that was kept last, in milliseconds since 1970.
    pub(crate) const WALL_TIME: &str = "wall_time";
    /// The session time of that moment.
    pub(crate) const SESSION_TIME: &str = "session_time";
    /// The milliseconds that were counted for stops until then and may be taken back.
    pub(crate) const STOPPED: &str = "stopped";

    /// The count of audit entries of a kind that were dropped.
    pub(crate) const fn audit_dropped(kind: AuditKind) -> &'static str {
        match kind {
            AuditKind::Sessions => "audit_sessions_dropped",
            AuditKind::Refusals => "audit_refusals_dropped",
            AuditKind::Accounts => "audit_accounts_dropped",
            AuditKind::Records => "audit_records_dropped",
        }
    }
}

/// The version of the tables and rows that this program reads and writes.
///
/// - 1: the first
/// - 2: [`USER_SESSIONS`], [`HISTORY`], [`AUDIT`], refusals; sessions that end by being revoked
/// - 3: [`audit_kind`] for every kind; ids are given from the least again, once the greatest is
///   used
/// - 4: employees have a personnel number; [`NUMBERS`]
/// - 5: [`RUNS`], [`RUN_SLICES`], [`RUN_REPORTS`]
pub(super) const SCHEMA: u64 = 5;

#[cfg(test)]
mod tests {
    use redb::{Key, TableHandle, Value};

    use super::*;

    /// A table's name, and the bytes of a key in it.
    fn key<'k, K: Key + 'k + 'static, V: Value + 'static>(
        table: TableDefinition<'_, K, V>,
        key: K::SelfType<'k>,
    ) -> (String, String) {
        let bytes = K::as_bytes(&key);
        let hex = bytes.as_ref().iter().map(|byte| format!("{byte:02x}"));
        (table.name().to_owned(), hex.collect())
    }

    /// If this fails, existing files can no longer be read: raise [`SCHEMA`], and migrate.
    #[test]
    fn tables_have_the_names_and_keys_of_schema_5() {
        assert_eq!(SCHEMA, 5);
        let pinned = |name: &str, bytes: &str| (name.to_owned(), bytes.to_owned());
        let one = "01000000000000000000000000000000";
        assert_eq!(key(META, meta::SCHEMA), pinned("meta", "736368656d61"));
        assert_eq!(key(META, meta::SERIAL), pinned("meta", "73657269616c"));
        assert_eq!(
            key(META, meta::NEXT_EMPLOYEE),
            pinned("meta", "6e6578745f656d706c6f796565")
        );
        assert_eq!(
            key(META, meta::VERSION_FLOOR),
            pinned("meta", "76657273696f6e5f666c6f6f72")
        );
        assert_eq!(
            key(META, meta::WALL_TIME),
            pinned("meta", "77616c6c5f74696d65")
        );
        assert_eq!(
            key(META, meta::SESSION_TIME),
            pinned("meta", "73657373696f6e5f74696d65")
        );
        assert_eq!(key(META, meta::STOPPED), pinned("meta", "73746f70706564"));
        assert_eq!(key(ACCOUNTS, "ada"), pinned("accounts", "616461"));
        assert_eq!(key(SESSIONS, 1), pinned("sessions", one));
        assert_eq!(
            key(SESSION_AGES, (2, 1)),
            pinned("session_ages", &format!("0200000000000000{one}"))
        );
        assert_eq!(
            key(USER_SESSIONS, ("ada", 1)),
            pinned("user_sessions", &format!("03616461{one}"))
        );
        assert_eq!(key(EMPLOYEES, 258), pinned("employees", "0201000000000000"));
        assert_eq!(key(NUMBERS, "e17"), pinned("numbers", "653137"));
        assert_eq!(
            key(REQUESTS, ("ada", "k")),
            pinned("requests", "036164616b")
        );
        assert_eq!(
            key(REQUEST_AGES, (2, "ada", "k")),
            pinned("request_ages", "0302000000000000006164616b")
        );
        assert_eq!(
            key(HISTORY, (258, 2)),
            pinned("history", "02010000000000000200000000000000")
        );
        assert_eq!(key(RUNS, 258), pinned("runs", "0201000000000000"));
        assert_eq!(
            key(RUN_SLICES, (258, 2)),
            pinned("run_slices", "020100000000000002000000")
        );
        assert_eq!(
            key(RUN_REPORTS, 258),
            pinned("run_reports", "0201000000000000")
        );
        assert_eq!(key(AUDIT, 258), pinned("audit", "0201000000000000"));
        for (kind, name) in [
            (AuditKind::Sessions, "audit_sessions"),
            (AuditKind::Refusals, "refusals"),
            (AuditKind::Accounts, "audit_accounts"),
            (AuditKind::Records, "audit_records"),
        ] {
            assert_eq!(key(audit_kind(kind), 258), pinned(name, "0201000000000000"));
        }
    }
}
