//! `roster`: the application, or a command of the command line.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    roster::cli::main(roster::cli::Args::parse())
}
