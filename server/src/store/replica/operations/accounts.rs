//! Accounts.

use async_trait::async_trait;
use roster_common::Username;

use crate::rules::accounts;
use crate::rules::session::SessionId;
use crate::rules::sessions::SessionSelector;
use crate::rules::writes::Decision;
use crate::store::replica::{Database, Needs, Replica};
use crate::store::{
    Account, AccountChanges, AccountRefusal, AccountStore, Attribution, PasswordHash, Result,
};

#[async_trait]
impl<D: Database> AccountStore for Replica<D> {
    async fn account(&self, name: &Username) -> Result<Option<Account>> {
        self.database.check_fresh()?;
        Ok(self.view.projection.accounts().account(name))
    }

    async fn accounts(&self) -> Result<Vec<Account>> {
        Ok(self.view.projection.accounts().accounts())
    }

    async fn add_account(&self, account: Account, by: Username) -> Result<bool> {
        self.write(Needs::default(), move |rows| {
            let existing = rows.account(&account.username)?;
            Ok(accounts::add(existing.as_ref(), &account, &by))
        })
        .await
    }

    async fn change_account(
        &self,
        name: &Username,
        changes: AccountChanges,
        attribution: Attribution,
    ) -> Result<std::result::Result<Account, AccountRefusal>> {
        let name = name.clone();
        self.write(sessions_of(&name), move |rows| {
            let Some(account) = rows.account(&name)? else {
                return Ok(Decision::unchanged(Err(AccountRefusal::Unknown)));
            };
            let (all, sessions) = (rows.accounts()?, rows.open_sessions(&name)?);
            Ok(accounts::change(
                &account,
                &all,
                sessions,
                &changes,
                &attribution,
            ))
        })
        .await
    }

    async fn change_password(
        &self,
        current: PasswordHash,
        new: PasswordHash,
        keep: SessionId,
        attribution: Attribution,
    ) -> Result<bool> {
        self.write(sessions_of(&attribution.by), move |rows| {
            let account = rows.account(&attribution.by)?;
            let mut others = rows.open_sessions(&attribution.by)?;
            others.retain(|session| SessionSelector::AllExcept(keep).selects(session.id));
            let decision = accounts::change_password(account, others, &current, &new, &attribution);
            Ok(decision)
        })
        .await
    }

    async fn remove_account(
        &self,
        name: &Username,
        attribution: Attribution,
    ) -> Result<std::result::Result<(), AccountRefusal>> {
        let name = name.clone();
        self.write(sessions_of(&name), move |rows| {
            let Some(account) = rows.account(&name)? else {
                return Ok(Decision::unchanged(Err(AccountRefusal::Unknown)));
            };
            let (all, sessions) = (rows.accounts()?, rows.open_sessions(&name)?);
            Ok(accounts::remove(&account, &all, sessions, &attribution))
        })
        .await
    }
}

fn sessions_of(name: &Username) -> Needs {
    Needs {
        sessions_of: vec![name.clone()],
        ..Needs::default()
    }
}
