//! Accounts: one's own, and those of others.

use std::net::IpAddr;

use jiff::Timestamp;
use roster_common::api::User;
use roster_common::problem::Rule;
use roster_common::users::Account as Listed;
use roster_common::{FieldError, NewPassword, Password, Role, Username};

use super::auth::{Identity, counted_as};
use super::{App, AppError};
use crate::config::Registration;
use crate::password::Passwords;
use crate::store::{Account, AccountChanges, AccountRefused, Attribution, SessionSelector, Store};

/// An account that is to be.
pub struct New {
    /// Its name.
    pub username: Username,
    /// What it may do.
    pub role: Role,
    /// Its first password.
    pub password: NewPassword,
}

/// Adds an account; `false` if the name is taken.
///
/// # Errors
/// [`AppError::Store`], or a hash that failed.
pub async fn add(
    store: &dyn Store,
    passwords: &Passwords,
    new: New,
    attribution: Attribution,
) -> Result<bool, AppError> {
    let New {
        username,
        role,
        password,
    } = new;
    let password = passwords.hash(password).await?;
    let account = Account {
        username,
        role,
        disabled: false,
        password,
        created: attribution.at,
    };
    Ok(store.add_account(account, attribution.by).await?)
}

/// All accounts, by name.
///
/// # Errors
/// [`AppError::Store`]
pub async fn list(app: &App, who: &Identity) -> Result<Vec<Listed>, AppError> {
    let mut list = Vec::new();
    for account in app.store.accounts().await? {
        list.push(listed(app, account, who.now).await?);
    }
    Ok(list)
}

async fn listed(app: &App, account: Account, now: Timestamp) -> Result<Listed, AppError> {
    let mut open = app.store.sessions(&account.username).await?;
    open.retain(|session| session.expires > now);
    let Account {
        username,
        role,
        disabled,
        password: _,
        created,
    } = account;
    let used = open.iter().map(|session| session.used).max();
    Ok(Listed {
        username,
        role,
        disabled,
        created,
        sessions: open.len(),
        used,
    })
}

/// Adds an account for somebody else.
///
/// # Errors
/// [`AppError::NameTaken`]
pub async fn create(app: &App, who: &Identity, new: New) -> Result<Listed, AppError> {
    let (username, role) = (new.username.clone(), new.role);
    if !add(&*app.store, &app.passwords, new, who.attribution()).await? {
        return Err(AppError::NameTaken);
    }
    Ok(Listed {
        username,
        role,
        disabled: false,
        created: who.now,
        sessions: 0,
        used: None,
    })
}

/// Opens an account of the lowest role for oneself, where that is allowed.
///
/// # Errors
/// [`AppError::RegistrationClosed`], [`AppError::Throttled`], [`AppError::NameTaken`]
pub async fn register(
    app: &App,
    username: Username,
    password: NewPassword,
    address: IpAddr,
) -> Result<User, AppError> {
    let now = app.clock.now();
    app.throttle()
        .admit_registration(address, now)
        .map_err(AppError::Throttled)?;
    if app.store.account(&username).await?.is_some() {
        return Err(AppError::NameTaken);
    }
    let user = User {
        username,
        role: Role::Viewer,
    };
    let attribution = Attribution {
        by: user.username.clone(),
        at: now,
    };
    let new = New {
        username: user.username.clone(),
        role: user.role,
        password,
    };
    match add(&*app.store, &app.passwords, new, attribution).await? {
        true => Ok(user),
        false => Err(AppError::NameTaken),
    }
}

/// Whether somebody may open an account for themselves: to be asked before their request is read.
///
/// # Errors
/// [`AppError::RegistrationClosed`]
pub fn registration_is_open(app: &App) -> Result<(), AppError> {
    match app.registration {
        Registration::Open => Ok(()),
        Registration::Closed => Err(AppError::RegistrationClosed),
    }
}

/// What an account is to become; what is not said stays.
#[derive(Default)]
pub struct Changes {
    /// What it may do from now on.
    pub role: Option<Role>,
    /// Whether it may not sign in.
    pub disabled: Option<bool>,
    /// Another password.
    pub password: Option<NewPassword>,
}

/// Changes somebody's account. One that is disabled or gets another password loses its sessions.
///
/// # Errors
/// [`AccountRefused`]
pub async fn change(
    app: &App,
    who: &Identity,
    name: &Username,
    changes: Changes,
) -> Result<Listed, AppError> {
    if app.store.account(name).await?.is_none() {
        return Err(AccountRefused::Unknown.into());
    }
    let account = change_offline(
        &*app.store,
        &app.passwords,
        name,
        changes,
        who.attribution(),
    )
    .await?;
    listed(app, account, who.now).await
}

/// The same on a store that nobody serves.
///
/// # Errors
/// [`AccountRefused`]
pub async fn change_offline(
    store: &dyn Store,
    passwords: &Passwords,
    name: &Username,
    changes: Changes,
    attribution: Attribution,
) -> Result<Account, AppError> {
    let Changes {
        role,
        disabled,
        password,
    } = changes;
    let password = match password {
        Some(password) => Some(passwords.hash(password).await?),
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

/// Takes somebody's account away, and ends their sessions.
///
/// # Errors
/// [`AccountRefused`]
pub async fn remove(app: &App, who: &Identity, name: &Username) -> Result<(), AppError> {
    Ok(app.store.remove_account(name, who.attribution()).await??)
}

/// Ends somebody's sessions.
///
/// # Errors
/// [`AccountRefused::Unknown`]
pub async fn end_sessions(app: &App, who: &Identity, name: &Username) -> Result<(), AppError> {
    if app.store.account(name).await?.is_none() {
        return Err(AccountRefused::Unknown.into());
    }
    app.store
        .end_sessions(name, SessionSelector::All, who.attribution())
        .await?;
    Ok(())
}

/// Changes somebody's own password, and ends their other sessions. A wrong current one counts like a refused sign-in.
///
/// # Errors
/// A field error of `current` where it is not the password; [`AppError::Throttled`]
pub async fn change_password(
    app: &App,
    who: &Identity,
    current: Password,
    new: NewPassword,
    address: IpAddr,
) -> Result<(), AppError> {
    let counted = counted_as(who.username.as_str());
    app.throttle()
        .admit(address, &counted, who.now)
        .map_err(AppError::Throttled)?;
    let hash = app
        .store
        .account(&who.username)
        .await?
        .map(|account| account.password);
    if !app.passwords.verify(current, hash.clone()).await? {
        return Err(wrong_password());
    }
    app.throttle().succeeded(&counted);
    let (hash, new) = (
        hash.ok_or_else(wrong_password)?,
        app.passwords.hash(new).await?,
    );
    match app
        .store
        .change_password(hash, new, who.session, who.attribution())
        .await?
    {
        true => Ok(()),
        // Somebody has changed it since it was looked at.
        false => Err(wrong_password()),
    }
}

fn wrong_password() -> AppError {
    AppError::invalid(vec![FieldError::new(
        "current",
        Rule::Wrong,
        "This is not your password.",
    )])
}
