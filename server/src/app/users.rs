//! Managing accounts: registration, the user's own password, and what admins do.

use std::net::IpAddr;

use roster_common::api::User;
use roster_common::problem::Rule;
use roster_common::users::Account as ListedAccount;
use roster_common::{FieldError, NewPassword, Password, Role, Username};

use super::attempt::{self, Admission};
use super::auth::Identity;
use super::{App, AppError};
use crate::config::Registration;
use crate::password::Passwords;
use crate::rules::session_clock::Moment;
use crate::rules::throttle::AttemptResult;
use crate::store::{Account, AccountChanges, AccountRefusal, Attribution, SessionSelector, Store};

/// An account to create.
pub struct NewAccount {
    /// The username.
    pub username: Username,
    /// The role.
    pub role: Role,
    /// The initial password.
    pub password: NewPassword,
}

/// Creates an account for a client at `from`. Returns `false` if the name is taken.
///
/// # Errors
/// [`AppError::Store`], or if the password cannot be hashed.
pub async fn add(
    store: &dyn Store,
    passwords: &Passwords,
    new: NewAccount,
    attribution: Attribution,
    from: IpAddr,
) -> Result<bool, AppError> {
    let NewAccount {
        username,
        role,
        password,
    } = new;
    let password = passwords.hash(password, from).await?;
    let account = Account {
        username,
        role,
        disabled: false,
        password,
        created: attribution.at,
    };
    Ok(store.add_account(account, attribution.by).await?)
}

/// Returns all accounts, sorted by name.
///
/// # Errors
/// [`AppError::Store`]
pub async fn list(app: &App) -> Result<Vec<ListedAccount>, AppError> {
    let now = app.moment();
    let mut list = Vec::new();
    for account in app.store.accounts().await? {
        list.push(listed(app, account, now).await?);
    }
    Ok(list)
}

async fn listed(app: &App, account: Account, now: Moment) -> Result<ListedAccount, AppError> {
    let mut open = app.store.sessions(&account.username).await?;
    // Sessions that have expired stay in the store until they are purged.
    open.retain(|session| session.expires > now.session);
    let Account {
        username,
        role,
        disabled,
        password: _,
        created,
    } = account;
    let used = open.iter().map(|session| session.used).max();
    Ok(ListedAccount {
        username,
        role: role.into(),
        disabled,
        created,
        sessions: open.len(),
        used: used.map(|used| now.to_wall(used)),
    })
}

/// Creates an account for another user.
///
/// # Errors
/// [`AppError::NameTaken`]
pub async fn create(
    app: &App,
    who: &Identity,
    new: NewAccount,
    from: IpAddr,
) -> Result<ListedAccount, AppError> {
    let (username, role) = (new.username.clone(), new.role);
    if !add(&*app.store, &app.passwords, new, who.attribution(), from).await? {
        return Err(AppError::NameTaken);
    }
    Ok(ListedAccount {
        username,
        role: role.into(),
        disabled: false,
        created: who.now,
        sessions: 0,
        used: None,
    })
}

/// Registers an account with the lowest role, if registration is open.
///
/// # Errors
/// [`AppError::RegistrationClosed`], [`AppError::Throttled`], [`AppError::NameTaken`]
pub async fn register(
    app: &App,
    username: Username,
    password: NewPassword,
    address: IpAddr,
) -> Result<User, AppError> {
    app.throttle()
        .admit_registration(address, app.clock.uptime())
        .map_err(AppError::Throttled)?;
    let registered = try_to_register(app, username, password, address).await;
    if !matches!(registered, Ok(_) | Err(AppError::NameTaken)) {
        let now = app.clock.uptime();
        app.throttle().give_back_registration(address, now);
    }
    registered
}

async fn try_to_register(
    app: &App,
    username: Username,
    password: NewPassword,
    address: IpAddr,
) -> Result<User, AppError> {
    // Before hashing, which is expensive; `add` checks again.
    if app.store.account(&username).await?.is_some() {
        return Err(AppError::NameTaken);
    }
    let role = Role::Viewer;
    let attribution = Attribution {
        by: username.clone(),
        at: app.clock.now(),
    };
    let new = NewAccount {
        username: username.clone(),
        role,
        password,
    };
    if !add(&*app.store, &app.passwords, new, attribution, address).await? {
        return Err(AppError::NameTaken);
    }
    let role = role.into();
    Ok(User { username, role })
}

/// Checks that registration is open; call it before reading the request.
///
/// # Errors
/// [`AppError::RegistrationClosed`]
pub fn registration_is_open(app: &App) -> Result<(), AppError> {
    match app.registration {
        Registration::Open => Ok(()),
        Registration::Closed => Err(AppError::RegistrationClosed),
    }
}

/// Changes to an account. `None` leaves a field as it is.
#[derive(Default)]
pub struct AccountUpdate {
    /// The new role.
    pub role: Option<Role>,
    /// Whether the account is disabled.
    pub disabled: Option<bool>,
    /// The new password.
    pub password: Option<NewPassword>,
}

/// Updates an account. Disabling it or changing its password ends all its sessions.
///
/// # Errors
/// [`AccountRefusal`]
pub async fn change(
    app: &App,
    who: &Identity,
    name: &Username,
    changes: AccountUpdate,
    from: IpAddr,
) -> Result<ListedAccount, AppError> {
    let account = change_offline(
        &*app.store,
        &app.passwords,
        name,
        changes,
        who.attribution(),
        from,
    )
    .await?;
    listed(app, account, app.moment()).await
}

/// Like [`change`], without an [`App`]: for `rosterd user`, while no server is running.
///
/// # Errors
/// [`AccountRefusal`]
pub async fn change_offline(
    store: &dyn Store,
    passwords: &Passwords,
    name: &Username,
    changes: AccountUpdate,
    attribution: Attribution,
    from: IpAddr,
) -> Result<Account, AppError> {
    let AccountUpdate {
        role,
        disabled,
        password,
    } = changes;
    // Before hashing, which is expensive; the store checks again.
    if store.account(name).await?.is_none() {
        return Err(AccountRefusal::Unknown.into());
    }
    let password = match password {
        Some(password) => Some(passwords.hash(password, from).await?),
        None => None,
    };
    Ok(store
        .change_account(
            name,
            AccountChanges {
                role,
                disabled,
                password,
            },
            attribution,
        )
        .await??)
}

/// Deletes an account and ends its sessions.
///
/// # Errors
/// [`AccountRefusal`]
pub async fn remove(app: &App, who: &Identity, name: &Username) -> Result<(), AppError> {
    Ok(app.store.remove_account(name, who.attribution()).await??)
}

/// Ends all sessions of a user.
///
/// # Errors
/// [`AccountRefusal::Unknown`]
pub async fn end_sessions(app: &App, who: &Identity, name: &Username) -> Result<(), AppError> {
    if app.store.account(name).await?.is_none() {
        return Err(AccountRefusal::Unknown.into());
    }
    app.store
        .end_sessions(name, SessionSelector::All, who.attribution())
        .await?;
    Ok(())
}

/// Changes the user's own password and ends their other sessions. A wrong current password counts
/// as a failed sign-in of this session.
///
/// # Errors
/// A field error for `current` if it is wrong; [`AppError::Throttled`]
pub async fn change_password(
    app: &App,
    who: &Identity,
    current: Password,
    new: NewPassword,
    from: IpAddr,
) -> Result<(), AppError> {
    let attempt = attempt::of_session(&who.username, who.session, from);
    let admission = Admission::admit(app, attempt)?;
    let changed = try_to_change_password(app, who, current, new, from).await;
    admission.settle(match &changed {
        Ok(()) => AttemptResult::Succeeded,
        Err(AppError::Refused(_)) => AttemptResult::Failed,
        // Nothing was found out about the password.
        Err(_) => AttemptResult::GivenBack,
    });
    changed
}

async fn try_to_change_password(
    app: &App,
    who: &Identity,
    current: Password,
    new: NewPassword,
    from: IpAddr,
) -> Result<(), AppError> {
    let account = app.store.account(&who.username).await?;
    let hash = account.map(|account| account.password);
    if !app.passwords.verify(current, hash.clone(), from).await? {
        return Err(wrong_password());
    }
    let hash = hash.ok_or_else(wrong_password)?;
    let new = app.passwords.hash(new, from).await?;
    let is_changed = app
        .store
        .change_password(hash, new, who.session, who.attribution())
        .await?;
    if !is_changed {
        // Another request changed the password after the check above.
        return Err(wrong_password());
    }
    Ok(())
}

fn wrong_password() -> AppError {
    AppError::invalid(vec![FieldError::new(
        "current",
        Rule::Wrong,
        "Wrong current password.",
    )])
}
