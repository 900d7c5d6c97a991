//! The password prompt of `rosterd user add`.

use std::io::Read;
use std::sync::mpsc;

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::program::{Folder, PATIENCE};

/// All modes of a terminal.
fn modes(pty: &dyn MasterPty) -> String {
    format!("{:?}", pty.get_termios().unwrap())
}

#[test]
fn an_interrupted_password_prompt_leaves_the_terminal_as_it_was() {
    let folder = Folder::new();
    let pty = native_pty_system().openpty(PtySize::default()).unwrap();
    let before = modes(&*pty.master);
    let command = folder.rosterd(&["user", "add", "ada", "--role", "admin"]);
    let mut builder = CommandBuilder::new(command.get_program());
    // Otherwise it starts in a home that may be someone else's.
    builder.cwd(std::env::current_dir().unwrap());
    builder.args(command.get_args());
    builder.cwd(folder.path());
    let mut child = pty.slave.spawn_command(builder).unwrap();
    drop(pty.slave);
    let mut output = pty.master.try_clone_reader().unwrap();
    let (sender, shown) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 256];
        while let Ok(length @ 1..) = output.read(&mut bytes) {
            let _ = sender.send(String::from_utf8_lossy(&bytes[..length]).into_owned());
        }
    });
    let mut text = String::new();
    while !text.ends_with("bytes): ") {
        text += &shown.recv_timeout(PATIENCE).unwrap();
    }
    while modes(&*pty.master) == before {
        std::thread::yield_now();
    }

    let mut keyboard = pty.master.take_writer().unwrap();
    keyboard.write_all(b"\x03").unwrap();

    let status = child.wait().unwrap();
    assert!(status.signal().is_some(), "{status:?}");
    assert_eq!(modes(&*pty.master), before);
}
