//! `roster`: the application, or a command of the command line.

use std::process::ExitCode;

/// The threads of an import free what others have allocated, for which glibc takes locks. jemalloc
/// would have a thread that works now and then while the application rests.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    roster::cli::main()
}
