//! The writes of accounts, each inside a batch.

use roster_common::Username;
use roster_common::history::Deed;

use super::audit::Line;
use super::batch::{Batch, Fault};
use crate::rules::access::is_acting_admin;
use crate::rules::session::SessionId;
use crate::store::{Account, AccountChanges, AccountRefused, PasswordHash, Stamp, Which};

/// What a write of an account answers.
type Answer<T> = Result<Result<T, AccountRefused>, Fault>;

impl Batch<'_> {
    /// See [`crate::store::Store::add_account`].
    pub(super) fn add_account(&mut self, account: Account, by: Username) -> Result<bool, Fault> {
        if self.account(&account.username)?.is_some() {
            return Ok(false);
        }
        let stamp = Stamp {
            by,
            at: account.created,
        };
        let line = Line::new(&stamp, Deed::UserCreated)
            .to(&account.username)
            .noting(account.role.to_string());
        self.audit(&line)?;
        self.put_account(account)?;
        Ok(true)
    }

    /// See [`crate::store::Store::change_account`].
    pub(super) fn change_account(
        &mut self,
        name: &Username,
        changes: AccountChanges,
        stamp: &Stamp,
    ) -> Answer<Account> {
        let Some(before) = self.account(name)? else {
            return Ok(Err(AccountRefused::Unknown));
        };
        let after = changed(&before, changes);
        if is_admin(&before) && !is_admin(&after) && self.is_last_admin(name)? {
            return Ok(Err(AccountRefused::LastAdmin));
        }
        if after == before {
            return Ok(Ok(after));
        }
        if after.disabled || after.password != before.password {
            self.revoke(self.sessions_of(name, Which::All)?, stamp.at)?;
        }
        for line in lines(&before, &after, stamp) {
            self.audit(&line)?;
        }
        self.put_account(after.clone())?;
        Ok(Ok(after))
    }

    /// See [`crate::store::Store::change_password`].
    pub(super) fn change_password(
        &mut self,
        current: &PasswordHash,
        new: PasswordHash,
        keep: SessionId,
        stamp: &Stamp,
    ) -> Result<bool, Fault> {
        let account = self.account(&stamp.by)?;
        let Some(account) = account.filter(|account| account.password == *current) else {
            return Ok(false);
        };
        self.revoke(self.sessions_of(&stamp.by, Which::AllBut(keep))?, stamp.at)?;
        self.audit(&Line::new(stamp, Deed::PasswordChanged).to(&stamp.by))?;
        self.put_account(Account {
            password: new,
            ..account
        })?;
        Ok(true)
    }

    /// See [`crate::store::Store::remove_account`].
    pub(super) fn remove_account(&mut self, name: &Username, stamp: &Stamp) -> Answer<()> {
        let Some(account) = self.account(name)? else {
            return Ok(Err(AccountRefused::Unknown));
        };
        if is_admin(&account) && self.is_last_admin(name)? {
            return Ok(Err(AccountRefused::LastAdmin));
        }
        self.revoke(self.sessions_of(name, Which::All)?, stamp.at)?;
        self.audit(&Line::new(stamp, Deed::UserDeleted).to(name))?;
        self.remove_account_row(name)?;
        Ok(Ok(()))
    }

    /// Whether no other account could manage the accounts.
    fn is_last_admin(&self, name: &Username) -> Result<bool, Fault> {
        Ok(!self.any_account_beside(name, is_admin)?)
    }
}

fn is_admin(account: &Account) -> bool {
    is_acting_admin(account.role, account.disabled)
}

fn changed(before: &Account, changes: AccountChanges) -> Account {
    let AccountChanges {
        role,
        disabled,
        password,
    } = changes;
    Account {
        role: role.unwrap_or(before.role),
        disabled: disabled.unwrap_or(before.disabled),
        password: password.unwrap_or_else(|| before.password.clone()),
        ..before.clone()
    }
}

/// One line for each thing that is different.
fn lines(before: &Account, after: &Account, stamp: &Stamp) -> Vec<Line> {
    let line = |what| Line::new(stamp, what).to(&after.username);
    let mut lines = Vec::new();
    if after.role != before.role {
        lines.push(line(Deed::RoleChanged).noting(format!("{} to {}", before.role, after.role)));
    }
    if after.disabled != before.disabled {
        lines.push(line(if after.disabled {
            Deed::UserDisabled
        } else {
            Deed::UserEnabled
        }));
    }
    if after.password != before.password {
        lines.push(line(Deed::PasswordReset));
    }
    lines
}
