//! Asks for a password. However that ends, the terminal shows again what is typed.

use std::fs::File;
use std::{io, thread};

use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use zeroize::Zeroizing;

/// Prompts at the terminal and reads a line, which is not shown. Ctrl-C ends the program.
///
/// # Errors
/// If there is no terminal, or its input ends.
pub(crate) fn ask_password(question: &str) -> io::Result<Zeroizing<String>> {
    restore_on_signals()?;
    let typed = rpassword::prompt_password(question);
    // rpassword takes Ctrl-C as a key and restores the terminal only after it has sent the signal.
    if let Err(error) = &typed
        && error.kind() == io::ErrorKind::Interrupted
    {
        emulate_default_handler(SIGINT)?;
    }
    typed.map(Zeroizing::new)
}

/// From now on, a signal that ends the program first restores the terminal's current modes.
fn restore_on_signals() -> io::Result<()> {
    let terminal = File::open("/dev/tty")?;
    let modes = tcgetattr(&terminal)?;
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let _ = tcsetattr(&terminal, OptionalActions::Now, &modes);
            let _ = emulate_default_handler(signal);
        }
    });
    Ok(())
}
