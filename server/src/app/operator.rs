//! What the operator does with accounts, without signing in: on the database itself, or through the
//! admin socket of the server that has it open.

use std::net::{IpAddr, Ipv4Addr};

use jiff::Timestamp;
use roster_common::{NewPassword, Password, Role, Username};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::AppError;
use super::users::{self, AccountUpdate, NewAccount};
use crate::password::Passwords;
use crate::store::{Account, AccountRefusal, Attribution, Store};

/// Where the operator is: on the server.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What to do with accounts.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountCommand {
    /// Adds an account.
    Add {
        /// Its name.
        name: Username,
        /// Its role.
        role: Role,
        /// Its password.
        password: PlainPassword,
    },
    /// Changes an account. `None` leaves a field as it is.
    Set {
        /// Its name.
        name: Username,
        /// The new role.
        role: Option<Role>,
        /// Whether it is disabled.
        disabled: Option<bool>,
        /// The new password.
        password: Option<PlainPassword>,
    },
}

/// A new password on its way to the server. It is wiped when dropped and never printed.
#[derive(Debug)]
pub struct PlainPassword(pub NewPassword);

impl Serialize for PlainPassword {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_password().expose())
    }
}

impl<'de> Deserialize<'de> for PlainPassword {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let password = NewPassword::parse(Password::new(&text));
        let password = password.map_err(|error| serde::de::Error::custom(error.message))?;
        Ok(Self(password))
    }
}

/// Why a command was not carried out. The text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The name is taken.
    #[error("the account {0} already exists")]
    NameTaken(Username),
    /// There is no such account.
    #[error("no account named {0}")]
    Unknown(Username),
    /// Without this account, nobody could manage accounts.
    #[error("{0} is the last admin who can sign in; make someone else an admin first")]
    LastAdmin(Username),
    /// Something failed.
    #[error(transparent)]
    App(#[from] AppError),
}

/// Carries out a command. Returns a line that says what was done.
///
/// # Errors
/// [`OrderError`]
pub async fn carry_out(
    store: &dyn Store,
    passwords: &Passwords,
    command: AccountCommand,
    now: Timestamp,
) -> Result<String, OrderError> {
    match command {
        AccountCommand::Add {
            name,
            role,
            password,
        } => {
            let done = format!("added {name}, {role}\n");
            let new = NewAccount {
                username: name.clone(),
                role,
                password: password.0,
            };
            if users::add(store, passwords, new, attribution(now)?, HERE).await? {
                Ok(done)
            } else {
                Err(OrderError::NameTaken(name))
            }
        }
        AccountCommand::Set {
            name,
            role,
            disabled,
            password,
        } => {
            let changes = AccountUpdate {
                role,
                disabled,
                password: password.map(|password| password.0),
            };
            let by = attribution(now)?;
            match users::change_offline(store, passwords, &name, changes, by, HERE).await {
                Ok(account) => Ok(format!(
                    "set {}, {}, {}\n",
                    account.username,
                    account.role,
                    state(&account)
                )),
                // The same refusals as in the API, but a line in a terminal has to name the
                // account.
                Err(AppError::Account(AccountRefusal::LastAdmin)) => {
                    Err(OrderError::LastAdmin(name))
                }
                Err(AppError::Account(AccountRefusal::Unknown)) => Err(OrderError::Unknown(name)),
                Err(error) => Err(error.into()),
            }
        }
    }
}

/// The accounts, one per line: name, role and state, with tabs between them.
///
/// # Errors
/// [`AppError::Store`]
pub async fn list(store: &dyn Store) -> Result<String, AppError> {
    let line = |account: Account| {
        let state = state(&account);
        format!("{}\t{}\t{state}\n", account.username, account.role)
    };
    Ok(store.accounts().await?.into_iter().map(line).collect())
}

fn state(account: &Account) -> &'static str {
    if account.disabled {
        "disabled"
    } else {
        "enabled"
    }
}

/// Attributes a change to `rosterd` in the audit log, since no account is signed in.
///
/// # Errors
/// Never: `rosterd` is a valid username.
pub fn attribution(at: Timestamp) -> Result<Attribution, AppError> {
    let by = "rosterd".parse();
    let by = by.map_err(|error| AppError::Internal(format!("not a username: {error}")))?;
    Ok(Attribution { by, at })
}
