//! Which file of a crate uses which items of which other.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Crate, Import, Names};

/// From a file to the files that it uses, with the names of the items.
pub(crate) type Uses = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Imports that lead through more re-exports than this go round in a circle.
const MAX_DEPTH: usize = 20;

/// What a path leads to.
#[derive(Clone)]
enum Target {
    Module(usize),
    /// An item, in the module that defines it.
    Item(usize, String),
}

/// Every use of another file's items. A declaration of a module or a re-export is none.
pub(crate) fn uses(tree: &Crate) -> Uses {
    let mut uses = Uses::new();
    for (id, module) in tree.modules.iter().enumerate() {
        let imports = module.imports.iter();
        let imported = imports
            .filter(|import| !import.reexport && import.name.is_some())
            .map(|import| &import.path);
        for path in module.paths.iter().chain(imported) {
            if let Some(Target::Item(definer, item)) = tree.resolve(id, path, 0) {
                let file = &tree.modules[definer].file;
                if *file != module.file {
                    let from = uses.entry(module.file.clone()).or_default();
                    from.entry(file.clone()).or_default().insert(item);
                }
            }
        }
    }
    uses
}

/// The files that name an external crate, or an item `crate::…::Item` of one.
pub(crate) fn files_naming(tree: &Crate, name: &str) -> BTreeSet<String> {
    let (package, item) = match name.split_once("::") {
        Some((package, item)) => (package, Some(item)),
        None => (name, None),
    };
    let names_it = |id: usize| {
        let module = &tree.modules[id];
        let imports = module.imports.iter().map(|import| &import.path);
        module.paths.iter().chain(imports).any(|path| {
            path.first().is_some_and(|first| first == package)
                && item.is_none_or(|item| path.iter().any(|name| name == item))
                && tree.lookup(id, package, path.len() == 1, 0).is_none()
        })
    };
    let modules = (0..tree.modules.len()).filter(|id| names_it(*id));
    modules.map(|id| tree.modules[id].file.clone()).collect()
}

impl Crate {
    /// Follows a path from a module; nothing where it leads out of the crate.
    fn resolve(&self, from: usize, path: &Names, depth: usize) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => Target::Module(0),
            "self" => Target::Module(from),
            "super" => Target::Module(self.modules[from].parent?),
            name => self.lookup(from, name, rest.is_empty(), depth)?,
        };
        let mut at = start;
        for (i, name) in rest.iter().enumerate() {
            at = match at {
                Target::Module(module) if name == "super" => {
                    Target::Module(self.modules[module].parent?)
                }
                Target::Module(module) => self
                    .lookup(module, name, i + 1 == rest.len(), depth)
                    // A macro made it, where syn cannot see it.
                    .unwrap_or_else(|| Target::Item(module, name.clone())),
                // What follows an item, such as a variant, belongs to it.
                item @ Target::Item(..) => return Some(item),
            };
        }
        Some(at)
    }

    /// What a name means in a module. A module and a function may share a name: the `last` of a path is the function.
    fn lookup(&self, module: usize, name: &str, last: bool, depth: usize) -> Option<Target> {
        if depth > MAX_DEPTH {
            return None;
        }
        let here = &self.modules[module];
        let item = here
            .items
            .contains(name)
            .then(|| Target::Item(module, name.to_owned()));
        let child = here.children.get(name).map(|child| Target::Module(*child));
        let defined = if last { item.or(child) } else { child.or(item) };
        let named = |import: &&Import| import.name.as_deref() == Some(name);
        let imported = || {
            let mut imports = here.imports.iter().filter(named);
            imports.find_map(|import| self.resolve(module, &import.path, depth + 1))
        };
        let by_glob = || {
            let mut globs = here.imports.iter().filter(|import| import.name.is_none());
            globs.find_map(|glob| match self.resolve(module, &glob.path, depth + 1)? {
                Target::Module(other) if other != module => {
                    self.lookup(other, name, last, depth + 1)
                }
                // The variants of an enum.
                _ => None,
            })
        };
        defined.or_else(imported).or_else(by_glob)
    }
}
