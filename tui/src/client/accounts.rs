//! The methods of accounts, of one's own and of others', of a record's history and of the audit.

use reqwest::Method;
use roster_common::api::{User, path};
use roster_common::history::{AuditEntry, HistoryEntry};
use roster_common::users::{Account, NewUser, OpenSession, PasswordChange, UserChanges};
use roster_common::{EmployeeId, Password, Username, Version};
use serde_json::json;

use super::Client;
use crate::remote::Result;

impl Client {
    /// Opens an account of the lowest role for oneself, where the server allows that; signs nobody in.
    pub async fn register(&self, username: &Username, password: &Password) -> Result<User> {
        let body = json!({"user": username, "pwd": password.expose()});
        let response = self
            .0
            .http
            .send(self.request(Method::POST, path::REGISTER).json(&body))
            .await?;
        self.0.http.json(response).await
    }

    /// The person's open sessions, the newest first.
    pub async fn sessions(&self) -> Result<Vec<OpenSession>> {
        self.answer(self.request(Method::GET, path::MY_SESSIONS))
            .await
    }

    /// Ends one of the person's sessions.
    pub async fn end_session(&self, id: &str) -> Result<()> {
        self.call(self.request(Method::DELETE, &path::my_session(id)))
            .await
            .map(drop)
    }

    /// Changes the person's password, which ends their other sessions.
    pub async fn change_password(&self, change: &PasswordChange) -> Result<()> {
        self.call(self.request(Method::PUT, path::MY_PASSWORD).json(change))
            .await
            .map(drop)
    }

    /// The accounts, by name; for admins, like all that follows about them.
    pub async fn users(&self) -> Result<Vec<Account>> {
        self.answer(self.request(Method::GET, path::USERS)).await
    }

    /// Adds an account.
    pub async fn add_user(&self, user: &NewUser) -> Result<Account> {
        self.answer(self.request(Method::POST, path::USERS).json(user))
            .await
    }

    /// Changes an account's role, whether it may sign in, or its password.
    pub async fn change_user(&self, name: &Username, changes: &UserChanges) -> Result<Account> {
        self.answer(self.request(Method::PATCH, &path::user(name)).json(changes))
            .await
    }

    /// Deletes an account, and ends its sessions.
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

    /// What became of a record, the newest first: the `limit` entries before a version, or the last ones. Also of a
    /// record that has been deleted.
    pub async fn history(
        &self,
        id: EmployeeId,
        before: Option<Version>,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>> {
        self.answer(self.newest_first(&path::history(id), before.map(Version::get), limit))
            .await
    }

    /// What was done, the newest first: the `limit` entries before one, or the last ones. For admins.
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
