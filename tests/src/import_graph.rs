//! Which modules of a crate import which: the graph, its loops and its floors.
//!
//! The graph is read from the text of the sources: `use` trees and paths such as `crate::a::b()`.
//! A name that a module only re-exports counts for the module that it comes from. Code for tests
//! does not count.
//!
//! A module and everything below it count as one towards the modules beside it. So there is a
//! graph of siblings for each parent, and none of these graphs may have a loop.

mod components;
mod source;
mod token;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs, io,
    path::Path,
};

use self::{
    components::{Arrows, components, floors},
    source::{Module, Path as Segments},
};

/// How many re-exports a name may pass through. More can only be a loop of re-exports.
const RE_EXPORTS: usize = 16;

/// One module imports another one. The crate's root is the empty string.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// The module that has the import.
    pub from: String,
    /// The module that is imported.
    pub to: String,
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.from, self.to)
    }
}

/// Modules beside each other that import each other in a loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loop {
    /// The modules, each with its whole path.
    pub modules: BTreeSet<String>,
    /// Every import between them, so that one sees what to cut.
    pub imports: Vec<Import>,
}

impl fmt::Display for Loop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let modules: Vec<_> = self.modules.iter().map(String::as_str).collect();
        write!(f, "loop: {}", modules.join(", "))?;
        self.imports
            .iter()
            .try_for_each(|import| write!(f, "\n    {import}"))
    }
}

/// The modules of a crate and their imports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportGraph {
    modules: BTreeSet<String>,
    imports: BTreeSet<Import>,
}

impl ImportGraph {
    /// The graph of the library whose sources are in this folder, or of the binary if it has none.
    pub fn of_crate(folder: &Path) -> io::Result<Self> {
        let mut sources = Vec::new();
        read(folder, "", &mut sources)?;
        let is_library = sources.iter().any(|(name, _)| name == "lib.rs");
        sources.retain(|(name, _)| !(name.starts_with("bin/") || is_library && name == "main.rs"));
        let texts = sources
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        Ok(Self::of_sources(texts))
    }

    /// The graph of sources: each file's path in `src`, and its text.
    pub fn of_sources<'a>(sources: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let files = sources
            .into_iter()
            .flat_map(|(name, text)| source::modules(module_of(name), text));
        let all: Vec<Module> = files.collect();
        let tests: BTreeSet<&Segments> = all.iter().flat_map(|module| &module.tests).collect();
        let is_test = |path: &Segments| tests.iter().any(|test| path.starts_with(test));
        let modules: BTreeMap<&Segments, &Module> = all
            .iter()
            .filter(|module| !is_test(&module.path))
            .map(|module| (&module.path, module))
            .collect();
        let scope = Scope { modules };
        Self {
            modules: scope.modules.keys().map(|path| path.join("::")).collect(),
            imports: scope.imports(),
        }
    }

    /// The path of every module.
    pub fn modules(&self) -> &BTreeSet<String> {
        &self.modules
    }

    /// Every import of another module.
    pub fn imports(&self) -> &BTreeSet<Import> {
        &self.imports
    }

    /// The loops between modules beside each other, whoever their parent is.
    pub fn loops(&self) -> Vec<Loop> {
        let parents: BTreeSet<&str> = self.modules.iter().map(|module| parent(module)).collect();
        let per_parent = parents.into_iter().flat_map(|parent| {
            let arrows = self.siblings(parent);
            components(&arrows)
                .into_iter()
                .filter(|members| members.len() > 1)
        });
        per_parent.map(|members| self.as_loop(members)).collect()
    }

    fn as_loop(&self, members: BTreeSet<String>) -> Loop {
        let of = |module: &str| members.iter().find(|member| is_within(module, member));
        let is_between = |import: &&Import| match (of(&import.from), of(&import.to)) {
            (Some(from), Some(to)) => from != to,
            _ => false,
        };
        let imports = self.imports.iter().filter(is_between).cloned().collect();
        Loop {
            modules: members,
            imports,
        }
    }

    /// On how many floors the modules below this one stand; the crate's root is `""`.
    pub fn floors(&self, parent: &str) -> usize {
        floors(&self.siblings(parent))
    }

    /// The most files that can all reach each other, imports of parents and children aside.
    pub fn largest_knot(&self) -> usize {
        let mut arrows = nodes(self.modules.iter().cloned());
        for Import { from, to } in &self.imports {
            if !is_within(from, to) && !is_within(to, from) {
                arrows.entry(from.clone()).or_default().insert(to.clone());
            }
        }
        let sizes = components(&arrows).into_iter().map(|members| members.len());
        sizes.filter(|size| *size > 1).max().unwrap_or_default()
    }

    /// What is wrong with the order of these layers: imports of a higher layer, and modules that
    /// belong to none. The lowest layer comes first; of two fitting paths the longer one counts.
    pub fn against(&self, layers: &[&[&str]]) -> Vec<String> {
        let rank = |module: &str| {
            let named = layers.iter().enumerate().flat_map(|(rank, layer)| {
                let fitting = layer.iter().filter(|member| is_within(module, member));
                fitting.map(move |member| (member.len(), rank))
            });
            named.max().map(|(_, rank)| rank)
        };
        let homeless = self.modules.iter().filter(|module| {
            // The root and parents of layers only hold other modules together.
            let holds_layers = layers.concat().iter().any(|layer| is_within(layer, module));
            rank(module).is_none() && !holds_layers
        });
        let upward = self.imports.iter().filter(|import| {
            let ranks = (rank(&import.from), rank(&import.to));
            matches!(ranks, (Some(from), Some(to)) if from < to)
        });
        let homeless = homeless.map(|module| format!("{module} belongs to no layer"));
        homeless
            .chain(upward.map(|import| format!("{import} points to a higher layer")))
            .collect()
    }

    /// The modules below a parent, each with everything below itself, and their imports.
    fn siblings(&self, parent: &str) -> Arrows {
        let children = self
            .modules
            .iter()
            .filter_map(|module| child(parent, module));
        let mut arrows = nodes(children);
        for import in &self.imports {
            if let (Some(from), Some(to)) = (child(parent, &import.from), child(parent, &import.to))
                && from != to
            {
                arrows.entry(from).or_default().insert(to);
            }
        }
        arrows
    }
}

fn nodes(modules: impl Iterator<Item = String>) -> Arrows {
    modules.map(|module| (module, BTreeSet::new())).collect()
}

/// What names mean, module by module.
struct Scope<'a> {
    modules: BTreeMap<&'a Segments, &'a Module>,
}

impl Scope<'_> {
    fn imports(&self) -> BTreeSet<Import> {
        let all = self.modules.values().flat_map(|module| {
            let uses = module.uses.iter().map(|one| &one.path);
            uses.chain(&module.paths)
                .filter_map(|path| self.resolve(module, path, RE_EXPORTS))
                .map(|to| Import {
                    from: module.path.join("::"),
                    to: to.join("::"),
                })
        });
        all.filter(|import| import.from != import.to).collect()
    }

    /// The module that a path leads to, or that defines what the path leads to.
    fn resolve(&self, from: &Module, path: &[String], budget: usize) -> Option<Segments> {
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => Segments::new(),
            "self" => from.path.clone(),
            "super" => from.path.split_last()?.1.to_vec(),
            _ => return self.resolve_name(from, path, budget),
        };
        self.walk(start, rest, budget)
    }

    /// A path that starts with a name: a child module or something imported. Another crate if neither.
    fn resolve_name(&self, from: &Module, path: &[String], budget: usize) -> Option<Segments> {
        let child = [from.path.as_slice(), &path[..1]].concat();
        if self.modules.contains_key(&child) {
            return self.walk(child, &path[1..], budget);
        }
        let import = from
            .uses
            .iter()
            .find(|one| one.name.as_deref() == Some(&path[0]) && one.path[0] != path[0])?;
        let whole = [import.path.as_slice(), &path[1..]].concat();
        self.resolve(from, &whole, budget.checked_sub(1)?)
    }

    fn walk(&self, mut at: Segments, rest: &[String], budget: usize) -> Option<Segments> {
        for (index, name) in rest.iter().enumerate() {
            if name == "super" {
                at.pop()?;
                continue;
            }
            let deeper = [at.as_slice(), std::slice::from_ref(name)].concat();
            if self.modules.contains_key(&deeper) {
                at = deeper;
                continue;
            }
            let here = self.modules.get(&at)?;
            let elsewhere = self.resolve_name(here, &rest[index..], budget);
            return Some(elsewhere.unwrap_or(at));
        }
        Some(at)
    }
}

/// All sources in a folder, with their paths.
fn read(folder: &Path, prefix: &str, sources: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{name}/"), sources)?;
        } else if entry.path().extension().is_some_and(|kind| kind == "rs") {
            sources.push((name, fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}

/// The module that a file is.
fn module_of(file: &str) -> Segments {
    let path = file.trim_end_matches(".rs");
    let mut segments: Segments = path.split('/').map(str::to_owned).collect();
    let is_root = segments.len() == 1 && (path == "lib" || path == "main");
    if is_root || segments.last().is_some_and(|last| last == "mod") {
        segments.pop();
    }
    segments
}

fn parent(module: &str) -> &str {
    module.rsplit_once("::").map_or("", |(parent, _)| parent)
}

/// Whether a module is this one or below it.
fn is_within(module: &str, parent: &str) -> bool {
    parent.is_empty()
        || module
            .strip_prefix(parent)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The child of a parent that a module is, or is below.
fn child(parent: &str, module: &str) -> Option<String> {
    let below = match parent {
        "" => module,
        _ => module.strip_prefix(parent)?.strip_prefix("::")?,
    };
    let name = below.split("::").next().filter(|name| !name.is_empty())?;
    Some(match parent {
        "" => name.to_owned(),
        _ => format!("{parent}::{name}"),
    })
}

#[cfg(test)]
mod tests;
