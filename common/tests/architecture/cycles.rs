//! Dependency cycles between files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::uses::Uses;

/// The sets of files that all depend on each other, largest first. Single files are left out.
pub(crate) fn cycles(uses: &Uses) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<_, _> = uses
        .keys()
        .map(|file| (file, reached_from(uses, file)))
        .collect();
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for (file, ahead) in &reached {
        if found.iter().any(|cycle| cycle.contains(*file)) {
            continue;
        }
        let is_in_cycle = |other: &&String| reached.get(other).is_some_and(|r| r.contains(*file));
        let cycle: BTreeSet<String> = ahead.iter().filter(is_in_cycle).cloned().collect();
        if cycle.len() > 1 {
            found.push(cycle);
        }
    }
    found.sort_by_key(|cycle| std::cmp::Reverse(cycle.len()));
    found
}

/// All files that a file uses, directly or through others.
fn reached_from(uses: &Uses, file: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        for next in uses.get(file).into_iter().flat_map(|used| used.keys()) {
            if reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    reached
}

/// Lists the files of a cycle, and the items that each uses of the others.
pub(crate) fn explain(cycle: &BTreeSet<String>, uses: &Uses) -> String {
    let mut text = format!("{} files form a dependency cycle:\n", cycle.len());
    for file in cycle {
        let used = uses.get(file).into_iter().flatten();
        for (other, items) in used.filter(|(other, _)| cycle.contains(*other)) {
            let items: Vec<_> = items.iter().map(String::as_str).collect();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {file} uses {} of {other}", items.join(", "));
        }
    }
    text
}
