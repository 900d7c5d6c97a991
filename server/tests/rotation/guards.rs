//! The full rotation rule, and variants with one check removed.

use jiff::{SignedDuration, Timestamp};
use roster_server::rules::session::{Limits, Presented, Session, Verdict};
use uuid::Uuid;

use crate::world::{Keeper, digest};

/// One guard of the rule, as what the rule would do without it.
pub(crate) struct Guard {
    pub(crate) name: &'static str,
    limits: fn(&mut Limits),
    before: fn(&mut Session, &mut Presented),
    after: fn(&mut Session, Verdict),
    confirms: bool,
    /// Whether it checks that the account is enabled.
    asks: bool,
}

/// Nothing taken away.
const WHOLE: Guard = Guard {
    name: "",
    limits: |_| (),
    before: |_, _| (),
    after: |_, _| (),
    confirms: true,
    asks: true,
};

const ALWAYS: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Each guard of the rule.
pub(crate) const ALL: &[Guard] = &[
    Guard {
        name: "a period for siblings",
        limits: |l| l.race = SignedDuration::ZERO,
        ..WHOLE
    },
    Guard {
        name: "the end of that period",
        limits: |l| l.race = ALWAYS,
        ..WHOLE
    },
    Guard {
        name: "forgiveness for a lost answer",
        before: |s, _| _ = s.seen.get_or_insert(s.issued),
        ..WHOLE
    },
    Guard {
        name: "the idle limit",
        limits: |l| l.idle = ALWAYS,
        ..WHOLE
    },
    Guard {
        name: "the absolute limit",
        limits: |l| l.absolute = ALWAYS,
        ..WHOLE
    },
    Guard {
        name: "the refusal of a disabled user",
        asks: false,
        ..WHOLE
    },
    Guard {
        name: "the memory of first use",
        confirms: false,
        ..WHOLE
    },
    Guard {
        name: "the memory of earlier generations",
        before: |s, _| s.earlier.clear(),
        ..WHOLE
    },
    Guard {
        name: "a refresh as a sign of use",
        before: |s, _| {
            s.earlier
                .iter_mut()
                .for_each(|(_, seen)| *seen = Timestamp::MAX);
        },
        ..WHOLE
    },
    Guard {
        name: "an end for ever",
        after: |s, _| s.ended = None,
        ..WHOLE
    },
    Guard {
        name: "time that never runs back",
        before: |s, _| s.latest = Timestamp::UNIX_EPOCH,
        ..WHOLE
    },
    Guard {
        name: "the comparison of bytes",
        before: |s, p| p.digest = s.digest,
        ..WHOLE
    },
    Guard {
        name: "the refusal of generations not reached",
        before: |s, p| {
            if p.generation > s.generation {
                *p = Presented {
                    generation: s.generation,
                    digest: s.digest,
                };
            }
        },
        ..WHOLE
    },
    Guard {
        name: "one token a generation",
        after: |s, verdict| {
            if verdict == Verdict::Repeated {
                s.digest = digest(Uuid::max());
            }
        },
        ..WHOLE
    },
];

/// The row in memory, under the rule or what is left of it.
pub(crate) struct InMemory {
    guard: &'static Guard,
    row: Option<Session>,
}

pub(crate) fn whole() -> InMemory {
    InMemory {
        guard: &WHOLE,
        row: None,
    }
}

pub(crate) fn without(guard: &'static Guard) -> InMemory {
    InMemory { guard, row: None }
}

impl Keeper for InMemory {
    fn open(&mut self, session: Session) {
        self.row = Some(session);
    }

    fn refresh(
        &mut self,
        mut presented: Presented,
        disabled: bool,
        now: Timestamp,
        jti: Uuid,
    ) -> Verdict {
        let row = self.row.as_mut().unwrap();
        let mut limits = Limits::default();
        (self.guard.limits)(&mut limits);
        (self.guard.before)(row, &mut presented);
        let verdict = row.rotate(presented, disabled && self.guard.asks, now, jti, &limits);
        if verdict == Verdict::Rotated {
            row.digest = digest(jti);
        }
        (self.guard.after)(row, verdict);
        verdict
    }

    fn confirm(&mut self, generation: u64, now: Timestamp) {
        if self.guard.confirms {
            self.row.as_mut().unwrap().confirm(generation, now);
        }
    }

    fn row(&mut self) -> Session {
        self.row.clone().unwrap()
    }
}
