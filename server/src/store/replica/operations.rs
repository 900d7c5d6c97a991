//! The store's traits over any [`Database`](super::Database): a read comes from memory, a write
//! loads its rows and lets a rule decide.

mod accounts;
mod employees;
mod history;
mod ids;
mod managers;
mod monitor;
mod runs;
mod sessions;
