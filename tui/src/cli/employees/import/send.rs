//! Shows how far an import is.

use indicatif::ProgressBar;

use crate::cli::console::Console;
use crate::import::SendProgress;
use crate::remote::ClientError;

/// The progress of an import, on standard error.
pub(super) struct Sending<'a> {
    console: &'a mut Console,
    /// What is imported.
    what: String,
    bar: Option<ProgressBar>,
}

impl<'a> Sending<'a> {
    pub(super) fn new(console: &'a mut Console, what: String) -> Self {
        Self {
            console,
            what,
            bar: None,
        }
    }
}

impl SendProgress for Sending<'_> {
    fn continues(&mut self) {
        self.console
            .message("Continuing an import whose outcome is not known yet.");
    }

    fn begins(&mut self, size: u64) -> Box<dyn Fn(u64) + Send> {
        let bar = self.console.sending(self.what.clone(), size);
        self.bar = Some(bar.clone());
        Box::new(move |sent| {
            bar.set_position(sent);
            if sent >= size {
                Console::sent(&bar);
            }
        })
    }

    fn ends(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn repeats(&mut self, error: &ClientError) {
        self.console.message(&format!("{error} Trying again."));
    }
}
