//! What a failure of redb means for the writes of a group.

use crate::store::StoreError;
use crate::store::replica::Fault;

impl From<redb::Error> for Fault {
    fn from(error: redb::Error) -> Self {
        Self::Database(match error {
            redb::Error::Corrupted(why) => StoreError::Unreadable(why),
            error => StoreError::Unwritable(error.to_string()),
        })
    }
}

macro_rules! faults_of_redb {
    ($($error:ident)*) => {
        $(impl From<redb::$error> for Fault {
            fn from(error: redb::$error) -> Self {
                redb::Error::from(error).into()
            }
        })*
    };
}

faults_of_redb! { StorageError TableError TransactionError CommitError DatabaseError }
