//! What the keys do, one file per screen. Screens use flows and verbs, never each other.

pub(super) mod account;
pub(super) mod batch;
pub(super) mod change_password;
pub(super) mod columns;
pub(super) mod confirm;
pub(super) mod conflict;
pub(super) mod export;
pub(super) mod form;
pub(super) mod generated_password;
pub(super) mod help;
pub(super) mod history;
pub(super) mod import;
pub(super) mod named_filters;
pub(super) mod palette;
pub(super) mod search;
pub(super) mod sign_in;
pub(super) mod table;
pub(super) mod themes;
pub(super) mod user_form;
pub(super) mod users;
