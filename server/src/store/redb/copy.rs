//! Copies one committed state into another file.

use ::redb::{
    Database, Key, ReadTransaction, ReadableTable, TableDefinition, TableError, Value,
    WriteTransaction,
};

use super::{tables, writer};
use crate::rules::audit::AuditKind;
use crate::store::replica::Fault;

/// Copies all tables into an empty database, in one durable transaction. Rows keep their bytes.
pub(super) fn copy(from: &ReadTransaction, to: &Database) -> Result<(), Fault> {
    let transaction = writer::begin(to)?;
    // The tables have different types, so a loop over them is not possible.
    copy_table(from, &transaction, tables::META)?;
    copy_table(from, &transaction, tables::ACCOUNTS)?;
    copy_table(from, &transaction, tables::SESSIONS)?;
    copy_table(from, &transaction, tables::SESSION_AGES)?;
    copy_table(from, &transaction, tables::USER_SESSIONS)?;
    copy_table(from, &transaction, tables::EMPLOYEES)?;
    copy_table(from, &transaction, tables::NUMBERS)?;
    copy_table(from, &transaction, tables::REQUESTS)?;
    copy_table(from, &transaction, tables::REQUEST_AGES)?;
    copy_table(from, &transaction, tables::HISTORY)?;
    copy_table(from, &transaction, tables::RUNS)?;
    copy_table(from, &transaction, tables::RUN_SLICES)?;
    copy_table(from, &transaction, tables::RUN_REPORTS)?;
    copy_table(from, &transaction, tables::AUDIT)?;
    for kind in AuditKind::ALL {
        copy_table(from, &transaction, tables::audit_kind(kind))?;
    }
    Ok(transaction.commit()?)
}

/// Copies one table. One that an older format lacks stays absent.
fn copy_table<K: Key + 'static, V: Value + 'static>(
    from: &ReadTransaction,
    to: &WriteTransaction,
    table: TableDefinition<'_, K, V>,
) -> Result<(), Fault> {
    let source = match from.open_table(table) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(()),
        source => source?,
    };
    let mut target = to.open_table(table)?;
    for row in source.iter()? {
        let (key, value) = row?;
        target.insert(key.value(), value.value())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ::redb::backends::InMemoryBackend;
    use ::redb::{ReadableDatabase, TableHandle};

    use super::*;
    use crate::store::redb::transaction::Tables;

    fn table_names(database: &Database) -> BTreeSet<String> {
        let transaction = database.begin_read().unwrap();
        let tables = transaction.list_tables().unwrap();
        tables.map(|table| table.name().to_owned()).collect()
    }

    #[test]
    fn every_table_is_copied() {
        let [from, to] = [(); 2].map(|()| {
            let backend = InMemoryBackend::new();
            Database::builder().create_with_backend(backend).unwrap()
        });
        let transaction = from.begin_write().unwrap();
        drop(Tables::open(&transaction).unwrap());
        transaction.commit().unwrap();
        copy(&from.begin_read().unwrap(), &to).unwrap();
        let names = table_names(&from);
        assert!(names.contains("meta"));
        assert_eq!(table_names(&to), names);
    }
}
