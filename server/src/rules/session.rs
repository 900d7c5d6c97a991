//! The life of a session, and the rule by which its refresh token rotates.
//!
//! A session is one sign-in. It has a *generation*, which goes up by one each time its refresh
//! token is used, so that one token at a time is current. An older token comes back for three
//! reasons: an answer was lost, two processes share one cookie jar, or a thief has a copy. The rule
//! tells them apart by whether the token's successor has been *seen in use*. If it has, an honest
//! client no longer needs the older token, except for a few seconds while processes that share a
//! jar catch up.
//!
//! All times here are session times, which do not jump when somebody sets the clock (see
//! [`session_clock`](super::session_clock)).

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};
use roster_common::Username;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// A session's id, in all its tokens.
pub type SessionId = Uuid;

/// How far its last use may be ahead of the time before a session is over.
const LONGEST_LEAD: SignedDuration = SignedDuration::from_hours(24);

/// How long a session and its grace periods last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum time without a refresh.
    pub idle: SignedDuration,
    /// Maximum total lifetime.
    pub absolute: SignedDuration,
    /// Grace period for processes that share a cookie jar, from the first use of the successor.
    pub race: SignedDuration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle: SignedDuration::from_hours(7 * 24),
            absolute: SignedDuration::from_hours(30 * 24),
            race: SignedDuration::from_secs(10),
        }
    }
}

/// One sign-in, as the store keeps it. Everything that the current refresh token says is here, so
/// that signing it again gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// The account's username.
    pub user: Username,
    /// When the person signed in.
    pub created: Timestamp,
    /// The count of rotations: the generation of the one current token.
    pub generation: u64,
    /// When the current generation was made: `iat` of its token.
    pub issued: Timestamp,
    /// When the current token ends if nobody uses it: its `exp`.
    pub expires: Timestamp,
    /// The current token's `jti`.
    pub jti: Uuid,
    /// The key that signed the current token.
    pub kid: String,
    /// SHA-256 of the current token; the token itself is kept nowhere.
    pub digest: [u8; 32],
    /// When the current generation was first seen in use.
    pub seen: Option<Timestamp>,
    /// When the generations before it were first seen in use, those of the last race period only.
    pub earlier: Vec<(u64, Timestamp)>,
    /// The latest moment at which the session was refreshed or confirmed: its time never runs back.
    pub latest: Timestamp,
    /// When and why it ended, if it did. Nothing depends on the time.
    pub ended: Option<(Timestamp, EndReason)>,
    /// The address that it was opened from.
    pub address: String,
    /// The program that opened it: its `User-Agent`.
    pub client: String,
}

/// Why a session ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// Signed out.
    Logout,
    /// The same client signed in again.
    Replaced,
    /// A used refresh token was presented again.
    Reuse,
    /// The owner or an admin ended it from elsewhere.
    Revoked,
    /// The database was restored from a backup.
    Restored,
}

/// A refresh token whose signature has been found good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presented {
    /// Its generation.
    pub generation: u64,
    /// Its SHA-256.
    pub digest: [u8; 32],
}

/// The outcome of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The generation went up: sign the new token, and keep its digest.
    Rotated,
    /// Send the current token again, unchanged.
    Repeated,
    /// The refresh is refused.
    Refused(RefreshRefusal),
}

/// Why a refresh was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshRefusal {
    /// Not a token of this session: its generation is ahead, or its bytes are not the current ones.
    Invalid,
    /// Past the idle or the absolute limit.
    Expired,
    /// Ended by its owner or an admin.
    Ended,
    /// Ended when the database was restored from a backup.
    Restored,
    /// A used token came back, now or before.
    Reuse,
    /// Its user may not sign in.
    Disabled,
}

impl Session {
    /// The time as seen by this session, which never runs backwards.
    fn time(&self, now: Timestamp) -> Timestamp {
        now.max(self.latest)
    }

    /// Whether the session is past its idle or absolute limit.
    ///
    /// So is one that was last used long after `now`: that was while the clock was ahead, and how
    /// old the session is can no longer be told.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.time(now) >= self.expires || self.latest.duration_since(now) > LONGEST_LEAD
    }

    /// When a token that is made at `now` ends.
    pub fn expiry(created: Timestamp, now: Timestamp, limits: &Limits) -> Timestamp {
        (now + limits.idle).min(created + limits.absolute)
    }

    /// Marks that an access token of `generation` was accepted. Returns `true` if it was the
    /// first use of the generation.
    pub fn confirm(&mut self, generation: u64, now: Timestamp) -> bool {
        let is_first_use =
            generation == self.generation && self.seen.is_none() && self.ended.is_none();
        if is_first_use {
            self.latest = self.time(now);
            self.seen = Some(self.latest);
        }
        is_first_use
    }

    /// The rotation rule; `disabled` is whether the user may not sign in. Changes the session only
    /// for [`Verdict::Rotated`] and for reuse. After `Rotated`, the caller signs the new token and
    /// stores its key and digest.
    pub fn rotate(
        &mut self,
        presented: Presented,
        disabled: bool,
        now: Timestamp,
        jti: Uuid,
        limits: &Limits,
    ) -> Verdict {
        if disabled {
            return Verdict::Refused(RefreshRefusal::Disabled);
        }
        let verdict = self.judge(presented, now, limits);
        let now = self.time(now);
        match verdict {
            Verdict::Rotated => self.advance(now, jti, limits),
            Verdict::Refused(RefreshRefusal::Reuse) => self.end(now, EndReason::Reuse),
            Verdict::Repeated | Verdict::Refused(_) => {}
        }
        verdict
    }

    /// Ends the session. Later calls change nothing.
    pub fn end(&mut self, now: Timestamp, why: EndReason) {
        self.ended.get_or_insert((now, why));
    }

    fn judge(&self, presented: Presented, now: Timestamp, limits: &Limits) -> Verdict {
        match self.ended {
            Some((_, EndReason::Reuse)) => return Verdict::Refused(RefreshRefusal::Reuse),
            Some((_, EndReason::Logout | EndReason::Replaced | EndReason::Revoked)) => {
                return Verdict::Refused(RefreshRefusal::Ended);
            }
            Some((_, EndReason::Restored)) => return Verdict::Refused(RefreshRefusal::Restored),
            None if self.is_expired(now) => return Verdict::Refused(RefreshRefusal::Expired),
            None => {}
        }
        let now = self.time(now);
        match presented.generation.cmp(&self.generation) {
            Ordering::Less if self.may_still_be_held(presented.generation, now, limits) => {
                Verdict::Repeated
            }
            Ordering::Less => Verdict::Refused(RefreshRefusal::Reuse),
            Ordering::Equal if bool::from(presented.digest.ct_eq(&self.digest)) => Verdict::Rotated,
            // Other bytes than the current token's, or a future generation: the database was
            // restored from a backup.
            Ordering::Equal | Ordering::Greater => Verdict::Refused(RefreshRefusal::Invalid),
        }
    }

    /// Returns `true` if an honest client may still hold the token of an older generation: as long
    /// as nobody was seen to use its successor, the answer that carried it may have been lost.
    ///
    /// A thief who gets that answer is caught when either of the two uses the successor.
    fn may_still_be_held(&self, generation: u64, now: Timestamp, limits: &Limits) -> bool {
        let successor = generation + 1;
        if successor == self.generation {
            return self
                .seen
                .is_none_or(|seen| now.duration_since(seen) <= limits.race);
        }
        // A successor that is not in the list was seen in use before the race period began.
        let seen = self
            .earlier
            .iter()
            .find(|(earlier, _)| *earlier == successor);
        seen.is_some_and(|(_, seen)| now.duration_since(*seen) <= limits.race)
    }

    fn advance(&mut self, now: Timestamp, jti: Uuid, limits: &Limits) {
        self.earlier
            .retain(|(_, seen)| now.duration_since(*seen) <= limits.race);
        self.earlier
            .push((self.generation, self.seen.unwrap_or(now)));
        self.generation += 1;
        self.seen = None;
        self.issued = now;
        self.latest = now;
        self.expires = Self::expiry(self.created, now, limits);
        self.jti = jti;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session opened at the epoch, with a digest that tells its generation.
    fn session() -> Session {
        let created = Timestamp::UNIX_EPOCH;
        Session {
            id: Uuid::nil(),
            user: "ada".parse().unwrap(),
            created,
            generation: 1,
            issued: created,
            expires: Session::expiry(created, created, &Limits::default()),
            jti: Uuid::nil(),
            kid: "k".into(),
            digest: digest(1),
            seen: None,
            earlier: Vec::new(),
            latest: created,
            ended: None,
            address: String::new(),
            client: String::new(),
        }
    }

    fn digest(generation: u64) -> [u8; 32] {
        [u8::try_from(generation).unwrap(); 32]
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn present(session: &mut Session, generation: u64, second: i64) -> Verdict {
        let presented = Presented {
            generation,
            digest: digest(generation),
        };
        let verdict = session.rotate(
            presented,
            false,
            at(second),
            Uuid::nil(),
            &Limits::default(),
        );
        session.digest = digest(session.generation);
        verdict
    }

    const REUSE: Verdict = Verdict::Refused(RefreshRefusal::Reuse);
    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;

    #[test]
    fn the_current_token_rotates() {
        let mut session = session();
        assert_eq!(present(&mut session, 1, 60), Verdict::Rotated);
        assert_eq!(
            (session.generation, session.seen, session.issued),
            (2, None, at(60))
        );
    }

    #[test]
    fn a_lost_answer_is_repeated_as_long_as_the_session_lives() {
        let mut session = session();
        present(&mut session, 1, 0);
        assert_eq!(present(&mut session, 1, 7 * DAY - 1), Verdict::Repeated);
        let expired = Verdict::Refused(RefreshRefusal::Expired);
        assert_eq!(present(&mut session, 1, 7 * DAY), expired);
    }

    #[test]
    fn a_thief_who_was_given_a_lost_answer_is_caught_at_the_next_use() {
        let mut session = session();
        present(&mut session, 1, 0);
        let thief = present(&mut session, 1, 3 * DAY);
        assert_eq!(thief, Verdict::Repeated, "both hold generation 2 now");
        assert_eq!(present(&mut session, 2, 3 * DAY + 1), Verdict::Rotated);
        assert_eq!(present(&mut session, 2, 4 * DAY), Verdict::Repeated);
        session.confirm(3, at(4 * DAY));
        assert_eq!(present(&mut session, 2, 4 * DAY + 11), REUSE);
    }

    #[test]
    fn an_older_token_is_accepted_for_ten_seconds() {
        let mut session = session();
        present(&mut session, 1, 0);
        assert!(session.confirm(2, at(HOUR)));
        assert_eq!(present(&mut session, 1, HOUR + 10), Verdict::Repeated);
        assert_eq!(present(&mut session, 1, HOUR + 11), REUSE);
        assert_eq!(
            present(&mut session, 2, HOUR + 12),
            REUSE,
            "the end is for ever, for every token"
        );
    }

    #[test]
    fn a_refresh_shows_its_own_token_in_use() {
        let mut session = session();
        present(&mut session, 1, 0);
        present(&mut session, 2, HOUR);
        assert_eq!(present(&mut session, 1, HOUR + 10), Verdict::Repeated);
        assert_eq!(present(&mut session, 1, HOUR + 11), REUSE);
    }

    #[test]
    fn a_generation_confirmed_before_its_refresh_was_seen_at_the_confirmation() {
        let mut session = session();
        present(&mut session, 1, 0);
        session.confirm(2, at(5));
        present(&mut session, 2, 12);
        assert_eq!(present(&mut session, 1, 15), Verdict::Repeated);
        assert_eq!(present(&mut session, 1, 16), REUSE);
    }

    #[test]
    fn a_token_from_long_ago_is_a_reuse_though_its_successor_is_forgotten() {
        let mut session = session();
        for generation in 1..9 {
            present(
                &mut session,
                generation,
                i64::try_from(generation).unwrap() * HOUR,
            );
        }
        assert_eq!(
            session.earlier.len(),
            1,
            "only the last race period is remembered"
        );
        assert_eq!(present(&mut session, 2, 9 * HOUR), REUSE);
    }

    #[test]
    fn tokens_newer_than_a_restored_database_end_nothing() {
        let mut session = session();
        assert_eq!(
            present(&mut session, 5, 1),
            Verdict::Refused(RefreshRefusal::Invalid)
        );
        let forged = Presented {
            generation: 1,
            digest: [9; 32],
        };
        let verdict = session.rotate(forged, false, at(1), Uuid::nil(), &Limits::default());
        assert_eq!(verdict, Verdict::Refused(RefreshRefusal::Invalid));
        assert_eq!(session.ended, None);
    }

    #[test]
    fn idle_and_absolute_limits_end_it() {
        let mut session = session();
        assert_eq!(
            present(&mut session, 1, 7 * DAY),
            Verdict::Refused(RefreshRefusal::Expired)
        );
        for day in 1..30 {
            let generation = session.generation;
            assert_eq!(
                present(&mut session, generation, day * DAY),
                Verdict::Rotated,
                "day {day}"
            );
        }
        let generation = session.generation;
        assert_eq!(
            present(&mut session, generation, 30 * DAY),
            Verdict::Refused(RefreshRefusal::Expired)
        );
    }

    #[test]
    fn a_clock_set_back_neither_ends_nor_extends() {
        let mut session = session();
        present(&mut session, 1, DAY);
        session.confirm(2, at(DAY));
        let expires = session.expires;
        assert_eq!(present(&mut session, 1, 0), Verdict::Repeated);
        assert_eq!(present(&mut session, 2, 0), Verdict::Rotated);
        assert_eq!((session.expires, session.issued), (expires, at(DAY)));
    }

    #[test]
    fn a_session_that_was_used_while_the_clock_was_ahead_ends_when_it_is_put_right() {
        let mut session = session();
        present(&mut session, 1, 3 * DAY);
        let before = session.clone();
        assert_eq!(
            present(&mut session, 2, 2 * DAY - 1),
            Verdict::Refused(RefreshRefusal::Expired)
        );
        assert_eq!(session, before);
        assert_eq!(present(&mut session, 2, 2 * DAY), Verdict::Rotated);
    }

    #[test]
    fn a_disabled_user_is_refused_and_loses_nothing() {
        let mut session = session();
        let current = Presented {
            generation: 1,
            digest: digest(1),
        };
        let before = session.clone();
        let verdict = session.rotate(current, true, at(1), Uuid::nil(), &Limits::default());
        assert_eq!(
            (verdict, &session),
            (Verdict::Refused(RefreshRefusal::Disabled), &before)
        );
        assert_eq!(present(&mut session, 1, 2), Verdict::Rotated);
    }

    #[test]
    fn a_signed_out_session_stays_out() {
        let mut session = session();
        session.end(at(1), EndReason::Logout);
        session.end(at(2), EndReason::Reuse);
        assert_eq!(session.ended, Some((at(1), EndReason::Logout)));
        assert_eq!(
            present(&mut session, 1, 3),
            Verdict::Refused(RefreshRefusal::Ended)
        );
        assert!(!session.confirm(1, at(3)));
    }
}
