//! Changes of accounts. One admin who can sign in always remains, and disabling an account or
//! changing its password ends its sessions.

use roster_common::history::AuditAction;
use roster_common::{Role, Username};

use super::account::{Account, PasswordHash};
use super::attribution::Attribution;
use super::audit::AuditLine;
use super::refusal::AccountRefusal;
use super::session::Session;
use super::sessions::revoke;
use super::writes::{Decision, Write, Writes};

/// Changes to an account. `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChanges {
    /// The new role.
    pub role: Option<Role>,
    /// Whether the account is disabled from now on.
    pub disabled: Option<bool>,
    /// The hash of the new password.
    pub password: Option<PasswordHash>,
}

/// Adds an account. Returns `false` if the name is taken.
pub fn add(existing: Option<&Account>, account: &Account, by: &Username) -> Decision<bool> {
    if existing.is_some() {
        return Decision::unchanged(false);
    }
    let attribution = Attribution {
        by: by.clone(),
        at: account.created,
    };
    let line = AuditLine::new(&attribution, AuditAction::UserCreated)
        .to(&account.username)
        .noting(account.role.to_string());
    let mut writes = Writes::default();
    writes.audit(line);
    writes.push(Write::Account(account.clone()));
    writes.decide(true)
}

/// Updates an account and returns it. Disabling it or changing its password ends all its sessions.
///
/// `accounts` are all accounts, and `sessions` the open ones of this account.
pub fn change(
    before: &Account,
    accounts: &[Account],
    sessions: Vec<Session>,
    changes: &AccountChanges,
    attribution: &Attribution,
) -> Decision<Result<Account, AccountRefusal>> {
    let after = changed(before, changes);
    if after == *before {
        return Decision::unchanged(Ok(after));
    }
    if !after.is_enabled_admin() && is_last_admin(before, accounts) {
        return Decision::unchanged(Err(AccountRefusal::LastAdmin));
    }
    let mut writes = Writes::default();
    // Whoever knew the old password must not stay signed in. A new role needs no new sign-in: the
    // next request notices it.
    if after.disabled || after.password != before.password {
        revoke(sessions, attribution.at, &mut writes);
    }
    for line in lines(before, &after, attribution) {
        writes.audit(line);
    }
    writes.push(Write::Account(after.clone()));
    writes.decide(Ok(after))
}

/// Replaces the user's own password, and ends their other sessions, `others`. Returns `false`, and
/// writes nothing, if the password is no longer `current`.
pub fn change_password(
    account: Option<Account>,
    others: Vec<Session>,
    current: &PasswordHash,
    new: &PasswordHash,
    attribution: &Attribution,
) -> Decision<bool> {
    let Some(account) = account.filter(|account| account.password == *current) else {
        return Decision::unchanged(false);
    };
    let mut writes = Writes::default();
    revoke(others, attribution.at, &mut writes);
    writes.audit(AuditLine::new(attribution, AuditAction::PasswordChanged).to(&account.username));
    writes.push(Write::Account(Account {
        password: new.clone(),
        ..account
    }));
    writes.decide(true)
}

/// Removes an account, and ends its sessions. `accounts` are all accounts.
pub fn remove(
    account: &Account,
    accounts: &[Account],
    sessions: Vec<Session>,
    attribution: &Attribution,
) -> Decision<Result<(), AccountRefusal>> {
    if is_last_admin(account, accounts) {
        return Decision::unchanged(Err(AccountRefusal::LastAdmin));
    }
    let mut writes = Writes::default();
    revoke(sessions, attribution.at, &mut writes);
    writes.audit(AuditLine::new(attribution, AuditAction::UserDeleted).to(&account.username));
    writes.push(Write::RemoveAccount(account.username.clone()));
    writes.decide(Ok(()))
}

/// Returns `true` if no other account could manage the accounts.
fn is_last_admin(account: &Account, accounts: &[Account]) -> bool {
    let is_another = |other: &&Account| other.username != account.username;
    let mut others = accounts.iter().filter(is_another);
    account.is_enabled_admin() && !others.any(Account::is_enabled_admin)
}

fn changed(before: &Account, changes: &AccountChanges) -> Account {
    let password = changes.password.as_ref().unwrap_or(&before.password);
    Account {
        role: changes.role.unwrap_or(before.role),
        disabled: changes.disabled.unwrap_or(before.disabled),
        password: password.clone(),
        ..before.clone()
    }
}

/// One line for each difference.
fn lines(before: &Account, after: &Account, attribution: &Attribution) -> Vec<AuditLine> {
    let line = |what| AuditLine::new(attribution, what).to(&after.username);
    let mut lines = Vec::new();
    if after.role != before.role {
        // Accounts have no history, so the old role is recorded only here.
        let note = format!("{} to {}", before.role, after.role);
        lines.push(line(AuditAction::RoleChanged).noting(note));
    }
    if after.disabled != before.disabled {
        lines.push(line(if after.disabled {
            AuditAction::UserDisabled
        } else {
            AuditAction::UserEnabled
        }));
    }
    if after.password != before.password {
        lines.push(line(AuditAction::PasswordReset));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn account(name: &str, role: Role, disabled: bool) -> Account {
        Account {
            username: name.parse().unwrap(),
            role,
            disabled,
            password: PasswordHash("old".into()),
            created: Timestamp::UNIX_EPOCH,
        }
    }

    fn by_ada() -> Attribution {
        Attribution {
            by: "ada".parse().unwrap(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn an_admin_can_step_down_only_if_another_can_log_in() {
        let ada = account("ada", Role::Admin, false);
        let demotion = AccountChanges {
            role: Some(Role::Viewer),
            ..AccountChanges::default()
        };
        let others = [
            (account("bob", Role::Admin, false), true),
            (account("bob", Role::Admin, true), false),
            (account("bob", Role::Editor, false), false),
        ];
        for (bob, may) in others {
            let all = [ada.clone(), bob];
            let changed = change(&ada, &all, Vec::new(), &demotion, &by_ada());
            assert_eq!(changed.outcome.is_ok(), may, "{all:?}");
            assert_eq!(
                changed.writes.rows.is_empty(),
                !may,
                "a refusal writes nothing"
            );
            let removed = remove(&ada, &all, Vec::new(), &by_ada());
            assert_eq!(removed.outcome.is_ok(), may, "{all:?}");
            assert_eq!(
                removed.writes.rows.is_empty(),
                !may,
                "a refusal writes nothing"
            );
        }
    }

    #[test]
    fn a_change_that_changes_nothing_writes_nothing() {
        let ada = account("ada", Role::Admin, false);
        let all = [ada.clone()];
        let same = change(
            &ada,
            &all,
            Vec::new(),
            &AccountChanges::default(),
            &by_ada(),
        );
        assert_eq!(same.outcome, Ok(ada));
        assert!(same.writes.rows.is_empty());
    }

    /// Leaves the accounts as a decision has them.
    fn apply<T>(accounts: &mut Vec<Account>, decision: Decision<T>) {
        for write in decision.writes.rows {
            match write {
                Write::Account(account) => {
                    accounts.retain(|known| known.username != account.username);
                    accounts.push(account);
                }
                Write::RemoveAccount(name) => accounts.retain(|known| known.username != name),
                _ => {}
            }
        }
    }

    /// What an admin does; the number chooses an account, counted round.
    #[derive(Debug, Clone)]
    enum Step {
        Add(Account),
        Change(usize, AccountChanges),
        Remove(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let role = || prop::sample::select(vec![Role::Viewer, Role::Editor, Role::Admin]);
        let name = prop::sample::select(vec!["ada", "bob", "cleo", "dan"]);
        let added = (name, role(), any::<bool>())
            .prop_map(|(name, role, disabled)| Step::Add(account(name, role, disabled)));
        let changes = (prop::option::of(role()), prop::option::of(any::<bool>()));
        let changed = (0usize..4, changes).prop_map(|(at, (role, disabled))| {
            let changes = AccountChanges {
                role,
                disabled,
                password: None,
            };
            Step::Change(at, changes)
        });
        prop_oneof![2 => added, 4 => changed, 2 => (0usize..4).prop_map(Step::Remove)]
    }

    proptest! {
        #[test]
        fn an_enabled_admin_is_always_left(steps in prop::collection::vec(step(), 1..40)) {
            let mut accounts = vec![account("ada", Role::Admin, false)];
            for step in steps {
                match step {
                    Step::Add(new) => {
                        let known = accounts.iter().find(|a| a.username == new.username);
                        let decision = add(known, &new, &by_ada().by);
                        apply(&mut accounts, decision);
                    }
                    Step::Change(at, changes) => {
                        let before = accounts[at % accounts.len()].clone();
                        let decision = change(&before, &accounts, Vec::new(), &changes, &by_ada());
                        apply(&mut accounts, decision);
                    }
                    Step::Remove(at) => {
                        let removed = accounts[at % accounts.len()].clone();
                        let decision = remove(&removed, &accounts, Vec::new(), &by_ada());
                        apply(&mut accounts, decision);
                    }
                }
                prop_assert!(accounts.iter().any(Account::is_enabled_admin), "{accounts:?}");
            }
        }
    }
}
