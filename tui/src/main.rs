//! `roster`: without a subcommand the application, with one the command line.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    roster::cli::main(roster::cli::Args::parse())
}
