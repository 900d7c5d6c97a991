//! Tests of the checker itself, on small invented crates.

use std::path::Path;

use crate::cycles::{cycles, explain};
use crate::source::Crate;
use crate::{against_layers, uses};

fn invented(files: &[(&str, &str)]) -> Crate {
    Crate::load("lib.rs", &|wanted: &Path| {
        let file = files.iter().find(|(file, _)| Path::new(file) == wanted)?;
        Some(file.1.to_owned())
    })
}

fn four_files(last: &str) -> Crate {
    invented(&[
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::B; pub struct A(B);"),
        ("b.rs", "pub fn b() { super::c::c() } pub struct B;"),
        (
            "c.rs",
            "use crate::d; pub fn c() { println!(\"{}\", d::D) }",
        ),
        ("d.rs", last),
    ])
}

fn lengths(tree: &Crate) -> Vec<usize> {
    cycles(&uses::uses(tree))
        .iter()
        .map(|cycle| cycle.len())
        .collect()
}

#[test]
fn a_cycle_is_found_through_imports_paths_and_macros() {
    let tree = four_files("pub const D: u8 = 0; type Last = crate::a::A;");
    let uses = uses::uses(&tree);
    let found = cycles(&uses);
    assert_eq!(
        found.iter().map(|cycle| cycle.len()).collect::<Vec<_>>(),
        [4]
    );
    assert_eq!(
        explain(&found[0], &uses),
        "4 files form a dependency cycle:\n  \
         a.rs uses B of b.rs\n  b.rs uses c of c.rs\n  c.rs uses D of d.rs\n  d.rs uses A of a.rs\n"
    );
}

#[test]
fn uses_in_tests_do_not_count() {
    let tree = four_files("pub const D: u8 = 0; #[cfg(test)] mod tests { use crate::a::A; }");
    assert!(lengths(&tree).is_empty());
}

#[test]
fn a_parent_that_declares_and_reexports_uses_nothing() {
    let child = ("a.rs", "use crate::Shared; pub struct A(Shared);");
    let tree = invented(&[("lib.rs", "mod a; pub use a::A; pub struct Shared;"), child]);
    assert!(lengths(&tree).is_empty());
    let tree = invented(&[
        (
            "lib.rs",
            "mod a; pub use a::A; pub struct Shared; pub struct Parent(A);",
        ),
        child,
    ]);
    assert_eq!(lengths(&tree), [2]);
}

#[test]
fn a_reexport_leads_to_the_file_that_defines_the_item() {
    let tree = invented(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "pub use crate::b::*;"),
        ("b.rs", "pub struct B; fn b() { crate::c::c() }"),
        ("c.rs", "use crate::a::B as Renamed; pub fn c() {}"),
    ]);
    let uses = uses::uses(&tree);
    assert_eq!(uses["c.rs"].keys().collect::<Vec<_>>(), ["b.rs"]);
    assert_eq!(lengths(&tree), [2]);
}

#[test]
fn a_layer_may_use_only_lower_layers() {
    let tree = invented(&[
        ("lib.rs", "mod low; mod left; mod right;"),
        ("low.rs", "pub fn low() { crate::left::left() }"),
        ("left.rs", "pub fn left() { crate::low::low() }"),
        ("right.rs", "use crate::{left::left, low};"),
    ]);
    let layers: &[&[&str]] = &[&["low"], &["left", "right"]];
    assert_eq!(
        against_layers(&tree, &uses::uses(&tree), layers),
        [
            "low.rs uses left of left.rs: low may not use left",
            "right.rs uses left of left.rs: right may not use left",
        ]
    );
}

#[test]
fn a_library_is_reported_from_a_module_of_its_name() {
    let tree = invented(&[
        ("lib.rs", "mod redb; fn ours() { redb::open() }"),
        ("redb.rs", "mod table; pub fn open() {}"),
        (
            "redb/table.rs",
            "type Name = ::core::ffi::c_int; fn theirs() { redb::Database::open() }",
        ),
    ]);
    let files: Vec<_> = uses::files_naming(&tree, "redb").into_iter().collect();
    assert_eq!(files, ["redb/table.rs"]);
    assert!(uses::files_naming(&tree, "redb::Table").is_empty());
    assert_eq!(uses::files_naming(&tree, "redb::Database").len(), 1);
}
