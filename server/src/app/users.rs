//! Accounts.

use jiff::Timestamp;
use roster_common::{NewPassword, Role, Username};

use super::AppError;
use crate::password::Passwords;
use crate::store::{Account, Store};

/// Adds an account; `false` if the name is taken.
///
/// # Errors
/// [`AppError::Store`], or a hash that failed.
pub async fn add(
    store: &dyn Store,
    passwords: &Passwords,
    username: Username,
    role: Role,
    password: NewPassword,
    now: Timestamp,
) -> Result<bool, AppError> {
    let password = passwords.hash(password).await?;
    Ok(store.add_account(Account { username, role, disabled: false, password, created: now }).await?)
}
