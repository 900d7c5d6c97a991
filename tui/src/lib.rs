//! `roster`: the application and the command line, over one client.

pub mod client;
pub mod visible;
