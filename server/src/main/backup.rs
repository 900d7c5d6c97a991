//! `rosterd backup`, `check` and `restore`.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write, stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use roster_server::app::operator;
use roster_server::clock::{Clock, System};
use roster_server::serve::AdminCommand;
use roster_server::store::Report;
use roster_server::store::postgres::check_database;
use roster_server::store::redb::{
    BackupError, Current, OpenError, PreparedRestore, backup_file, check_file,
};

use super::admin::send;
use super::data::{Data, Postgres, in_use};
use super::output::{print, print_line, tell};

/// The exit code of `check` for a database that is damaged or contradicts itself.
const UNSOUND: u8 = 3;

#[derive(Args)]
pub(crate) struct Backup {
    /// File to write; an older backup of that name is replaced
    file: PathBuf,
    #[command(flatten)]
    data: Data,
}

#[derive(Args)]
pub(crate) struct Check {
    /// Database file or backup; it is not changed
    file: Option<PathBuf>,
    #[command(flatten)]
    postgres: Postgres,
}

#[derive(Args)]
pub(crate) struct Restore {
    /// Backup to restore
    file: PathBuf,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    data: Data,
}

impl Backup {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let database = self.data.file()?;
        let command = AdminCommand::Backup(std::path::absolute(&self.file)?);
        let report = match send(database, &command)? {
            Some(report) => serde_json::from_str(&report)?,
            None => backup_file(database, &self.file).map_err(explain)?,
        };
        print_line(format_args!(
            "backed up {} to {}",
            contents(&report),
            self.file.display()
        ))
    }
}

impl Check {
    /// Succeeds if the file is sound, exits with [`UNSOUND`] if it is not, and fails if it cannot
    /// be checked.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let Some(file) = &self.file else {
            let Some(address) = self.postgres.address()? else {
                bail!("name a database file, or a database with --database");
            };
            return tell_report("the database", &check_database(&address).await?);
        };
        let report = match check_file(file) {
            Ok(report) => report,
            // A file that is no longer a database is unsound, too. Other errors say nothing about
            // it.
            Err(error @ (OpenError::Damaged { .. } | OpenError::Empty(_))) => {
                tell(error);
                return Ok(UNSOUND.into());
            }
            Err(error @ OpenError::Locked(_)) => {
                bail!("{error}. `rosterd backup` checks what it writes, also while it serves.")
            }
            Err(error) => return Err(error.into()),
        };
        tell_report(&file.display().to_string(), &report)
    }
}

/// Says what is wrong with a database, or that nothing is.
fn tell_report(database: &str, report: &Report) -> anyhow::Result<ExitCode> {
    for problem in &report.described {
        print_line(problem)?;
    }
    if report.is_sound() {
        print_line(format_args!("{database} is sound: {}", contents(report)))?;
        return Ok(ExitCode::SUCCESS);
    }
    let problems = counted(report.problems, "problem");
    tell(format_args!("{database} has {problems}"));
    Ok(UNSOUND.into())
}

impl Restore {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let target = self.data.file()?;
        let restore = PreparedRestore::new(&self.file, target).map_err(explain)?;
        print_line(format_args!(
            "The backup has {}.",
            contents(restore.report())
        ))?;
        // Shown before the question, so that it is clear what would be lost.
        match restore.current() {
            Current::Missing => print_line("There is no database to replace.")?,
            Current::Unreadable(why) => print_line(format_args!(
                "{} cannot be read: {why}. Changes since the backup are lost.",
                target.display()
            ))?,
            Current::Readable { report, lost } => print_line(format_args!(
                "{} has {}. {}",
                target.display(),
                contents(report),
                losses(lost)
            ))?,
        }
        if !self.yes && !confirmed()? {
            bail!("nothing was restored");
        }
        let restored = restore.run(operator::attribution(System.now())?)?;
        print_line(format_args!(
            "restored {}; everyone must sign in again",
            contents(&restored.report)
        ))?;
        // The backup still had these people, whom the newer database had forgotten.
        if !restored.forgotten.is_empty() {
            let people = counted(restored.forgotten.len() as u64, "employee");
            let ids: Vec<_> = restored
                .forgotten
                .iter()
                .map(|id| format!("#{id}"))
                .collect();
            print_line(format_args!(
                "forgot {people} again, forgotten since the backup: {}",
                ids.join(", ")
            ))?;
        }
        if let Some(kept) = restored.kept {
            print_line(format_args!(
                "the database before is kept in {}",
                kept.display()
            ))?;
        }
        Ok(())
    }
}

fn explain(error: BackupError) -> anyhow::Error {
    match error {
        BackupError::Open(error) => in_use(error),
        error => error.into(),
    }
}

/// What is in a database, and as of when.
fn contents(report: &Report) -> String {
    let Report {
        employees,
        accounts,
        newest,
        ..
    } = report;
    let employees = counted(*employees, "employee");
    let accounts = counted(*accounts, "account");
    let contents = format!("{employees} and {accounts}");
    match newest {
        Some((_, at)) => format!("{contents} as of {at}"),
        None => contents,
    }
}

/// A number with its noun, for example `1 account`.
fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn losses(lost: &BTreeMap<String, u64>) -> String {
    if lost.is_empty() {
        return "Nothing in its audit came after the backup.".into();
    }
    let lost: Vec<_> = lost
        .iter()
        .map(|(action, count)| format!("{count} × {action}"))
        .collect();
    format!("Lost since the backup: {}.", lost.join(", "))
}

/// Asks whether to go on.
fn confirmed() -> anyhow::Result<bool> {
    if !stdin().is_terminal() {
        bail!("cannot ask without a terminal; pass --yes to restore");
    }
    print("Restore? [y/N] ")?;
    stdout().flush()?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
