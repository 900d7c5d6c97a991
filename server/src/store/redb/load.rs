//! Loads the projection from the file.

use redb::{Database, Range, ReadableDatabase, ReadableTable};
use roster_common::Username;
use roster_common::employee::{Employee, EmployeeId};

use super::tables;
use crate::rules::session::Session;
use crate::store::Account;
use crate::store::directory::{Block, Directory};
use crate::store::replica::{Accounts, Fault};
use crate::store::rows::{BadRow, StoredRow, values_of_row};

/// Reads the newest committed state. `version` is for the directory, see [`Directory::version`].
pub(super) fn load(database: &Database, version: u64) -> Result<(Accounts, Directory), Fault> {
    Ok((load_accounts(database)?, load_directory(database, version)?))
}

fn load_accounts(database: &Database) -> Result<Accounts, Fault> {
    let mut accounts = Accounts::default();
    let transaction = database.begin_read()?;
    for row in transaction.open_table(tables::ACCOUNTS)?.iter()? {
        let (name, row) = row?;
        let name: Username = name
            .value()
            .parse()
            .map_err(|e| BadRow::new(Account::TABLE, e))?;
        accounts.put_account(Account::from_row(name, row.value())?);
    }
    for row in transaction.open_table(tables::SESSIONS)?.iter()? {
        let (id, row) = row?;
        accounts.put_session(&Session::from_row(id.value(), row.value())?);
    }
    Ok(accounts)
}

fn load_directory(database: &Database, version: u64) -> Result<Directory, Fault> {
    let table = database.begin_read()?.open_table(tables::EMPLOYEES)?;
    let mut rows = table.iter()?;
    let blocks = std::iter::from_fn(|| next_block(&mut rows).transpose());
    Directory::load(version, blocks, |id, row| Ok(values_of_row(id, row)?))
}

fn next_block(rows: &mut Range<'_, u64, &[u8]>) -> Result<Option<Block>, Fault> {
    let mut block = Block::default();
    while !block.is_full()
        && let Some(row) = rows.next()
    {
        let (id, row) = row?;
        let id = EmployeeId::try_from(id.value()).map_err(|e| BadRow::new(Employee::TABLE, e))?;
        block.push(id, row.value());
    }
    Ok(Some(block).filter(|block| !block.is_empty()))
}
