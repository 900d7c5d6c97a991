//! Picks from a table at random.

/// Any entry, each as likely.
pub(super) fn pick<'a, T: ?Sized>(from: &[&'a T], random: &mut fastrand::Rng) -> &'a T {
    // Every table has entries.
    from[random.usize(0..from.len())]
}

/// An entry from a long tail: the first ones are common, the last ones rare.
pub(super) fn pick_tailed<'a, T: ?Sized>(from: &[&'a T], random: &mut fastrand::Rng) -> &'a T {
    let place = random.f64().powi(2) * from.len() as f64;
    from[(place as usize).min(from.len() - 1)]
}
