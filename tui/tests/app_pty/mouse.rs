//! The mouse is the terminal's, unless somebody gives it to the application; and then it is given
//! back.

use portable_pty::CommandBuilder;
use vt100::MouseProtocolMode;

use crate::terminal::{PROGRAM, Terminal, command};
use crate::{CTRL_Z, Office};

/// The program with the mouse, as it is asked for on its command line.
pub(crate) fn with_mouse() -> CommandBuilder {
    let mut program = command(PROGRAM);
    program.arg("--mouse");
    program
}

/// What a terminal sends for a press of the first button in a cell, counted from one, and for a
/// turn of the wheel.
fn press(column: u16, row: u16) -> String {
    format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")
}

impl Terminal {
    pub(crate) fn has_its_mouse(&mut self) -> &mut Self {
        self.waits_for("no mouse asked for", |screen| {
            screen.mouse_protocol_mode() == MouseProtocolMode::None
        })
    }

    pub(crate) fn reports_the_mouse(&mut self) -> &mut Self {
        self.waits_for("presses and the wheel", |screen| {
            screen.mouse_protocol_mode() == MouseProtocolMode::PressRelease
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn presses_and_the_wheel_move_and_sort() {
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    let mut terminal = Terminal::run(with_mouse(), &office.server.url, office.home.path());
    terminal
        .sees("Castro, Maya")
        .reports_the_mouse()
        .sees("row 1");
    terminal
        .types(&press(5, 4))
        .sees("row 2")
        .types("\x1b[<65;5;10M")
        .sees("row 3")
        .types("\x1b[<64;5;10M")
        .sees("row 1");
    terminal
        .types(&press(5, 2))
        .sees("Name ↑")
        .types(&press(5, 2))
        .sees("Name ↓");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_programs_have_their_mouse_meanwhile() {
    let office = Office::open().await;
    office.is_configured("mouse = true");
    let mut shell = Terminal::start_shell(&office.server.url, office.home.path());
    office.signed_in().types("q").ends();
    shell
        .types("VISUAL='sh -c \"printf edit-; echo ing; read line\"' $ROSTER\r")
        .sees("Castro, Maya")
        .reports_the_mouse();
    shell.types(CTRL_Z).sees("Stopped").has_its_mouse();
    shell.types("fg\r").sees("Castro, Maya").reports_the_mouse();
    shell.types("E").sees("edit-ing").has_its_mouse();
    shell.types("\r").sees("Castro, Maya").reports_the_mouse();
    shell.types("q").has_its_mouse();
}
