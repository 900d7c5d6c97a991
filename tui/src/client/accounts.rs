//! The methods for the user's own account, for all accounts, for histories and for the audit log.

use reqwest::Method;
use roster_common::api::{User, path};
use roster_common::history::{AuditEntry, HistoryEntry};
use roster_common::users::{Account, NewUser, OpenSession, PasswordChange, UserChanges};
use roster_common::{EmployeeId, Password, Username, Version};
use serde_json::json;

use super::Client;
use crate::remote::Result;

impl Client {
    /// Registers a viewer account, if the server allows it. It does not sign in.
    pub async fn register(&self, username: &Username, password: &Password) -> Result<User> {
        let body = json!({"user": username, "pwd": password.expose()});
        let response = self
            .0
            .http
            .send(self.request(Method::POST, path::REGISTER).json(&body))
            .await?;
        self.0.http.json(response).await
    }

    /// The user's open sessions, newest first.
    pub async fn sessions(&self) -> Result<Vec<OpenSession>> {
        self.answer(self.request(Method::GET, path::MY_SESSIONS))
            .await
    }

    /// Ends one of the user's sessions.
    pub async fn end_session(&self, id: &str) -> Result<()> {
        self.call(self.request(Method::DELETE, &path::my_session(id)))
            .await
            .map(drop)
    }

    /// Changes the user's password, which ends their other sessions.
    pub async fn change_password(&self, change: &PasswordChange) -> Result<()> {
        self.call(self.request(Method::PUT, path::MY_PASSWORD).json(change))
            .await
            .map(drop)
    }

    /// All accounts, sorted by name. For admins, like all the methods below.
    pub async fn users(&self) -> Result<Vec<Account>> {
        self.answer(self.request(Method::GET, path::USERS)).await
    }

    /// Adds an account.
    pub async fn add_user(&self, user: &NewUser) -> Result<Account> {
        self.answer(self.request(Method::POST, path::USERS).json(user))
            .await
    }

    /// Changes an account: its role, whether it is disabled, or its password.
    pub async fn change_user(&self, name: &Username, changes: &UserChanges) -> Result<Account> {
        self.answer(self.request(Method::PATCH, &path::user(name)).json(changes))
            .await
    }

    /// Deletes an account and ends its sessions.
    pub async fn remove_user(&self, name: &Username) -> Result<()> {
        self.call(self.request(Method::DELETE, &path::user(name)))
            .await
            .map(drop)
    }

    /// Ends all sessions of an account.
    pub async fn end_sessions_of(&self, name: &Username) -> Result<()> {
        self.call(self.request(Method::DELETE, &path::sessions_of(name)))
            .await
            .map(drop)
    }

    /// The history of a record, newest first: the `limit` entries before a version, or the newest
    /// ones. It also works for deleted records.
    pub async fn history(
        &self,
        id: EmployeeId,
        before: Option<Version>,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>> {
        self.answer(self.newest_first(&path::history(id), before.map(Version::get), limit))
            .await
    }

    /// The audit log, newest first: the `limit` entries before one, or the newest ones. For admins.
    pub async fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>> {
        self.answer(self.newest_first(path::AUDIT, before, limit))
            .await
    }

    fn newest_first(
        &self,
        path: &str,
        before: Option<u64>,
        limit: usize,
    ) -> reqwest::RequestBuilder {
        let before = before
            .map(|before| format!("&before={before}"))
            .unwrap_or_default();
        let mut url = self.0.http.url(path);
        url.set_query(Some(&format!("limit={limit}{before}")));
        self.0.http.request(Method::GET, url)
    }
}
