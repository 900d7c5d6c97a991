//! `roster`: the application and the command line, over one client.

pub mod cli;
pub mod client;
pub mod visible;
