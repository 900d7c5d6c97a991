//! Reads the terminal without blocking the loop.

use std::collections::VecDeque;
use std::io::{self, Stdin};
use std::os::unix::net::UnixStream;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, sleep_until};

use super::decoder::{Decoder, Pending};
use crate::event::Event;

/// How long an Esc waits for the rest of a sequence before it is a key. A terminal sends a sequence
/// at once, but a network may split it.
const KEY_WAIT: Duration = Duration::from_millis(25);

/// How long the beginning of a sequence waits for its end.
const SEQUENCE_WAIT: Duration = Duration::from_secs(1);

/// How many bytes are read at a time.
const CHUNK: usize = 4096;

/// The input of the terminal. Dropping it leaves the terminal to other programs.
pub(in crate::runtime) struct TerminalInput {
    reader: Reader,
    decoder: Decoder,
    events: VecDeque<Event>,
    /// When the bytes left over in the decoder are settled.
    settles_at: Option<Instant>,
}

impl TerminalInput {
    /// Starts reading standard input.
    pub(in crate::runtime) fn new() -> io::Result<Self> {
        Ok(Self {
            reader: Reader::start()?,
            decoder: Decoder::default(),
            events: VecDeque::new(),
            settles_at: None,
        })
    }

    /// The next event. Dropping the future loses nothing.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(in crate::runtime) async fn next(&mut self) -> io::Result<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            let settles_at = self.settles_at;
            tokio::select! {
                biased;
                bytes = self.reader.next() => self.decode(&bytes?),
                () = wait_until(settles_at) => self.settle(),
            }
        }
    }

    fn decode(&mut self, bytes: &[u8]) {
        let mut events = Vec::new();
        self.decoder.read(bytes, &mut events);
        self.events.extend(events);
        self.settles_at = match self.decoder.pending() {
            Pending::Nothing | Pending::Text => None,
            Pending::Key => Some(Instant::now() + KEY_WAIT),
            Pending::Sequence => Some(Instant::now() + SEQUENCE_WAIT),
        };
    }

    fn settle(&mut self) {
        self.settles_at = None;
        let mut events = Vec::new();
        self.decoder.settle(&mut events);
        self.events.extend(events);
    }
}

async fn wait_until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Drops what has arrived and was not read yet: it was meant for another program.
pub(in crate::runtime) fn discard_waiting() -> io::Result<()> {
    let (stdin, mut bytes) = (io::stdin(), [0; CHUNK]);
    let mut tty = [PollFd::new(&stdin, PollFlags::IN)];
    while retry_on_intr(|| poll(&mut tty, Some(&Timespec::default())))? > 0 {
        if read(&stdin, &mut bytes)? == 0 {
            break;
        }
    }
    Ok(())
}

/// A thread that reads the terminal, which stays in blocking mode, since other programs share it.
struct Reader {
    bytes: UnboundedReceiver<io::Result<Vec<u8>>>,
    /// Closing it ends the thread.
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    fn start() -> io::Result<Self> {
        let (stop, stopped) = UnixStream::pair()?;
        let (sender, bytes) = mpsc::unbounded_channel();
        let thread = thread::spawn(move || read_until(&stopped, &sender));
        Ok(Self {
            bytes,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The next bytes. Dropping the future loses nothing.
    async fn next(&mut self) -> io::Result<Vec<u8>> {
        match self.bytes.recv().await {
            Some(bytes) => bytes,
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl Drop for Reader {
    /// Waits for the thread, so that it reads nothing that is meant for the next program.
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It cannot have panicked in a way that matters now.
            let _ = thread.join();
        }
    }
}

/// Sends what the terminal sends, until `stopped` or until the terminal is gone.
fn read_until(stopped: &UnixStream, sender: &UnboundedSender<io::Result<Vec<u8>>>) {
    let stdin = io::stdin();
    loop {
        let received = receive(&stdin, stopped).transpose();
        let Some(received) = received else { return };
        let is_last = received.is_err();
        if sender.send(received).is_err() || is_last {
            return;
        }
    }
}

/// Waits for bytes; `None` once it was stopped.
fn receive(stdin: &Stdin, stopped: &UnixStream) -> io::Result<Option<Vec<u8>>> {
    let mut ready = [
        PollFd::new(stopped, PollFlags::IN),
        PollFd::new(stdin, PollFlags::IN),
    ];
    retry_on_intr(|| poll(&mut ready, None))?;
    // Checked first: once reading has stopped, the bytes belong to the editor.
    if !ready[0].revents().is_empty() {
        return Ok(None);
    }
    let mut bytes = vec![0; CHUNK];
    match read(stdin, &mut bytes)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        count => {
            bytes.truncate(count);
            Ok(Some(bytes))
        }
    }
}

fn read(tty: &Stdin, bytes: &mut [u8]) -> io::Result<usize> {
    Ok(retry_on_intr(|| rustix::io::read(tty, &mut *bytes))?)
}
