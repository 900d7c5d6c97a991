//! Writes in plain SQL, one row each: how soon the database itself takes a commit again.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};

use crate::report::World;

/// How long a commit may take before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(20);
const READ_ONLY: SqlState = SqlState::READ_ONLY_SQL_TRANSACTION;

/// Tries every node all the time, so that nobody has to find the primary: the gap between two
/// commits on any node is that of the database.
pub(crate) fn write_on_every_node(world: &Arc<World>) {
    let url = std::env::var("ROSTER_DATABASE").unwrap();
    let all: Config = url.parse().unwrap();
    for (host, port) in all.get_hosts().iter().zip(all.get_ports()) {
        let Host::Tcp(host) = host else {
            panic!("{host:?} is no address")
        };
        let mut node = Config::new();
        node.host(host)
            .port(*port)
            .user(all.get_user().unwrap())
            .password(all.get_password().unwrap())
            .dbname(all.get_dbname().unwrap());
        tokio::spawn(write(node, Arc::clone(world)));
    }
}

async fn write(node: Config, world: Arc<World>) {
    loop {
        if let Ok(Ok((client, connection))) = timeout(PATIENCE, node.connect(NoTls)).await {
            let connection = tokio::spawn(connection);
            let insert = || client.batch_execute("INSERT INTO plain DEFAULT VALUES");
            while let Ok(result) = timeout(PATIENCE, insert()).await {
                match result {
                    Ok(()) => world.plain.success(),
                    // A standby, which may be promoted.
                    Err(refused) if refused.code() == Some(&READ_ONLY) => {}
                    Err(_) => break,
                }
                sleep(PAUSE).await;
            }
            // A commit that waits must not keep it open.
            connection.abort();
        }
        sleep(PAUSE).await;
    }
}
