//! A session, the processes that share its cookie jar, and a thief; time passes only when a step
//! says so.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use roster_server::rules::session::{Limits, Presented, RefreshRefusal, Session, Verdict};
use uuid::Uuid;

/// How many honest processes share the jar.
pub(crate) const PROCESSES: usize = 3;

/// The longest that an honest request is under way, with a margin to the race period.
const TRANSIT: i64 = 5;

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// A process reads the jar, to refresh with what is in it.
    Read(usize),
    /// Its request reaches the server, which commits and answers.
    Send(usize),
    /// The answer reaches the process, which writes the jar and takes the access token.
    Receive(usize),
    /// The answer is lost.
    Lose(usize),
    /// The process sends a request with its access token.
    Use(usize),
    /// The process dies.
    Kill(usize),
    /// So many seconds pass.
    Wait(i64),
    /// A process renews the session, and is not needed again for six days.
    SixDays,
    /// The server's clock is set, by so many seconds.
    SetClock(i64),
    /// An admin disables the account, or enables it again.
    Disable(bool),
    /// The server dies, and comes back with what was durable.
    Crash,
    /// A thief copies the jar.
    Steal,
    /// The thief refreshes with what it has.
    ThiefRefresh,
    /// The thief sends a request with an access token.
    ThiefUse,
    /// Somebody presents a token of a generation that is not reached: the database was set back.
    Future,
    /// Somebody presents a signed token of the right generation and other bytes: likewise.
    Forge,
}

/// Keeps the session's row: in memory, or in a store.
pub(crate) trait Keeper {
    /// Opens the session.
    fn open(&mut self, session: Session);
    /// Presents a token of an account, which may be disabled, to the rule.
    fn refresh(
        &mut self,
        presented: Presented,
        disabled: bool,
        now: Timestamp,
        jti: Uuid,
    ) -> Verdict;
    /// An access token of that generation is accepted.
    fn confirm(&mut self, generation: u64, now: Timestamp);
    /// The row as it is.
    fn row(&mut self) -> Session;
    /// Dies and comes back.
    fn crash(&mut self) {}
}

/// What a token's bytes are here: its `jti` twice, which the real digest is as unique as.
pub(crate) fn digest(jti: Uuid) -> [u8; 32] {
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(jti.as_bytes());
    digest[16..].copy_from_slice(jti.as_bytes());
    digest
}

/// The rule that a store runs for a refresh, with the digest of the new token.
pub(crate) fn rotation(
    presented: Presented,
    disabled: bool,
    now: Timestamp,
    jti: Uuid,
) -> impl Fn(&mut Session) -> Verdict + Send {
    move |session| {
        let verdict = session.rotate(presented, disabled, now, jti, &Limits::default());
        if verdict == Verdict::Rotated {
            session.digest = digest(jti);
        }
        verdict
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Token {
    generation: u64,
    digest: [u8; 32],
}

/// Where an honest process is in its refresh.
#[derive(Debug, Clone, Copy)]
enum Process {
    Idle,
    /// It has read the jar at that second.
    Holding(Token, i64),
    /// The server has answered.
    Answered(Token),
}

/// The protocol's own words as a model: it remembers all, where the row remembers little.
#[derive(Default)]
struct Model {
    /// When each generation was made.
    made: BTreeMap<u64, Timestamp>,
    /// When each was first seen in use.
    used: BTreeMap<u64, Timestamp>,
    /// The one token of each.
    tokens: BTreeMap<u64, [u8; 32]>,
    latest: Timestamp,
    created: Timestamp,
    ended: bool,
    /// Whether the account is disabled.
    disabled: bool,
}

pub(crate) struct World<K> {
    keeper: K,
    model: Model,
    jar: Token,
    processes: [Process; PROCESSES],
    /// The generation of each process's access token.
    access: [Option<u64>; PROCESSES],
    thief: Option<Token>,
    /// Whether the thief has done anything yet.
    struck: bool,
    seconds: i64,
    clock: i64,
    names: u128,
}

type Broken = String;

impl<K: Keeper> World<K> {
    pub(crate) fn new(mut keeper: K) -> Self {
        let created = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(9000);
        let jti = Uuid::from_u128(1);
        let first = Token {
            generation: 1,
            digest: digest(jti),
        };
        keeper.open(Session {
            id: Uuid::from_u128(7),
            user: "ada".parse().unwrap(),
            created,
            generation: 1,
            issued: created,
            expires: Session::expiry(created, created, &Limits::default()),
            jti,
            kid: "k".into(),
            digest: first.digest,
            seen: None,
            earlier: Vec::new(),
            latest: created,
            ended: None,
            address: "127.0.0.1".into(),
            client: "test".into(),
        });
        let mut model = Model {
            latest: created,
            created,
            ..Model::default()
        };
        model.made.insert(1, created);
        model.tokens.insert(1, first.digest);
        Self {
            keeper,
            model,
            jar: first,
            processes: [Process::Idle; PROCESSES],
            access: [None; PROCESSES],
            thief: None,
            struck: false,
            seconds: created.as_second(),
            clock: 0,
            names: 1,
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.seconds + self.clock).unwrap()
    }

    fn name(&mut self) -> Uuid {
        self.names += 1;
        Uuid::from_u128(self.names)
    }

    pub(crate) fn play(&mut self, step: Step) -> Result<(), Broken> {
        match step {
            Step::Read(p) => {
                if let Process::Idle = self.processes[p] {
                    self.processes[p] = Process::Holding(self.jar, self.seconds);
                }
            }
            Step::Send(p) => self.send(p)?,
            Step::Receive(p) => self.receive(p),
            Step::Lose(p) => {
                if let Process::Answered(_) = self.processes[p] {
                    self.processes[p] = Process::Idle;
                }
            }
            Step::Use(p) => {
                if let Some(generation) = self.access[p] {
                    self.accept(generation)?;
                }
            }
            Step::Kill(p) => (self.processes[p], self.access[p]) = (Process::Idle, None),
            Step::Wait(seconds) => {
                self.deliver_by(self.seconds + seconds)?;
                self.seconds += seconds;
            }
            Step::SixDays => {
                for step in [
                    Step::Read(0),
                    Step::Send(0),
                    Step::Receive(0),
                    Step::Wait(6 * 24 * 3600),
                ] {
                    self.play(step)?;
                }
            }
            Step::SetClock(by) => {
                self.deliver_by(i64::MAX)?;
                self.clock += by;
            }
            Step::Disable(disabled) => self.model.disabled = disabled,
            Step::Crash => {
                let before = self.keeper.row();
                self.keeper.crash();
                same(
                    &before,
                    &self.keeper.row(),
                    "a crash lost what was acknowledged",
                )?;
            }
            Step::Steal => self.thief = Some(self.jar),
            Step::ThiefRefresh => {
                if let Some(token) = self.thief {
                    self.struck = true;
                    self.thief = self.present(token)?.0.or(self.thief);
                }
            }
            Step::ThiefUse => {
                if let (Some(token), true) = (self.thief, self.struck) {
                    self.accept(token.generation)?;
                }
            }
            Step::Future | Step::Forge => {
                let generation =
                    self.keeper.row().generation + u64::from(matches!(step, Step::Future));
                let token = Token {
                    generation,
                    digest: digest(Uuid::from_u128(u128::MAX)),
                };
                self.present(token)?;
            }
        }
        Ok(())
    }

    /// What holds at the end of every case, whatever came before: a token two generations old that
    /// comes back later than the race period ends the session for ever.
    pub(crate) fn close(mut self) -> Result<(), Broken> {
        self.deliver_by(i64::MAX)?;
        self.model.disabled = false;
        let old = Token {
            generation: 0,
            digest: [0; 32],
        };
        let current = self.jar;
        self.present(current)?;
        let behind = self.model.latest.duration_since(self.now()).as_secs();
        self.seconds += behind.max(0) + 11;
        self.present(old)?;
        for token in [current, self.jar] {
            let (answer, verdict) = self.present(token)?;
            if answer.is_some() || !matches!(verdict, Verdict::Refused(_)) {
                return Err(format!(
                    "after a reuse the session still answers {verdict:?}"
                ));
            }
        }
        Ok(())
    }

    /// An honest request that would be under way for too long reaches the server before then.
    fn deliver_by(&mut self, second: i64) -> Result<(), Broken> {
        for p in 0..PROCESSES {
            if matches!(self.processes[p], Process::Holding(_, since) if second > since.saturating_add(TRANSIT))
            {
                self.send(p)?;
            }
        }
        Ok(())
    }

    fn send(&mut self, p: usize) -> Result<(), Broken> {
        let Process::Holding(token, _) = self.processes[p] else {
            return Ok(());
        };
        let within_limits = self.model.within_limits(self.now());
        let (answer, verdict) = self.present(token)?;
        if answer.is_none() && within_limits && !self.struck {
            return Err(format!("an honest client was told {verdict:?}"));
        }
        self.processes[p] = answer.map_or(Process::Idle, Process::Answered);
        Ok(())
    }

    /// The jar is written before the access token is taken, and never with an older generation.
    fn receive(&mut self, p: usize) {
        let Process::Answered(token) = self.processes[p] else {
            return;
        };
        if token.generation > self.jar.generation {
            self.jar = token;
        }
        self.access[p] = Some(token.generation);
        self.processes[p] = Process::Idle;
    }

    fn accept(&mut self, generation: u64) -> Result<(), Broken> {
        let now = self.now();
        self.keeper.confirm(generation, now);
        self.model.accept(generation, now);
        let row = self.keeper.row();
        let used = self.model.used.get(&row.generation).copied();
        if row.ended.is_none() && row.seen != used {
            return Err(format!(
                "the generation was first used {used:?}, the row says {:?}",
                row.seen
            ));
        }
        Ok(())
    }

    /// Presents a token, compares the answer with the model, and gives the token that is answered.
    fn present(&mut self, token: Token) -> Result<(Option<Token>, Verdict), Broken> {
        let (now, jti) = (self.now(), self.name());
        let before = self.keeper.row();
        let expected = self.model.expect(token, now, before.generation);
        let presented = Presented {
            generation: token.generation,
            digest: token.digest,
        };
        let verdict = self
            .keeper
            .refresh(presented, self.model.disabled, now, jti);
        let after = self.keeper.row();
        if verdict != expected {
            return Err(format!(
                "answered {verdict:?}, the protocol says {expected:?}"
            ));
        }
        let answer = Token {
            generation: after.generation,
            digest: after.digest,
        };
        match verdict {
            Verdict::Rotated => {
                if after.generation != before.generation + 1 {
                    return Err(format!(
                        "rotated from {} to {}",
                        before.generation, after.generation
                    ));
                }
                self.model.rotated(answer, now);
            }
            Verdict::Repeated => same(&before, &after, "a repeat changed the row")?,
            Verdict::Refused(RefreshRefusal::Reuse) => self.model.ended = true,
            Verdict::Refused(_) => same(&before, &after, "a refusal changed the row")?,
        }
        if self.model.tokens.get(&after.generation) != Some(&after.digest) {
            return Err("a generation has two tokens".into());
        }
        Ok(match verdict {
            Verdict::Refused(_) => (None, verdict),
            _ => (Some(answer), verdict),
        })
    }
}

fn same(before: &Session, after: &Session, broken: &str) -> Result<(), Broken> {
    if before == after {
        Ok(())
    } else {
        Err(format!("{broken}: {before:?} became {after:?}"))
    }
}

impl Model {
    fn time(&self, now: Timestamp) -> Timestamp {
        now.max(self.latest)
    }

    fn generation(&self) -> u64 {
        self.made.keys().next_back().copied().unwrap_or(0)
    }

    /// Seven days without a refresh, thirty in all.
    fn is_over(&self, now: Timestamp) -> bool {
        let made = self.made[&self.generation()];
        self.time(now)
            >= (made + SignedDuration::from_hours(168))
                .min(self.created + SignedDuration::from_hours(720))
    }

    /// Whether the protocol promises an answer to an honest holder of the token. (What ended the
    /// session before broke no promise, or the case would have stopped there.)
    fn within_limits(&self, now: Timestamp) -> bool {
        !self.disabled && !self.ended && !self.is_over(now)
    }

    fn expect(&self, token: Token, now: Timestamp, current: u64) -> Verdict {
        let now = self.time(now);
        if self.disabled {
            return Verdict::Refused(RefreshRefusal::Disabled);
        }
        if self.ended {
            return Verdict::Refused(RefreshRefusal::Reuse);
        }
        if self.is_over(now) {
            return Verdict::Refused(RefreshRefusal::Expired);
        }
        if token.generation >= current {
            return match self.tokens.get(&token.generation) == Some(&token.digest) {
                true => Verdict::Rotated,
                false => Verdict::Refused(RefreshRefusal::Invalid),
            };
        }
        let successor_used = self.used.get(&(token.generation + 1));
        let forgiven = successor_used
            .is_none_or(|used| now.duration_since(*used) <= SignedDuration::from_secs(10));
        if forgiven {
            Verdict::Repeated
        } else {
            Verdict::Refused(RefreshRefusal::Reuse)
        }
    }

    fn accept(&mut self, generation: u64, now: Timestamp) {
        if generation == self.generation() && !self.ended && !self.used.contains_key(&generation) {
            self.latest = self.time(now);
            self.used.insert(generation, self.latest);
        }
    }

    fn rotated(&mut self, token: Token, now: Timestamp) {
        self.latest = self.time(now);
        self.used.entry(token.generation - 1).or_insert(self.latest);
        self.made.insert(token.generation, self.latest);
        self.tokens.insert(token.generation, token.digest);
    }
}
