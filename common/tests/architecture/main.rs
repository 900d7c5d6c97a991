//! Architecture rules that the compiler does not check: no long dependency cycles between files,
//! layers use only lower layers, and each replaceable library is used in one place.
//!
//! A file uses another if it imports or names an item that the other defines, even through
//! re-exports. Module declarations, re-exports and tests do not count. Method calls are not seen.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod checker;
mod cycles;
mod source;
mod uses;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use source::Crate;
use uses::Uses;

/// The root files of the workspace's crates.
const CRATES: [&str; 5] = [
    "common/src/lib.rs",
    "server/src/lib.rs",
    "server/src/main.rs",
    "tui/src/lib.rs",
    "tui/src/main.rs",
];

/// The maximum number of files in a dependency cycle.
const MAX_CYCLE: usize = 3;

/// The layers of each crate, lowest first. A module may use modules of the layers listed before its
/// own, and modules that are not listed. It may use neither its own layer nor later ones. A module
/// that is listed does not count as part of its parent.
const LAYERS: [(&str, &[&[&str]]); 2] = [
    (
        "server/src/lib.rs",
        &[
            &["clock", "metrics"],
            &["rules"],
            &["store", "password", "token"],
            &["app"],
            &["http"],
            &["serve"],
        ],
    ),
    (
        "tui/src/lib.rs",
        &[
            &["remote"],
            &["keys"],
            &["state"],
            &["event"],
            &["effect"],
            &["layout", "palette::candidates"],
            &["availability"],
            &["palette"],
            &["update::next"],
            &["update::verbs"],
            &["update::flows"],
            &["update::screens"],
            &["update", "view", "client"],
            &["export::rows", "import::send", "import::managers"],
            &["runtime"],
            &["app"],
            &["cli"],
        ],
    ),
];

/// Each replaceable library, and the files or folders (without `.rs`) that may use it.
const OWNERS: [(&str, &[&str]); 12] = [
    ("bcrypt", &["server/src/password"]),
    ("calamine", &["tui/src/spreadsheet"]),
    ("clap", &["server/src/main", "tui/src/main", "tui/src/cli"]),
    ("crossterm", &["tui/src/runtime/terminal"]),
    ("encoding_rs", &["common/src/import/encoding"]),
    ("hyper::Incoming", &["server/src/http/body"]),
    ("jsonwebtoken", &["server/src/token"]),
    ("ratatui::crossterm", &["tui/src/runtime"]),
    ("redb", &["server/src/store/redb"]),
    ("reqwest", &["tui/src/client"]),
    ("rust_xlsxwriter", &["tui/src/export/xlsx"]),
    (
        "tokio_postgres",
        &["server/src/store/postgres", "server/src/testing/postgres"],
    ),
];

/// The violations that exist today. These numbers may only decrease.
mod allowed {
    /// For each crate, the number of files in cycles that are too long.
    pub(crate) const IN_LONG_CYCLES: [(&str, usize); 0] = [];
    /// For each crate, the number of uses of a layer that is not lower.
    pub(crate) const AGAINST_LAYERS: [(&str, usize); 0] = [];
    /// For each library, the number of files that use it although they may not.
    pub(crate) const NAMED_ELSEWHERE: [(&str, usize); 0] = [];
}

#[test]
fn no_cycle_has_more_than_three_files() {
    let failures = CRATES.map(|root| {
        let uses = uses::uses(crate_at(root));
        let cycles = cycles::cycles(&uses);
        let long: Vec<_> = cycles.iter().filter(|c| c.len() > MAX_CYCLE).collect();
        let count = long.iter().map(|cycle| cycle.len()).sum();
        let explained: Vec<_> = long
            .iter()
            .map(|cycle| cycles::explain(cycle, &uses))
            .collect();
        excess(count, &allowed::IN_LONG_CYCLES, root, &explained)
    });
    assert_none(&failures);
}

#[test]
fn a_layer_uses_only_those_below() {
    let failures = LAYERS.map(|(root, layers)| {
        let tree = crate_at(root);
        let wrong = against_layers(tree, &uses::uses(tree), layers);
        excess(wrong.len(), &allowed::AGAINST_LAYERS, root, &wrong)
    });
    assert_none(&failures);
}

#[test]
fn a_library_that_could_be_swapped_is_named_in_one_place() {
    let failures = OWNERS.map(|(library, homes)| {
        let files: BTreeSet<_> = SOURCES
            .iter()
            .flat_map(|tree| uses::files_naming(tree, library))
            .collect();
        let elsewhere: Vec<_> = files
            .into_iter()
            .filter(|file| !homes.iter().any(|home| is_in(file, home)))
            .map(|file| format!("{file} names {library}; it belongs to {}", homes.join(", ")))
            .collect();
        excess(
            elsewhere.len(),
            &allowed::NAMED_ELSEWHERE,
            library,
            &elsewhere,
        )
    });
    assert_none(&failures);
}

/// Every crate of the workspace, in the order of [`CRATES`]. Loaded once for all tests.
static SOURCES: LazyLock<Vec<Crate>> = LazyLock::new(|| {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |file: &Path| std::fs::read_to_string(workspace.join(file)).ok();
    CRATES.iter().map(|root| Crate::load(root, &read)).collect()
});

fn crate_at(root: &str) -> &'static Crate {
    let index = CRATES.iter().position(|name| *name == root).unwrap();
    &SOURCES[index]
}

/// Returns `true` if a file is `home.rs` or in the folder `home`.
fn is_in(file: &str, home: &str) -> bool {
    file.strip_prefix(home)
        .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// A message for each use of a layer that is not lower.
fn against_layers(tree: &Crate, uses: &Uses, layers: &[&[&str]]) -> Vec<String> {
    // The index of a file's layer, and the listed module that puts it there: the longest that
    // matches.
    let layer_of = |file: &str| {
        let module = tree.modules.iter().find(|module| module.file == file)?;
        let path = module.path.join("::");
        let is_of = |layer: &str| {
            path.strip_prefix(layer)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        let all = layers.iter().enumerate();
        all.flat_map(|(index, layer)| layer.iter().map(move |name| (index, *name)))
            .filter(|(_, name)| is_of(name))
            .max_by_key(|(_, name)| name.len())
    };
    let mut wrong = Vec::new();
    for (file, used) in uses {
        for (other, items) in used {
            if let (Some((from, user)), Some((to, layer))) = (layer_of(file), layer_of(other))
                && user != layer
                && from <= to
            {
                let items: Vec<_> = items.iter().map(String::as_str).collect();
                let items = items.join(", ");
                wrong.push(format!(
                    "{file} uses {items} of {other}: {user} may not use {layer}"
                ));
            }
        }
    }
    wrong
}

/// The message, if there are more violations than allowed.
fn excess(
    count: usize,
    allowed: &[(&str, usize)],
    of: &str,
    violations: &[String],
) -> Option<String> {
    let allowed = allowed
        .iter()
        .find(|(name, _)| *name == of)
        .map_or(0, |(_, count)| *count);
    if count <= allowed {
        return None;
    }
    Some(format!(
        "{of}: {count} violations, but only {allowed} are allowed.\n{}",
        violations.join("\n")
    ))
}

fn assert_none(failures: &[Option<String>]) {
    let failures: Vec<_> = failures.iter().flatten().map(String::as_str).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}
