//! Parses the modules of one crate: what each defines, imports and names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// A path as it is written, such as `["crate", "field", "Field"]`.
pub(crate) type Names = Vec<String>;

/// The module tree of one crate. Test code is left out.
pub(crate) struct Crate {
    pub(crate) modules: Vec<Module>,
}

/// A module, in a file of its own or inside its parent's.
#[derive(Default)]
pub(crate) struct Module {
    /// The file, relative to the workspace.
    pub(crate) file: String,
    /// The path from the crate's root.
    pub(crate) path: Names,
    pub(crate) parent: Option<usize>,
    pub(crate) children: BTreeMap<String, usize>,
    pub(crate) items: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    /// Every path in the code, including the arguments of macros and attributes.
    pub(crate) paths: BTreeSet<Names>,
}

/// One name that a `use` imports.
pub(crate) struct Import {
    /// The name in this module; `None` for a glob.
    pub(crate) name: Option<String>,
    pub(crate) path: Names,
    /// Whether other modules can import it from here.
    pub(crate) reexport: bool,
}

impl Crate {
    /// Loads a crate from its root file. `read` returns a file's text, or `None` if it does not
    /// exist.
    pub(crate) fn load(root: &str, read: &dyn Fn(&Path) -> Option<String>) -> Self {
        let mut tree = Self {
            modules: Vec::new(),
        };
        let folder = Path::new(root).parent().unwrap_or(Path::new(""));
        tree.file(None, Vec::new(), Path::new(root), folder, read);
        tree
    }

    /// Adds the module of a file. The files of its children are in `folder`.
    fn file(
        &mut self,
        parent: Option<usize>,
        path: Names,
        file: &Path,
        folder: &Path,
        read: &dyn Fn(&Path) -> Option<String>,
    ) -> usize {
        let text = read(file).unwrap_or_else(|| panic!("{} is not there", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.module(parent, path, file, folder, &parsed.items, read)
    }

    fn module(
        &mut self,
        parent: Option<usize>,
        path: Names,
        file: &Path,
        folder: &Path,
        items: &[syn::Item],
        read: &dyn Fn(&Path) -> Option<String>,
    ) -> usize {
        let id = self.modules.len();
        let mut module = Module {
            file: file.to_string_lossy().into_owned(),
            path: path.clone(),
            parent,
            ..Module::default()
        };
        for item in items {
            module.visit_item(item);
        }
        self.modules.push(module);
        for item in items {
            if let syn::Item::Mod(child) = item
                && !is_for_tests(&child.attrs)
            {
                let name = child.ident.to_string();
                let path = [path.clone(), vec![name.clone()]].concat();
                let inside = folder.join(&name);
                let child = match &child.content {
                    Some((_, items)) => self.module(Some(id), path, file, &inside, items, read),
                    None => {
                        let named = path_attribute(&child.attrs).map(|p| folder.join(p));
                        let files = [folder.join(format!("{name}.rs")), inside.join("mod.rs")];
                        let file = named
                            .into_iter()
                            .chain(files)
                            .find(|file| read(file).is_some())
                            .unwrap_or_else(|| {
                                panic!("mod {name} of {} has no file", file.display())
                            });
                        self.file(Some(id), path, &file, &inside, read)
                    }
                };
                self.modules[id].children.insert(name, child);
            }
        }
        id
    }
}

/// `#[path = "…"]`
fn path_attribute(attributes: &[syn::Attribute]) -> Option<PathBuf> {
    attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(syn::MetaNameValue {
                path,
                value:
                    syn::Expr::Lit(syn::ExprLit {
                        lit: syn::Lit::Str(value),
                        ..
                    }),
                ..
            }) if path.is_ident("path") => Some(value.value().into()),
            _ => None,
        })
}

/// Returns `true` if an item has `#[test]` or a `#[cfg(test)]`, alone or in `all`.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            condition == "test" || condition.starts_with("all (test")
        }
        _ => false,
    })
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if is_for_tests(attributes(item)) {
            return;
        }
        if let Some(name) = defined_name(item) {
            self.items.insert(name);
        }
        match item {
            // Loaded as a module of its own.
            syn::Item::Mod(_) => {}
            item => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let for_tests = match item {
            syn::ImplItem::Fn(function) => is_for_tests(&function.attrs),
            _ => false,
        };
        if !for_tests {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            let reexport = !matches!(item.vis, syn::Visibility::Inherited);
            self.import(&mut Vec::new(), &item.tree, reexport);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter().map(|s| s.ident.to_string());
            self.paths.insert(names.collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.tokens(called.tokens.clone());
        visit::visit_macro(self, called);
    }
}

impl Module {
    fn import(&mut self, prefix: &mut Names, tree: &syn::UseTree, reexport: bool) {
        let depth = prefix.len();
        match tree {
            syn::UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.import(prefix, &path.tree, reexport);
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(prefix, tree, reexport);
                }
            }
            syn::UseTree::Glob(_) => self.imports.push(Import {
                name: None,
                path: prefix.clone(),
                reexport,
            }),
            syn::UseTree::Name(name) => self.named(prefix, &name.ident, &name.ident, reexport),
            syn::UseTree::Rename(name) => self.named(prefix, &name.ident, &name.rename, reexport),
        }
        prefix.truncate(depth);
    }

    fn named(&mut self, prefix: &Names, there: &syn::Ident, here: &syn::Ident, reexport: bool) {
        let mut path = prefix.clone();
        if there != "self" {
            path.push(there.to_string());
        }
        let here = if here == "self" {
            path.last().cloned()
        } else {
            Some(here.to_string())
        };
        self.imports.push(Import {
            name: here,
            path,
            reexport,
        });
    }

    /// Collects everything that looks like a path (`name`, `a::b::c`) from unparsed tokens.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path = Names::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.paths.insert(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                token => {
                    self.paths.insert(std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = token {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.paths.insert(path);
    }
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn defined_name(item: &syn::Item) -> Option<String> {
    let ident = match item {
        syn::Item::Const(item) => &item.ident,
        syn::Item::Enum(item) => &item.ident,
        syn::Item::Fn(item) => &item.sig.ident,
        syn::Item::Macro(item) => item.ident.as_ref()?,
        syn::Item::Static(item) => &item.ident,
        syn::Item::Struct(item) => &item.ident,
        syn::Item::Trait(item) => &item.ident,
        syn::Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}
