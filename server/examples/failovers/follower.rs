//! Somebody who follows the events, and continues on whichever server answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Response;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::client::Client;
use crate::report::{Harm, World};

#[derive(Debug, Default)]
pub(crate) struct Follower {
    begun: Notify,
    /// How often each last name was created.
    seen: Mutex<BTreeMap<String, u64>>,
}

impl Follower {
    pub(crate) async fn has_begun(&self) {
        self.begun.notified().await;
    }

    /// Follows for as long as the program runs.
    pub(crate) async fn follow(self: Arc<Self>, mut client: Client) {
        let mut session = client.sign_in().await;
        let mut last: Option<String> = None;
        loop {
            client.refresh(&mut session).await;
            let url = client.url("/events");
            let mut request = client.http.get(url).bearer_auth(&session.access);
            if let Some(last) = &last {
                request = request.header("last-event-id", last);
            }
            if let Ok(stream) = request.send().await
                && stream.status() == 200
            {
                self.read(stream, &mut last, &client.world).await;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Reads a stream to its end.
    async fn read(&self, mut stream: Response, last: &mut Option<String>, world: &World) {
        let mut text = Vec::new();
        while let Ok(Some(chunk)) = stream.chunk().await {
            text.extend_from_slice(&chunk);
            while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<_> = text.drain(..end + 2).collect();
                self.take(str::from_utf8(&block).unwrap(), last, world);
            }
        }
    }

    fn take(&self, block: &str, last: &mut Option<String>, world: &World) {
        let field = |name| block.lines().find_map(|line| line.strip_prefix(name));
        let Some(event) = field("event: ") else {
            return;
        };
        if let Some(id) = field("id: ") {
            *last = Some(id.to_owned());
        }
        match event {
            // Before the first event, each server knows only what came after its own start.
            "reset" if self.seen.lock().unwrap().is_empty() => self.begun.notify_one(),
            "reset" => world.harm(Harm::EventLost, "a reset"),
            "created" => {
                let data: Value = serde_json::from_str(field("data: ").unwrap()).unwrap();
                let name = data["record"]["lastname"].as_str().unwrap().to_owned();
                *self.seen.lock().unwrap().entry(name).or_default() += 1;
            }
            _ => {}
        }
    }

    /// Waits until it has got every created employee.
    pub(crate) async fn catches_up(&self, world: &World) {
        while self.seen.lock().unwrap().len() < world.created.lock().unwrap().len() {
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Compares what it got with what was acknowledged.
    pub(crate) fn compare(&self, world: &World) {
        let seen = self.seen.lock().unwrap();
        for name in world.created.lock().unwrap().keys() {
            match seen.get(name) {
                Some(1) => {}
                Some(_) => world.harm(Harm::EventTwice, name),
                None => world.harm(Harm::EventLost, name),
            }
        }
    }
}
