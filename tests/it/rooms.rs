//! Checks which top-level modules ("rooms") depend on which others.
//!
//! A map of these modules is in docs/architecture.md. [`MAY_USE`] lists the allowed dependencies,
//! and the tests compare the sources with this list. They read all modules except those for tests,
//! and find the modules as `rustc` does, starting from `lib.rs` and `main.rs`. A dependency (an
//! "arrow") is a `use` or a path that begins with `crate::`, `rolecall::`, `self::`, `super::` or a
//! module that the file declares.
//!
//! The tests do not see macro expansions, paths in strings (`#[serde(with = "…")]`), or methods and
//! traits that are used without a path. In attributes and macro arguments, they see only `crate::`
//! paths. A re-export counts as an item of the module that re-exports it. A glob import is an arrow
//! to the module that it imports from. Links in comments are not arrows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// Each top-level module, and the modules that it may use. Add a dependency only if it cannot be
/// avoided.
#[rustfmt::skip]
const MAY_USE: &[(&str, &str)] = &[
    ("main",      "cli"),
    ("cli",       "server web audit store config grant saml aws demo logs clock printable"),
    ("server",    "routes web state store audit config saml clock tally"),
    ("routes",    "web oidc"),
    ("web",       "signin desk state session audit store config grant saml aws logs crypto clock printable tally"),
    ("signin",    "state session audit store config grant saml crypto printable"),
    ("desk",      "state session audit store config oidc grant saml aws crypto clock printable"),
    ("state",     "session audit store clock tally"),
    ("session",   "store config grant saml aws crypto"),
    ("audit",     "config saml aws crypto clock printable tally"),
    ("store",     "crypto"),
    ("config",    "oidc grant aws printable"),
    ("oidc",      "grant crypto"),
    ("grant",     "aws"),
    ("saml",      "config crypto printable causes"),
    ("aws",       "clock printable causes"),
    ("demo",      "server web config oidc grant saml aws crypto clock"),
    ("logs",      "clock"),
    ("crypto",    ""),
    ("clock",     ""),
    ("printable", ""),
    ("causes",    ""),
    ("tally",     ""),
];

/// The maximum number of files in a dependency cycle within `web`. A parent module and two of its
/// parts can still be understood as a unit.
const SMALL_CIRCLE: usize = 3;

/// The modules in `web` that receive requests.
const SURFACES: [&str; 5] = ["pages", "api", "saml", "documents", "ops"];

/// The path of a module or item within the crate, with one string for each name.
type Names = Vec<String>;

/// A source file that is not only for tests.
struct File {
    /// The path, such as `src/web/form.rs`.
    path: String,
    module: Names,
    /// Every item of this crate that the file refers to.
    uses: BTreeSet<Names>,
}

impl File {
    fn room(&self) -> &str {
        self.module.first().map_or("main", String::as_str)
    }
}

/// Collects the items that a file refers to, and the modules that it declares.
struct Reader {
    module: Names,
    children: Vec<String>,
    uses: BTreeSet<Names>,
}

impl Reader {
    fn read(source: &str, module: Names) -> Self {
        let file = syn::parse_file(source).expect("valid Rust");
        let children = file.items.iter().filter_map(child).collect();
        let mut reader = Self {
            module,
            children,
            uses: BTreeSet::new(),
        };
        reader.visit_file(&file);
        reader
    }

    /// Converts an arrow to a path from the crate's root. Returns `None` for any other path, such
    /// as a path to another crate or to an item that is in scope.
    fn resolve(&self, path: &[String]) -> Option<Names> {
        let (first, rest) = path.split_first()?;
        let mut names = match first.as_str() {
            "crate" | "rolecall" => Vec::new(),
            "self" => self.module.clone(),
            "super" => parent(&self.module),
            child if self.children.iter().any(|name| name == child) && !rest.is_empty() => {
                [&*self.module, &[child.to_owned()]].concat()
            }
            _ => return None,
        };
        for name in rest {
            match name.as_str() {
                "super" => names = parent(&names),
                "self" => {}
                name => names.push(name.to_owned()),
            }
        }
        Some(names)
    }

    fn note(&mut self, path: &[String]) {
        let names = self.resolve(path);
        self.uses.extend(names);
    }

    /// Adds the `crate::` paths in the arguments of a macro or attribute. Searches the arguments as
    /// text, because they need not be valid Rust.
    fn scan(&mut self, tokens: &str) {
        let text = tokens.replace(" :: ", "::");
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        for (at, start) in text.match_indices("crate::") {
            let rest = &text[at + start.len()..];
            let end = rest.find(|c| !is_name(c) && c != ':').unwrap_or(rest.len());
            let names = rest[..end].split("::").filter(|name| !name.is_empty());
            self.uses.insert(names.map(str::to_owned).collect());
        }
    }
}

fn parent(module: &[String]) -> Names {
    module[..module.len().saturating_sub(1)].to_vec()
}

/// The name of the module that `item` declares, if the module is in another file and not for tests.
fn child(item: &Item) -> Option<String> {
    match item {
        Item::Mod(module) if module.content.is_none() && !is_for_tests(&module.attrs) => {
            Some(module.ident.to_string())
        }
        _ => None,
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|path| path.is_ident("test"))
    })
}

fn leaves(tree: &UseTree, before: &[String]) -> Vec<Names> {
    let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &with(&path.ident)),
        UseTree::Name(name) => vec![with(&name.ident)],
        UseTree::Rename(rename) => vec![with(&rename.ident)],
        UseTree::Glob(_) => vec![before.to_vec()],
        UseTree::Group(group) => {
            let trees = group.items.iter();
            trees.flat_map(|tree| leaves(tree, before)).collect()
        }
    }
}

/// Defines methods that skip code for tests.
macro_rules! outside_tests {
    ($($visit:ident: $what:ident;)+) => {
        $(fn $visit(&mut self, what: &'ast syn::$what) {
            if !is_for_tests(&what.attrs) {
                visit::$visit(self, what);
            }
        })+
    };
}

impl<'ast> Visit<'ast> for Reader {
    outside_tests! {
        visit_arm: Arm;
        visit_field: Field;
        visit_impl_item_fn: ImplItemFn;
        visit_item_const: ItemConst;
        visit_item_enum: ItemEnum;
        visit_item_fn: ItemFn;
        visit_item_impl: ItemImpl;
        visit_item_macro: ItemMacro;
        visit_item_static: ItemStatic;
        visit_item_struct: ItemStruct;
        visit_item_trait: ItemTrait;
        visit_item_type: ItemType;
        visit_local: Local;
        visit_variant: Variant;
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.content.is_some() && !is_for_tests(&module.attrs) {
            self.module.push(module.ident.to_string());
            visit::visit_item_mod(self, module);
            self.module.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_for_tests(&item.attrs) {
            for path in leaves(&item.tree, &[]) {
                self.note(&path);
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Names = path
            .segments
            .iter()
            .map(|one| one.ident.to_string())
            .collect();
        self.note(&names);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.scan(&called.tokens.to_string());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.scan(&list.tokens.to_string());
        }
    }

    /// Skips visibilities, because `pub(super)` is not a use of the parent module.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

/// Adds to `found` the file at `path` and, recursively, the modules that it declares.
fn read(folder: &Path, path: &str, module: &[String], found: &mut Vec<File>) {
    let source = fs::read_to_string(folder.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let reader = Reader::read(&source, module.to_vec());
    found.push(File {
        path: path.to_owned(),
        module: module.to_vec(),
        uses: reader.uses,
    });
    for child in reader.children {
        let module = [module, &[child]].concat();
        let path = format!("src/{}.rs", module.join("/"));
        read(folder, &path, &module, found);
    }
}

/// Every file of the program except `lib.rs`, which only declares the top-level modules and belongs
/// to none of them.
static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    read(folder, "src/lib.rs", &[], &mut found);
    found.remove(0);
    read(folder, "src/main.rs", &[], &mut found);
    found
});

/// Maps each top-level module to the modules that it uses, and each used module to the path of one
/// file that uses it.
type Arrows = BTreeMap<String, BTreeMap<String, String>>;

fn arrows(files: &[File]) -> Arrows {
    let mut arrows = Arrows::new();
    for file in files {
        let from = arrows.entry(file.room().to_owned()).or_default();
        let rooms = file.uses.iter().filter_map(|names| names.first());
        for room in rooms.filter(|room| *room != file.room()) {
            from.entry(room.clone())
                .or_insert_with(|| file.path.clone());
        }
    }
    arrows
}

/// The differences between the arrows and the table, one per line.
fn complaints(arrows: &Arrows, table: &[(&str, &str)]) -> Vec<String> {
    let allowed: BTreeMap<&str, BTreeSet<&str>> = table
        .iter()
        .map(|(room, others)| (*room, others.split_whitespace().collect()))
        .collect();
    let mut lines = Vec::new();
    for (room, used) in arrows {
        let Some(allowed) = allowed.get(&**room) else {
            lines.push(format!("`{room}` is a room without an entry in the table"));
            continue;
        };
        let wrong = used
            .iter()
            .filter(|(other, _)| !allowed.contains(&***other));
        lines.extend(wrong.map(|(other, file)| format!("{file}: `{room}` must not use `{other}`")));
    }
    for (room, others) in allowed {
        let Some(used) = arrows.get(room) else {
            lines.push(format!(
                "`{room}` is in the table, but there is no such room"
            ));
            continue;
        };
        let idle = others
            .into_iter()
            .filter(|other| !used.contains_key(*other));
        lines.extend(idle.map(|other| {
            format!("`{room}` may use `{other}`, but no file does: remove the permission")
        }));
    }
    lines
}

type Graph = BTreeMap<String, BTreeSet<String>>;

/// Everything that is reachable from `from` by one or more arrows.
fn reach<'a>(graph: &'a Graph, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = graph
        .get(from)
        .into_iter()
        .flatten()
        .map(|name| &**name)
        .collect();
    while let Some(name) = next.pop() {
        if reached.insert(name) {
            next.extend(graph.get(name).into_iter().flatten().map(|name| &**name));
        }
    }
    reached
}

/// Sets in which each member depends on every other: the strongly connected components with two or
/// more members.
fn circles(graph: &Graph) -> BTreeSet<Vec<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = graph
        .keys()
        .map(|name| (&**name, reach(graph, name)))
        .collect();
    let circle = |from: &&str| {
        let others = reached[from].iter().copied();
        let back = |name: &&str| {
            reached
                .get(name)
                .is_some_and(|reached| reached.contains(from))
        };
        others.filter(back).collect::<Vec<_>>()
    };
    let circles = reached.keys().map(circle);
    circles.filter(|circle| circle.len() > 1).collect()
}

/// The dependencies between the files of a top-level module, without the module's root file, which
/// only declares modules and re-exports items.
fn graph_of(files: &[File], room: &str) -> Graph {
    let inside = files
        .iter()
        .filter(|file| file.room() == room && file.module.len() > 1);
    let paths: BTreeMap<&[String], &str> = inside
        .clone()
        .map(|file| (&*file.module, &*file.path))
        .collect();
    let target = |names: &Names| {
        let mut lengths = (2..=names.len()).rev();
        lengths.find_map(|length| paths.get(&names[..length]).map(|path| (*path).to_owned()))
    };
    inside
        .map(|file| {
            (
                file.path.clone(),
                file.uses.iter().filter_map(target).collect(),
            )
        })
        .collect()
}

#[test]
fn every_module_uses_only_what_it_may() {
    let complaints = complaints(&arrows(&FILES), MAY_USE);
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn modules_have_no_dependency_cycles() {
    let arrows = arrows(&FILES);
    let graph = arrows
        .into_iter()
        .map(|(room, used)| (room, used.into_keys().collect()))
        .collect();
    assert_eq!(circles(&graph), BTreeSet::new());
}

#[test]
fn the_files_of_web_have_no_large_dependency_cycle() {
    let graph = graph_of(&FILES, "web");
    let circles = circles(&graph);
    let largest = circles.iter().max_by_key(|circle| circle.len());
    let largest = largest.map_or(&[][..], Vec::as_slice);
    let (shown, count) = (shown(&graph, largest), largest.len());
    assert!(
        count <= SMALL_CIRCLE,
        "{count} files of `web` need each other:\n{shown}"
    );
}

/// Code that two surfaces share belongs next to them, in `web`.
#[test]
fn no_surface_uses_another() {
    let surface = |path: &str| {
        let path = path.strip_prefix("src/web/")?;
        let name = path.split(['/', '.']).next()?;
        SURFACES.contains(&name).then(|| name.to_owned())
    };
    let graph = graph_of(&FILES, "web");
    let mut found = BTreeSet::new();
    for (file, used) in &graph {
        let Some(own) = surface(file) else { continue };
        found.insert(own.clone());
        for other in used {
            let is_another = surface(other).is_some_and(|other| other != own);
            assert!(!is_another, "{file} uses {other}");
        }
    }
    assert_eq!(found.len(), SURFACES.len(), "{found:?}");
}

/// The arrows within a dependency cycle, one line per file.
fn shown(graph: &Graph, circle: &[&str]) -> String {
    let line = |file: &&str| {
        let inside = graph[*file]
            .iter()
            .filter(|other| circle.contains(&&***other));
        let inside = inside.map(String::as_str).collect::<Vec<_>>();
        format!("{file}: {}\n", inside.join(" "))
    };
    circle.iter().map(line).collect()
}

/// Contains an arrow in each syntactic position. The tests above would not notice an arrow that
/// [`Reader`] overlooks.
#[test]
fn dependencies_are_found_in_every_position() {
    let source = r#"
        //! [`crate::link`]
        use std::fmt;
        use crate::{a::One, b::{self, Two as Three}, c::*};
        use super::sibling::Four;
        use own::Five;
        mod own;
        #[cfg(test)]
        mod tests;
        #[derive(Error)]
        #[error("{}", crate::d::SIX)]
        pub(super) struct Seven(pub(in crate::hidden) super::super::e::Eight);
        mod inside { use super::own::Nine; }
        fn ten() -> impl Into<crate::f::Ten> {
            println!("crate::text {}", crate::g::ELEVEN);
            match fmt::own { #[cfg(test)] _ => crate::t::T, _ => own::twelve() }
        }
        #[cfg(test)]
        use crate::t::T;
        #[cfg(test)]
        impl crate::t::T { }
    "#;
    let reader = Reader::read(source, ["room", "file"].map(str::to_owned).to_vec());
    let uses: Vec<_> = reader.uses.iter().map(|names| names.join("::")).collect();
    let expected = [
        "a::One",
        "b",
        "b::Two",
        "c",
        "d::SIX",
        "e::Eight",
        "f::Ten",
        "g::ELEVEN",
        "room::file::own::Five",
        "room::file::own::Nine",
        "room::file::own::twelve",
        "room::sibling::Four",
        "text",
    ];
    assert_eq!(uses, expected);
    assert_eq!(reader.children, ["own"]);
}

#[test]
fn each_kind_of_complaint_is_one_line() {
    let used = |rooms: &[&str], file: &str| {
        let arrow = |room: &&str| ((*room).to_owned(), file.to_owned());
        rooms.iter().map(arrow).collect::<BTreeMap<_, _>>()
    };
    let arrows = Arrows::from([
        ("saml".to_owned(), used(&["web"], "src/saml/check.rs")),
        ("new".to_owned(), BTreeMap::new()),
        ("web".to_owned(), used(&["saml"], "src/web/acs.rs")),
    ]);
    let table = [("saml", "clock"), ("web", "saml"), ("old", "")];
    let expected = [
        "`new` is a room without an entry in the table",
        "src/saml/check.rs: `saml` must not use `web`",
        "`old` is in the table, but there is no such room",
        "`saml` may use `clock`, but no file does: remove the permission",
    ];
    assert_eq!(complaints(&arrows, &table), expected);
    let graph = arrows
        .into_iter()
        .map(|(room, used)| (room, used.into_keys().collect()))
        .collect();
    assert_eq!(circles(&graph), BTreeSet::from([vec!["saml", "web"]]));
}
