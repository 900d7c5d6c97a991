//! The store, as the rest of the server sees it. Each test has a store of its own.
//!
//! The tests of `accounts`, `audit`, `employees`, `events`, `forget`, `history`, `import`, `runs`
//! and `users` are what any store must do: they run on every [`Backend`](backend::Backend). A module whose
//! tests run on one backend only says why.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here fails the test"
)]

mod accounts;
mod audit;
mod backend;
mod backup;
mod damage;
mod disk;
mod employees;
mod events;
mod forget;
mod history;
mod import;
mod lists;
mod lossy;
mod migration;
mod peers;
#[path = "../rotation/disk.rs"]
mod power;
mod previous;
mod proxy;
mod restore;
mod runs;
mod servers;
mod users;

use jiff::Timestamp;
use roster_common::employee::{Details, Employee, EmployeeId, Field};
use roster_common::problem::Rule;
use roster_common::{Changes, Role, Username};
use roster_server::rules::session::{Limits, Session};
use roster_server::rules::session_clock::Moment;
use roster_server::store::{
    Account, Attribution, EmployeeStore, PasswordHash, Record, Refused, SessionStore, SignInProof,
};
use uuid::Uuid;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A moment at which nobody has set the clock.
fn now(second: i64) -> Moment {
    Moment::at(at(second))
}

fn by_ada(second: i64) -> Attribution {
    Attribution {
        by: name("ada"),
        at: at(second),
    }
}

fn name(name: &str) -> Username {
    name.parse().unwrap()
}

fn id(number: u64) -> EmployeeId {
    number.try_into().unwrap()
}

/// A person with these fields beside a name.
fn person(fields: &[(Field, &str)]) -> Details {
    let mut changes = Changes::default();
    changes.set(Field::Firstname, "Maya");
    changes.set(Field::Lastname, "Castro");
    for (field, value) in fields {
        changes.set(*field, *value);
    }
    changes.to_details().unwrap()
}

fn reporting_to(manager: u64) -> Details {
    person(&[(Field::Manager, &manager.to_string())])
}

fn read(record: &Record) -> Employee {
    let employee: Employee = serde_json::from_slice(&record.json).unwrap();
    assert_eq!((employee.id, employee.version), (record.id, record.version));
    employee
}

async fn create(store: &impl EmployeeStore, details: Details) -> Result<Record, Refused> {
    store
        .create_employee(details, None, by_ada(0))
        .await
        .unwrap()
}

fn account(user: &str) -> Account {
    Account {
        username: name(user),
        role: Role::Editor,
        disabled: false,
        password: PasswordHash("$2b$".into()),
        created: at(0),
    }
}

/// A sign-in with the password of [`account`].
fn sign_in_proof() -> SignInProof {
    SignInProof::by(account("ada").password)
}

/// Opens a session with the password of [`account`], at the time at which it says that it was
/// created.
async fn sign_in(store: &impl SessionStore, session: Session) {
    let now = Moment::at(session.created);
    let opened = store.open_session(session, sign_in_proof(), Limits::default(), now);
    opened.await.unwrap().unwrap();
}

fn session(number: u128, user: &str, created: i64) -> Session {
    Session {
        id: Uuid::from_u128(number),
        user: name(user),
        created: at(created),
        generation: 1,
        issued: at(created),
        expires: Session::expiry(at(created), at(created), &Limits::default()),
        jti: Uuid::from_u128(7),
        kid: "k1".into(),
        digest: [3; 32],
        seen: None,
        earlier: vec![(0, at(created))],
        latest: at(created),
        ended: None,
        address: "127.0.0.1".into(),
        client: "roster".into(),
    }
}

/// The rules that a refusal names.
fn broken<T: std::fmt::Debug>(answer: Result<T, Refused>) -> Vec<(String, Rule)> {
    match answer {
        Err(Refused::Invalid(errors)) => errors.into_iter().map(|e| (e.field, e.code)).collect(),
        other => panic!("not refused by a rule: {other:?}"),
    }
}
