//! What lies in the file: the tables, and the form of a row in each.
//!
//! A row is a version byte and the postcard form of one of the structs below. Postcard writes fields by their
//! order and without their names, so the order here is the format: a test holds the bytes.

use jiff::Timestamp;
use redb::TableDefinition;
use roster_common::employee::{Details, Employee, EmployeeId, Version};
use roster_common::{Role, Username};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::rules::session::{End, Session};
use crate::store::{Account, PasswordHash};

/// Single numbers, by name.
pub(super) const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
/// [`Account`]s by username.
pub(super) const ACCOUNTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("accounts");
/// [`Session`]s by id.
pub(super) const SESSIONS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("sessions");
/// The ids of the sessions by the millisecond of their creation, to find those that are long over.
pub(super) const SESSION_AGES: TableDefinition<'_, (i64, u128), ()> =
    TableDefinition::new("session_ages");
/// The sessions that have not ended, by their user.
pub(super) const USER_SESSIONS: TableDefinition<'_, (&str, u128), ()> =
    TableDefinition::new("user_sessions");
/// [`Employee`]s by id.
pub(super) const EMPLOYEES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("employees");
/// [`RequestRow`]s by user and idempotency key.
pub(super) const REQUESTS: TableDefinition<'_, (&str, &str), &[u8]> =
    TableDefinition::new("requests");
/// The keys of the requests by their millisecond, to find those that may be forgotten.
pub(super) const REQUEST_AGES: TableDefinition<'_, (i64, &str, &str), ()> =
    TableDefinition::new("request_ages");
/// [`HistoryEntry`](roster_common::history::HistoryEntry)s by the employee's id and the version that each made.
pub(super) const HISTORY: TableDefinition<'_, (u64, u64), &[u8]> = TableDefinition::new("history");
/// [`AuditEntry`](roster_common::history::AuditEntry)s by number.
pub(super) const AUDIT: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("audit");
/// The numbers of those that tell of a refused sign-in.
pub(super) const REFUSALS: TableDefinition<'_, u64, ()> = TableDefinition::new("refusals");

/// The names in [`META`].
pub(super) mod meta {
    /// The version of all that this file says, see [`super::SCHEMA`].
    pub(crate) const SCHEMA: &str = "schema";
    /// The count of commits.
    pub(crate) const SERIAL: &str = "serial";
    /// The least employee's id that has never been given.
    pub(crate) const NEXT_EMPLOYEE: &str = "next_employee";
}

/// The version of the tables and rows that this program reads and writes.
///
/// - 1: the first
/// - 2: [`USER_SESSIONS`], [`HISTORY`], [`AUDIT`], [`REFUSALS`]; [`End::Revoked`]
pub(super) const SCHEMA: u64 = 2;

/// The version byte of every row.
const ROW: u8 = 1;

/// A row that cannot be read, being damaged or of a newer version, or cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("a row of {table} cannot be used: {why}")]
pub(super) struct BadRow {
    table: &'static str,
    why: String,
}

impl BadRow {
    pub(super) fn new(table: &'static str, why: impl std::fmt::Display) -> Self {
        Self {
            table,
            why: why.to_string(),
        }
    }
}

/// A value that is kept as a row.
pub(super) trait Row: Sized {
    /// The form in the file.
    type Form: Serialize + DeserializeOwned;
    /// The key under which it lies.
    type Key;
    /// The table, as an error names it.
    const TABLE: &'static str;

    /// The form of this value.
    fn form(&self) -> Self::Form;

    /// The value of a form.
    fn from_form(key: Self::Key, form: Self::Form) -> Result<Self, jiff::Error>;

    /// The bytes to keep.
    fn to_row(&self) -> Result<Vec<u8>, BadRow> {
        postcard::to_extend(&self.form(), vec![ROW]).map_err(|e| BadRow::new(Self::TABLE, e))
    }

    /// Reads [`Row::to_row`].
    fn from_row(key: Self::Key, row: &[u8]) -> Result<Self, BadRow> {
        let bad = |why: &dyn std::fmt::Display| BadRow::new(Self::TABLE, why);
        match row.split_first() {
            Some((&ROW, form)) => {
                let form = postcard::from_bytes(form).map_err(|e| bad(&e))?;
                Self::from_form(key, form).map_err(|e| bad(&e))
            }
            Some((version, _)) => Err(bad(&format!("its version is {version}"))),
            None => Err(bad(&"it is empty")),
        }
    }
}

pub(super) fn moment(millisecond: i64) -> Result<Timestamp, jiff::Error> {
    Timestamp::from_millisecond(millisecond)
}

/// An [`Account`] without its key.
#[derive(Serialize, Deserialize)]
pub(super) struct AccountForm {
    role: Role,
    disabled: bool,
    password: String,
    created: i64,
}

impl Row for Account {
    type Form = AccountForm;
    type Key = Username;
    const TABLE: &'static str = "accounts";

    fn form(&self) -> AccountForm {
        let Self {
            username: _,
            role,
            disabled,
            password,
            created,
        } = self;
        AccountForm {
            role: *role,
            disabled: *disabled,
            password: password.0.clone(),
            created: created.as_millisecond(),
        }
    }

    fn from_form(username: Username, form: AccountForm) -> Result<Self, jiff::Error> {
        let AccountForm {
            role,
            disabled,
            password,
            created,
        } = form;
        Ok(Self {
            username,
            role,
            disabled,
            password: PasswordHash(password),
            created: moment(created)?,
        })
    }
}

/// A [`Session`] without its key.
#[derive(Serialize, Deserialize)]
pub(super) struct SessionForm {
    user: Username,
    created: i64,
    generation: u64,
    issued: i64,
    expires: i64,
    jti: Uuid,
    kid: String,
    digest: [u8; 32],
    seen: Option<i64>,
    earlier: Vec<(u64, i64)>,
    latest: i64,
    ended: Option<(i64, EndForm)>,
    address: String,
    client: String,
}

/// An [`End`].
#[derive(Serialize, Deserialize)]
enum EndForm {
    Logout,
    Replaced,
    Reuse,
    Revoked,
}

impl From<End> for EndForm {
    fn from(end: End) -> Self {
        match end {
            End::Logout => Self::Logout,
            End::Replaced => Self::Replaced,
            End::Reuse => Self::Reuse,
            End::Revoked => Self::Revoked,
        }
    }
}

impl From<EndForm> for End {
    fn from(end: EndForm) -> Self {
        match end {
            EndForm::Logout => Self::Logout,
            EndForm::Replaced => Self::Replaced,
            EndForm::Reuse => Self::Reuse,
            EndForm::Revoked => Self::Revoked,
        }
    }
}

impl Row for Session {
    type Form = SessionForm;
    type Key = u128;
    const TABLE: &'static str = "sessions";

    fn form(&self) -> SessionForm {
        let earlier = self
            .earlier
            .iter()
            .map(|(generation, seen)| (*generation, seen.as_millisecond()));
        SessionForm {
            user: self.user.clone(),
            created: self.created.as_millisecond(),
            generation: self.generation,
            issued: self.issued.as_millisecond(),
            expires: self.expires.as_millisecond(),
            jti: self.jti,
            kid: self.kid.clone(),
            digest: self.digest,
            seen: self.seen.map(Timestamp::as_millisecond),
            earlier: earlier.collect(),
            latest: self.latest.as_millisecond(),
            ended: self
                .ended
                .map(|(at, why)| (at.as_millisecond(), why.into())),
            address: self.address.clone(),
            client: self.client.clone(),
        }
    }

    fn from_form(id: u128, form: SessionForm) -> Result<Self, jiff::Error> {
        let earlier = form
            .earlier
            .into_iter()
            .map(|(generation, seen)| Ok((generation, moment(seen)?)));
        Ok(Self {
            id: Uuid::from_u128(id),
            user: form.user,
            created: moment(form.created)?,
            generation: form.generation,
            issued: moment(form.issued)?,
            expires: moment(form.expires)?,
            jti: form.jti,
            kid: form.kid,
            digest: form.digest,
            seen: form.seen.map(moment).transpose()?,
            earlier: earlier.collect::<Result<_, jiff::Error>>()?,
            latest: moment(form.latest)?,
            ended: form
                .ended
                .map(|(at, why)| Ok::<_, jiff::Error>((moment(at)?, why.into())))
                .transpose()?,
            address: form.address,
            client: form.client,
        })
    }
}

/// An [`Employee`] without its key.
#[derive(Serialize, Deserialize)]
pub(super) struct EmployeeForm {
    details: Details,
    version: Version,
    created: i64,
    updated: i64,
    updated_by: String,
}

impl Row for Employee {
    type Form = EmployeeForm;
    type Key = EmployeeId;
    const TABLE: &'static str = "employees";

    fn form(&self) -> EmployeeForm {
        let Self {
            id: _,
            details,
            version,
            created,
            updated,
            updated_by,
        } = self;
        EmployeeForm {
            details: details.clone(),
            version: *version,
            created: created.as_millisecond(),
            updated: updated.as_millisecond(),
            updated_by: updated_by.clone(),
        }
    }

    fn from_form(id: EmployeeId, form: EmployeeForm) -> Result<Self, jiff::Error> {
        let EmployeeForm {
            details,
            version,
            created,
            updated,
            updated_by,
        } = form;
        Ok(Self {
            id,
            details,
            version,
            created: moment(created)?,
            updated: moment(updated)?,
            updated_by,
        })
    }
}

/// The answer that a keyed request got, for its repeats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RequestRow {
    /// The millisecond at which it came.
    pub(super) at: i64,
    /// SHA-256 of its body.
    pub(super) digest: [u8; 32],
    /// The record that it made.
    pub(super) id: EmployeeId,
    /// The record's version then.
    pub(super) version: Version,
    /// The record's JSON then.
    pub(super) json: Vec<u8>,
}

impl Row for RequestRow {
    type Form = Self;
    type Key = ();
    const TABLE: &'static str = "requests";

    fn form(&self) -> Self {
        self.clone()
    }

    fn from_form((): (), form: Self) -> Result<Self, jiff::Error> {
        Ok(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster_common::Changes;
    use roster_common::employee::Field;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn account() -> Account {
        Account {
            username: "ada".parse().unwrap(),
            role: Role::Admin,
            disabled: true,
            password: PasswordHash("$2b$12$x".into()),
            created: moment(1_000).unwrap(),
        }
    }

    fn session() -> Session {
        Session {
            id: Uuid::from_u128(9),
            user: "ada".parse().unwrap(),
            created: moment(1).unwrap(),
            generation: 2,
            issued: moment(3).unwrap(),
            expires: moment(4).unwrap(),
            jti: Uuid::from_u128(5),
            kid: "k".into(),
            digest: [6; 32],
            seen: Some(moment(7).unwrap()),
            earlier: vec![(8, moment(9).unwrap())],
            latest: moment(10).unwrap(),
            ended: Some((moment(11).unwrap(), End::Reuse)),
            address: "::1".into(),
            client: "c".into(),
        }
    }

    fn employee() -> Employee {
        let mut changes = Changes::default();
        for (field, value) in [
            (Field::Firstname, "A"),
            (Field::Lastname, "B"),
            (Field::Manager, "300"),
            (Field::Status, "left"),
            (Field::Hired, "2026-11-24"),
        ] {
            changes.set(field, value);
        }
        Employee {
            id: EmployeeId::try_from(7).unwrap(),
            details: changes.to_details().unwrap(),
            version: Version::new(2),
            created: moment(1).unwrap(),
            updated: moment(2).unwrap(),
            updated_by: "ada".into(),
        }
    }

    fn request() -> RequestRow {
        RequestRow {
            at: 1,
            digest: [2; 32],
            id: EmployeeId::try_from(3).unwrap(),
            version: Version::FIRST,
            json: b"{}".to_vec(),
        }
    }

    #[test]
    fn rows_read_back() {
        assert_eq!(
            Account::from_row("ada".parse().unwrap(), &account().to_row().unwrap()).unwrap(),
            account()
        );
        assert_eq!(
            Session::from_row(9, &session().to_row().unwrap()).unwrap(),
            session()
        );
        assert_eq!(
            Employee::from_row(employee().id, &employee().to_row().unwrap()).unwrap(),
            employee()
        );
        assert_eq!(
            RequestRow::from_row((), &request().to_row().unwrap()).unwrap(),
            request()
        );
    }

    /// Where this fails, files that were written before can no longer be read: raise [`SCHEMA`], and migrate.
    #[test]
    fn rows_have_the_bytes_of_schema_2() {
        assert_eq!(SCHEMA, 2);
        assert_eq!(
            hex(&account().to_row().unwrap()),
            "010201082432622431322478d00f"
        );
        assert_eq!(
            hex(&session().to_row().unwrap()),
            "0103616461020206081000000000000000000000000000000005016b0606060606060606060606060606060606060606060606060606060606060606010e01081214011602033a3a310163"
        );
        assert_eq!(
            hex(&employee().to_row().unwrap()),
            "0101410142000000000001ac0202010a323032362d31312d32340002020403616461"
        );
        assert_eq!(
            hex(&request().to_row().unwrap()),
            "010202020202020202020202020202020202020202020202020202020202020202020301027b7d"
        );
    }

    #[test]
    fn a_damaged_row_is_an_error() {
        let whole = employee().to_row().unwrap();
        for row in [&whole[..0], &whole[..9], &[2, 0, 0]] {
            assert!(Employee::from_row(employee().id, row).is_err());
        }
    }
}
