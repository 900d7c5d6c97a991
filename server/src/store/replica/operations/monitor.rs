//! Events, readiness and figures.

use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use jiff::SignedDuration;

use crate::rules::writes::{Write, Writes};
use crate::store::replica::{Database, Needs, Replica};
use crate::store::{EventNumber, NumberedEvent, Result, StoreFigures, StoreMonitor};

#[async_trait]
impl<D: Database> StoreMonitor for Replica<D> {
    async fn events(
        &self,
        after: Option<EventNumber>,
    ) -> Result<BoxStream<'static, Result<Vec<NumberedEvent>>>> {
        Ok(self.view.events.follow(after))
    }

    async fn figures(&self) -> Result<StoreFigures> {
        let audit = self.read(|| self.database.audit_counts()).await?;
        let projection = &self.view.projection;
        Ok(StoreFigures {
            employees: projection.directory().len() as u64,
            sessions: projection.accounts().sessions() as u64,
            audit,
            writes_per_commit: Arc::clone(&self.view.writes_per_commit),
        })
    }

    fn servers(&self) -> NonZeroU32 {
        self.database.servers()
    }

    fn clock_skew(&self) -> Option<SignedDuration> {
        self.database.clock_skew()
    }

    async fn probe(&self) -> Result<()> {
        self.write(Needs::default(), |_| {
            let mut writes = Writes::default();
            writes.push(Write::Touch);
            Ok(writes.decide(()))
        })
        .await
    }
}
