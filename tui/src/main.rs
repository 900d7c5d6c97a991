//! `roster`: the application, or a command of the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    roster::cli::main()
}
