//! The open connections: how many there may be, and which of them goes when there are too many.
//!
//! A connection is counted with its [`network`](crate::rules::throttle::network), or as one of a
//! proxy, which carries requests of many clients. Event streams have a limit of their own, in the
//! HTTP layer, and are not counted here.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::connection_timer::ConnectionTimer;
use crate::http::ConnectionUse;

/// How many connections without a session a network may have before they are a crowd.
const NEWCOMERS: usize = 16;
/// How long a connection without a session may wait before it counts as silent.
const SILENT_AFTER: Duration = Duration::from_secs(1);
/// How often the log says that connections are dropped.
const WARN_INTERVAL: Duration = Duration::from_secs(60);

/// How many connections there may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// In total.
    pub(super) total: usize,
    /// From one network. It does not apply to proxies.
    pub(super) per_network: usize,
}

impl Limits {
    pub(super) const DEFAULT: Self = Self {
        total: 4096,
        per_network: 2048,
    };
}

/// The open connections of a listener.
#[derive(Clone)]
pub(super) struct Connections {
    limits: Limits,
    table: Arc<Mutex<Table>>,
}

impl Connections {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            table: Arc::default(),
        }
    }

    /// Admits a new connection, if need be in place of another. Returns `None` if no other can be
    /// dropped.
    pub(super) fn admit(&self, network: Option<IpAddr>) -> Option<ConnectionSlot> {
        let mut table = self.lock();
        let own = table.networks.get(&network);
        if network.is_some() && is_full(own, self.limits.per_network) {
            table.drop_one(|other| *other == network)?;
        }
        if is_full(table.networks.values(), self.limits.total) {
            table.drop_one(|_| true)?;
        }
        let connection = Arc::new(Connection::default());
        if network.is_none() {
            // Some of a proxy's clients are signed in, and it should not lose their connections.
            connection.usage.sign_in();
        }
        let own = table.networks.entry(network).or_default();
        own.push(Arc::clone(&connection));
        Some(ConnectionSlot {
            connections: self.clone(),
            network,
            connection,
        })
    }

    /// Drops the connection that is needed least. Returns `false` if all are needed.
    pub(super) fn drop_one(&self) -> bool {
        self.lock().drop_one(|_| true).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns `true` if these networks have as many connections as the limit allows.
fn is_full<'a>(
    networks: impl IntoIterator<Item = &'a Vec<Arc<Connection>>> + Clone,
    limit: usize,
) -> bool {
    let all: usize = networks.clone().into_iter().map(Vec::len).sum();
    // Looking at each connection takes longer, and is seldom necessary.
    let counted = || {
        let connections = networks.into_iter().flatten();
        connections.filter(|each| !each.usage.is_stream()).count()
    };
    all >= limit && counted() >= limit
}

#[derive(Default)]
struct Table {
    /// The connections of each network; `None` are those of proxies.
    networks: HashMap<Option<IpAddr>, Vec<Arc<Connection>>>,
    /// When the log last said that connections are dropped.
    warned: Option<Instant>,
}

impl Table {
    /// Drops the connection that is needed least, out of the networks that `is_eligible` selects.
    /// Returns `None` if all are needed.
    fn drop_one(&mut self, is_eligible: impl Fn(&Option<IpAddr>) -> bool) -> Option<()> {
        let now = Instant::now();
        self.warn(now);
        let eligible = self.networks.iter();
        let eligible = eligible.filter(|(network, _)| is_eligible(network));
        // Ranks change while time passes, so they are computed only when a connection has to go.
        let ranks = eligible.flat_map(|(network, connections)| {
            let newcomers = connections.iter().filter(|each| !each.usage.is_signed_in());
            let newcomers = newcomers.count();
            let connections = connections.iter().enumerate();
            connections.filter_map(move |(position, connection)| {
                let rank = connection.rank(newcomers, now)?;
                Some((rank, *network, position))
            })
        });
        let (_, network, position) = ranks.max()?;
        self.networks
            .get_mut(&network)?
            .swap_remove(position)
            .close();
        Some(())
    }

    /// Tells the operator, but does not fill the log during a flood.
    fn warn(&mut self, now: Instant) {
        if self.warned.is_none_or(|last| now - last >= WARN_INTERVAL) {
            self.warned = Some(now);
            tracing::warn!("too many connections: closing those that are needed least");
        }
    }

    fn remove(&mut self, network: Option<IpAddr>, connection: &Arc<Connection>) {
        let Some(connections) = self.networks.get_mut(&network) else {
            return;
        };
        // It is not in the list if it was dropped to make room.
        connections.retain(|other| !Arc::ptr_eq(other, connection));
        if connections.is_empty() {
            self.networks.remove(&network);
        }
    }
}

/// Why a connection can be dropped. The greatest goes first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Dispensable {
    /// It has a session, but is not in use. Its client connects again when it needs to.
    Idle { idle: Duration },
    /// It has no session, and has not asked for anything.
    Silent { newcomers: usize, idle: Duration },
    /// It has no session, and is one of many from its network. Even one that is in use can go,
    /// since a body that arrives slowly keeps it in use.
    Crowd {
        newcomers: usize,
        is_waiting: bool,
        idle: Duration,
    },
}

/// One open connection.
#[derive(Debug, Default)]
struct Connection {
    usage: ConnectionUse,
    timer: ConnectionTimer,
    /// The task that serves it, once started.
    task: OnceLock<AbortHandle>,
}

impl Connection {
    /// Why it can be dropped, if it can. `newcomers` is the number of connections of its network
    /// that have no session.
    fn rank(&self, newcomers: usize, now: Instant) -> Option<Dispensable> {
        let (is_waiting, idle) = (!self.timer.is_working(), self.timer.idle(now));
        if self.usage.is_signed_in() {
            let is_needed = !is_waiting || self.usage.is_stream();
            (!is_needed).then_some(Dispensable::Idle { idle })
        } else if newcomers > NEWCOMERS {
            Some(Dispensable::Crowd {
                newcomers,
                is_waiting,
                idle,
            })
        } else {
            let is_silent = is_waiting && idle >= SILENT_AFTER;
            is_silent.then_some(Dispensable::Silent { newcomers, idle })
        }
    }

    fn close(&self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

/// Counts one connection as open until it is dropped.
pub(super) struct ConnectionSlot {
    connections: Connections,
    network: Option<IpAddr>,
    connection: Arc<Connection>,
}

impl ConnectionSlot {
    /// What the connection is used for.
    pub(super) fn usage(&self) -> ConnectionUse {
        self.connection.usage.clone()
    }

    /// When the connection was in use.
    pub(super) fn timer(&self) -> ConnectionTimer {
        self.connection.timer.clone()
    }

    /// Runs the task that serves the connection. It is aborted when the connection is dropped to
    /// make room.
    pub(super) fn spawn(self, task: impl Future<Output = ()> + Send + 'static) {
        let connection = Arc::clone(&self.connection);
        let task = tokio::spawn(async move {
            let _slot = self;
            task.await;
        });
        // The slot is new, so it has no task yet.
        let _ = connection.task.set(task.abort_handle());
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.connections
            .lock()
            .remove(self.network, &self.connection);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        total: 100,
        per_network: 60,
    };

    fn network(number: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, number]))
    }

    /// Opens this number of connections from a network.
    fn open(connections: &Connections, from: Option<IpAddr>, count: usize) -> Vec<ConnectionSlot> {
        let slots = (0..count).map_while(|_| connections.admit(from));
        slots.collect()
    }

    /// Opens connections on which somebody has signed in.
    fn sign_in(
        connections: &Connections,
        from: Option<IpAddr>,
        count: usize,
    ) -> Vec<ConnectionSlot> {
        let slots = open(connections, from, count);
        slots.iter().for_each(|slot| slot.usage().sign_in());
        slots
    }

    /// How many of these connections have not been dropped.
    fn remaining(slots: &[ConnectionSlot]) -> usize {
        let is_open = |slot: &&ConnectionSlot| {
            let table = slot.connections.lock();
            let mut own = table.networks.get(&slot.network).into_iter().flatten();
            own.any(|other| Arc::ptr_eq(other, &slot.connection))
        };
        slots.iter().filter(is_open).count()
    }

    #[tokio::test(start_paused = true)]
    async fn when_full_the_fullest_network_without_sessions_gives_way_first() {
        let connections = Connections::new(LIMITS);
        let office = sign_in(&connections, network(1), 30);
        let flood = open(&connections, network(2), 40);
        let other_flood = open(&connections, network(3), 30);
        let newcomers = open(&connections, network(4), 14);
        let counts = [&office, &newcomers, &flood, &other_flood].map(|slots| remaining(slots));
        assert_eq!(counts, [30, 14, 28, 28]);
    }

    #[tokio::test(start_paused = true)]
    async fn of_one_network_those_that_wait_longest_give_way_first() {
        let connections = Connections::new(LIMITS);
        let old = open(&connections, network(1), 30);
        tokio::time::advance(Duration::from_secs(1)).await;
        let new = open(&connections, network(1), 30);
        let work: Vec<_> = old[..10]
            .iter()
            .map(|slot| slot.timer().start_work())
            .collect();
        let more = open(&connections, network(1), 20);
        let counts = [&old[..10], &old[10..], &new, &more].map(remaining);
        assert_eq!(counts, [10, 0, 30, 20]);
        drop(work);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_slow_bodies_gives_way_too() {
        let connections = Connections::new(LIMITS);
        let flood = open(&connections, network(1), 50);
        let work: Vec<_> = flood.iter().map(|slot| slot.timer().start_work()).collect();
        let office = sign_in(&connections, network(2), 50);
        let newcomer = connections.admit(network(3));
        assert!(newcomer.is_some());
        assert_eq!((remaining(&flood), remaining(&office)), (49, 50));
        drop(work);
    }

    #[tokio::test(start_paused = true)]
    async fn a_newcomer_has_a_second_and_then_gives_way_before_a_session() {
        let connections = Connections::new(LIMITS);
        let offices = [1, 2].map(|number| sign_in(&connections, network(number), 49));
        let newcomers = [3, 4].map(|number| connections.admit(network(number)).unwrap());
        let next = connections.admit(network(5)).unwrap();
        let in_offices = offices.iter().map(|slots| remaining(slots));
        assert_eq!((in_offices.sum(), remaining(&newcomers)), (97, 2));
        tokio::time::advance(SILENT_AFTER).await;
        let more = open(&connections, network(6), 5);
        assert_eq!((remaining(&newcomers), remaining(&[next])), (0, 0));
        drop(more);
    }

    #[tokio::test(start_paused = true)]
    async fn connections_in_use_and_streams_are_kept() {
        let connections = Connections::new(LIMITS);
        let streams = sign_in(&connections, network(1), 50);
        let guards: Vec<_> = streams.iter().map(|slot| slot.usage().stream()).collect();
        // Streams do not count.
        let office = sign_in(&connections, network(1), 60);
        let work: Vec<_> = office
            .iter()
            .map(|slot| slot.timer().start_work())
            .collect();
        assert!(connections.admit(network(1)).is_none());
        let proxy = open(&connections, None, 40);
        let proxied: Vec<_> = proxy.iter().map(|slot| slot.timer().start_work()).collect();
        assert!(connections.admit(network(2)).is_none());
        assert_eq!(
            [&streams, &office, &proxy].map(|slots| remaining(slots)),
            [50, 60, 40]
        );
        drop((work, proxied));
        assert!(connections.admit(network(2)).is_some());
        drop((guards, streams, office, proxy));
        assert!(connections.lock().networks.is_empty());
    }
}
