//! Passwords: prompted for at a terminal, or read from standard input.

use std::io::BufRead;

use zeroize::Zeroizing;

use super::console::Console;
use super::failure::Failure;
use crate::runtime::terminal::ask_password;

/// Where a password comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PasswordSource {
    /// A prompt.
    Terminal,
    /// The first line of standard input.
    StandardInput,
}

impl PasswordSource {
    /// From standard input if an option says so.
    ///
    /// # Errors
    /// If nobody can be asked: a script fails at once and does not wait at a prompt. `instead` are
    /// the options that it has to use.
    pub(super) fn new(is_stdin: bool, instead: &str, console: &Console) -> Result<Self, Failure> {
        if is_stdin {
            Ok(Self::StandardInput)
        } else if console.can_ask() {
            Ok(Self::Terminal)
        } else {
            let message = "Cannot prompt for a password without a terminal; use";
            Err(Failure::Usage(format!("{message} {instead}.")))
        }
    }

    /// Reads a password, which is not empty.
    pub(super) fn read(
        self,
        prompt: &str,
        console: &Console,
    ) -> Result<Zeroizing<String>, Failure> {
        let (password, none) = match self {
            Self::Terminal => (
                ask_password(prompt).map_err(Failure::from_stdin)?,
                "No password was given.",
            ),
            Self::StandardInput => (first_line(console)?, "No password on standard input."),
        };
        if password.is_empty() {
            return Err(Failure::Usage(none.into()));
        }
        Ok(password)
    }

    /// Reads a new password. At a terminal it is typed twice, since it cannot be seen.
    pub(super) fn read_new(self, console: &Console) -> Result<Zeroizing<String>, Failure> {
        let password = self.read("New password: ", console)?;
        if self == Self::Terminal && self.read("Repeat it: ", console)? != password {
            return Err(Failure::Usage("The passwords differ.".into()));
        }
        Ok(password)
    }
}

fn first_line(console: &Console) -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(String::new());
    console
        .stdin()
        .lock()
        .read_line(&mut line)
        .map_err(Failure::from_stdin)?;
    // PowerShell begins what it pipes with a byte order mark.
    let password = line
        .trim_start_matches('\u{feff}')
        .trim_end_matches(['\r', '\n']);
    Ok(Zeroizing::new(password.to_owned()))
}
