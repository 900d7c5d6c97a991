//! `roster`: the application, or a command of the command line.

use std::process::ExitCode;

/// The threads of an import free what others have allocated, and glibc locks its memory for that.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    roster::cli::main()
}
