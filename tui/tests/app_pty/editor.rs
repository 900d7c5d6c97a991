//! Records as text in somebody's own editor, which has the terminal to itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use portable_pty::CommandBuilder;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::processes::Process;
use crate::records::title_of;
use crate::terminal::{PROGRAM, Terminal, command};
use crate::{ENTER, Office, RIGHT};

/// A program that puts `Foreman` in the place of `Engineer` in the file that it is given.
const FOREMAN: &str = "sed -i s/Engineer/Foreman/";

/// A person with an editor, and the folder of what it edits.
struct Writer {
    terminal: Terminal,
    folder: TempDir,
}

impl Writer {
    /// The application with all three people marked, and their text opened in the editor.
    fn begins(office: &Office, editor: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(PROGRAM);
        command.env("XDG_RUNTIME_DIR", folder.path());
        Self::begins_with(command, folder, office, editor)
    }

    fn begins_with(
        mut command: CommandBuilder,
        folder: TempDir,
        office: &Office,
        editor: &str,
    ) -> Self {
        command.env("VISUAL", editor);
        let mut terminal = Terminal::run(command, &office.server.url, office.home.path());
        terminal
            .sees("Castro, Maya")
            .types("*")
            .sees("3 marked")
            .types("E");
        Self { terminal, folder }
    }

    /// The files of text that are kept.
    fn kept(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|file| file.unwrap().path());
        files
            .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_marked_records_are_changed_in_an_editor() {
    let office = Office::open().await;
    office.signed_in();
    let mut writer = Writer::begins(&office, FOREMAN);
    writer.terminal.sees("Title: Engineer → Foreman");
    let [kept] = &writer.kept()[..] else {
        panic!("the text is kept until it is done")
    };
    assert_eq!(
        kept.metadata().unwrap().permissions().mode() & 0o777,
        0o600,
        "and nobody else can read it"
    );
    let terminal = &mut writer.terminal;
    terminal
        .types(RIGHT)
        .sees("> Change 3 people")
        .types(ENTER)
        .sees("3 changed.")
        .types(ENTER)
        .sees("3 people");
    assert_eq!(
        [title_of(&office, 1).await, title_of(&office, 3).await],
        ["Foreman", "Foreman"]
    );
    terminal.types("q");
    assert_eq!(terminal.ends(), 0);
    terminal.is_as_it_was();
    assert!(writer.kept().is_empty(), "{:?}", writer.kept());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_folder_does_not_put_the_text_into_the_current_one() {
    let office = Office::open().await;
    office.signed_in();
    let here = tempfile::tempdir().unwrap();
    for runtime in ["", "."] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(PROGRAM);
        command.cwd(here.path());
        command.env("XDG_RUNTIME_DIR", runtime);
        command.env("TMPDIR", folder.path());
        let mut writer = Writer::begins_with(command, folder, &office, FOREMAN);
        writer.terminal.sees("Title: Engineer → Foreman");
        assert_eq!(writer.kept().len(), 1, "it is among what is temporary");
        assert_eq!(fs::read_dir(here.path()).unwrap().count(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_ends_with_the_program_and_its_text_stays() {
    let office = Office::open().await;
    office.signed_in();
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let editor = r#"sh -c 'echo words >>"$1"; echo $$ >"$XDG_RUNTIME_DIR/pid"; echo editing; exec sleep 1000' sh"#;
        let mut writer = Writer::begins(&office, editor);
        writer.terminal.sees("editing").signals(signal);
        assert_eq!(writer.terminal.ends(), code);
        writer.terminal.is_as_it_was();
        let pid = fs::read_to_string(writer.folder.path().join("pid")).unwrap();
        if let Some(editor) = Process::of(pid.trim().parse().unwrap()) {
            editor.ends();
        }
        let [kept] = &writer.kept()[..] else {
            panic!("the text is gone")
        };
        assert!(fs::read_to_string(kept).unwrap().ends_with("words\n"));
        writer
            .terminal
            .sees("Your text is saved in")
            .sees(kept.file_name().unwrap().to_str().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shell_gets_the_terminal_from_the_editor_too() {
    let office = Office::open().await;
    office.signed_in().types("q").ends();
    let mut shell = Terminal::start_shell(&office.server.url, office.home.path());
    shell.types(
        r#"VISUAL="sh -c 'echo editing; kill -TSTP 0; sed -i s/Engineer/Foreman/ \$1' sh" $ROSTER"#,
    );
    shell
        .types(ENTER)
        .sees("Castro, Maya")
        .types("*")
        .sees("3 marked")
        .types("E")
        .sees("editing")
        .sees("Stopped");
    shell
        .types("fg; echo left with $?\r")
        .sees("Title: Engineer → Foreman")
        .types(RIGHT)
        .sees("> Change 3 people");
    shell
        .types(ENTER)
        .sees("3 changed.")
        .types(ENTER)
        .sees_no("3 changed.")
        .types("q")
        .sees("left with 0");
    assert_eq!(title_of(&office, 1).await, "Foreman");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_is_the_editors_own() {
    let office = Office::open().await;
    office.signed_in();
    // As Ctrl-C does: it is for all that the terminal runs.
    let mut writer = Writer::begins(
        &office,
        r#"sh -c 'trap "" INT; kill -INT 0; sed -i s/Engineer/Foreman/ "$1"' sh"#,
    );
    writer
        .terminal
        .sees("Title: Engineer → Foreman")
        .types("\x1b")
        .sees_no("Foreman");
    writer.terminal.types("q");
    assert_eq!(writer.terminal.ends(), 0);
    writer.terminal.is_as_it_was();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_that_is_not_there_is_named_and_leaves_no_file() {
    let office = Office::open().await;
    office.signed_in();
    let mut writer = Writer::begins(&office, "$XDG_RUNTIME_DIR/absent -w");
    writer
        .terminal
        .sees("Editor $XDG_RUNTIME_DIR/absent -w not found")
        .types("q");
    assert_eq!(writer.terminal.ends(), 0);
    assert!(writer.kept().is_empty(), "{:?}", writer.kept());
}

#[tokio::test(flavor = "multi_thread")]
async fn quitting_shows_where_the_text_is() {
    let office = Office::open().await;
    office.signed_in();
    let mut writer = Writer::begins(&office, "sed -i s/Castro//");
    writer.terminal.sees("Press E to reopen it.").types("q");
    assert_eq!(writer.terminal.ends(), 0);
    let [kept] = &writer.kept()[..] else {
        panic!("the text is gone")
    };
    writer
        .terminal
        .sees("Your text is saved in")
        .sees(kept.file_name().unwrap().to_str().unwrap());
}
