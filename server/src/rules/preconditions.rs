//! Preconditions: which state of a resource a request is meant for (RFC 9110, section 13).
//!
//! The store evaluates them inside the transaction that writes, so that nothing can change between
//! the comparison and the write.

use roster_common::Version;

/// What a request demands of the state of its target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preconditions {
    /// `If-Match`: the tags that the target may have.
    pub if_match: Option<Tags>,
    /// `If-None-Match`: the tags that the target must not have.
    pub if_none_match: Option<Tags>,
    /// The version in the body, which the routes with the id in the body accept. It must hold as
    /// well as the header fields: if they disagree, one of them fails.
    pub version: Option<Version>,
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tags {
    /// `*`: any state of a resource that exists.
    Any,
    /// The states that these tags name.
    Listed(Vec<EntityTag>),
}

/// An entity tag as a client sends it (RFC 9110, section 8.8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag {
    /// Whether `W/` stands before it.
    pub weak: bool,
    /// What stands between the quotation marks.
    pub opaque: Vec<u8>,
}

impl EntityTag {
    /// Whether both name the same state, in the weak comparison (RFC 9110, section 8.8.3.2). Our
    /// own tags are strong.
    fn names(&self, version: Version) -> bool {
        self.opaque == version.to_string().as_bytes()
    }
}

/// Why a precondition does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmet {
    /// The target has another tag than `If-Match` lists, or another version than the body names.
    Changed,
    /// `If-Match` lists weak tags alone, or the target's tag as a weak one: these never match
    /// there.
    Weak,
    /// `If-None-Match` lists the target's tag, or is `*`.
    Exists,
}

impl Preconditions {
    /// Whether the request cannot overwrite what the client has not seen: it has `If-Match`, or
    /// `If-None-Match: *`.
    pub fn guard_a_change(&self) -> bool {
        self.if_match.is_some() || self.expects_absence()
    }

    /// Whether the request is meant for an id that nobody has: `If-None-Match: *` without
    /// `If-Match`.
    pub fn expects_absence(&self) -> bool {
        self.if_match.is_none() && self.if_none_match == Some(Tags::Any)
    }

    /// Evaluates the preconditions against a resource that exists, in the order of RFC 9110,
    /// section 13.2.2. `current` is `None` for a resource without an entity tag.
    ///
    /// # Errors
    /// The first precondition that does not hold. [`Unmet::Exists`] means 304 to a GET or HEAD,
    /// everything else 412.
    pub fn check(&self, current: Option<Version>) -> Result<(), Unmet> {
        if let Some(Tags::Listed(tags)) = &self.if_match {
            let is_named = |tag: &&EntityTag| current.is_some_and(|version| tag.names(version));
            let named: Vec<_> = tags.iter().filter(is_named).collect();
            // `If-Match` uses the strong comparison, in which weak tags never match (RFC 9110,
            // section 13.1.1).
            if named.iter().all(|tag| tag.weak) {
                let is_weak = !named.is_empty() || tags.iter().all(|tag| tag.weak);
                let is_weak = is_weak && !tags.is_empty();
                return Err(if is_weak { Unmet::Weak } else { Unmet::Changed });
            }
        }
        if self.version.is_some() && self.version != current {
            return Err(Unmet::Changed);
        }
        let exists = match &self.if_none_match {
            None => false,
            Some(Tags::Any) => true,
            Some(Tags::Listed(tags)) => {
                current.is_some_and(|version| tags.iter().any(|tag| tag.names(version)))
            }
        };
        if exists { Err(Unmet::Exists) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(tags: &[(bool, &str)]) -> Option<Tags> {
        let tag = |(weak, opaque): &(bool, &str)| EntityTag {
            weak: *weak,
            opaque: opaque.as_bytes().to_vec(),
        };
        Some(Tags::Listed(tags.iter().map(tag).collect()))
    }

    fn check(if_match: Option<Tags>, if_none_match: Option<Tags>) -> Result<(), Unmet> {
        let preconditions = Preconditions {
            if_match,
            if_none_match,
            version: None,
        };
        preconditions.check(Some(Version::new(7)))
    }

    #[test]
    fn if_match_wants_one_strong_tag_of_its_list() {
        assert_eq!(check(None, None), Ok(()));
        assert_eq!(check(Some(Tags::Any), None), Ok(()));
        assert_eq!(check(listed(&[(false, "6"), (false, "7")]), None), Ok(()));
        assert_eq!(check(listed(&[(true, "7"), (false, "7")]), None), Ok(()));
        assert_eq!(check(listed(&[]), None), Err(Unmet::Changed));
        assert_eq!(check(listed(&[(false, "07")]), None), Err(Unmet::Changed));
        assert_eq!(check(listed(&[(true, "6")]), None), Err(Unmet::Weak));
        let [six, weak] = [(false, "6"), (true, "7")];
        assert_eq!(check(listed(&[six, weak]), None), Err(Unmet::Weak));
        assert_eq!(
            check(listed(&[six, (true, "5")]), None),
            Err(Unmet::Changed)
        );
        assert_eq!(check(listed(&[(true, "7")]), None), Err(Unmet::Weak));
    }

    #[test]
    fn if_none_match_compares_weakly_and_comes_second() {
        assert_eq!(check(None, Some(Tags::Any)), Err(Unmet::Exists));
        assert_eq!(check(None, listed(&[(true, "7")])), Err(Unmet::Exists));
        assert_eq!(check(None, listed(&[(false, "6")])), Ok(()));
        assert_eq!(check(None, listed(&[])), Ok(()));
        let [six, seven] = ["6", "7"].map(|tag| listed(&[(false, tag)]));
        assert_eq!(check(six.clone(), seven.clone()), Err(Unmet::Changed));
        assert_eq!(check(seven.clone(), seven.clone()), Err(Unmet::Exists));
        assert_eq!(check(seven, six), Ok(()));
    }

    #[test]
    fn a_version_in_the_body_must_hold_as_well() {
        let both = |version: u64, tag: &str| {
            let preconditions = Preconditions {
                if_match: listed(&[(false, tag)]),
                if_none_match: None,
                version: Some(Version::new(version)),
            };
            preconditions.check(Some(Version::new(7)))
        };
        assert_eq!(both(7, "7"), Ok(()));
        assert_eq!(both(6, "7"), Err(Unmet::Changed));
        assert_eq!(both(7, "6"), Err(Unmet::Changed));
    }

    #[test]
    fn a_resource_without_a_tag_matches_nothing_but_a_star() {
        let check = |if_match, if_none_match| {
            let preconditions = Preconditions {
                if_match,
                if_none_match,
                version: None,
            };
            preconditions.check(None)
        };
        assert_eq!(check(Some(Tags::Any), None), Ok(()));
        assert_eq!(check(listed(&[(false, "7")]), None), Err(Unmet::Changed));
        assert_eq!(check(None, listed(&[(false, "7")])), Ok(()));
        assert_eq!(check(None, Some(Tags::Any)), Err(Unmet::Exists));
    }

    #[test]
    fn only_a_lone_star_expects_no_record() {
        let expects = |if_match, if_none_match| {
            let preconditions = Preconditions {
                if_match,
                if_none_match,
                version: None,
            };
            preconditions.expects_absence()
        };
        assert!(expects(None, Some(Tags::Any)));
        assert!(!expects(Some(Tags::Any), Some(Tags::Any)));
        assert!(!expects(None, listed(&[(false, "1")])));
    }
}
