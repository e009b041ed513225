//! Templates in HCL2: the blocks of all `*.pkr.hcl` files of a folder as one template.

mod eval;
mod functions;
mod scope;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block as HclBlock, Body, Structure};

use self::scope::Scope;
use super::interpolate::Variables;
use super::template::{Block, Build, Template};
use crate::ledger::Ledger;
use crate::outcome::{ImportError, LeftKind, Place};
use crate::source::{Sources, file_name};
use crate::value::{Data, Unknown, Value};

/// A parsed file.
struct File<'s> {
    path: &'s str,
    body: Body,
    lines: Lines,
}

/// Where the lines of a file begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    fn at(&self, offset: usize) -> usize {
        1 + self.0.partition_point(|line_feed| *line_feed < offset)
    }
}

/// The template of a folder.
pub(super) fn template(sources: &Sources, ledger: &mut Ledger) -> Result<Template, ImportError> {
    let paths = sources.paths().filter(|path| !path.contains('/'));
    let (templates, values): (Vec<&str>, Vec<&str>) = paths
        .filter(|path| path.ends_with(".pkr.hcl") || path.ends_with(".pkrvars.hcl"))
        .partition(|path| path.ends_with(".pkr.hcl"));
    let mut files = Vec::new();
    for path in templates {
        files.push(parsed(path, sources.text(path).unwrap_or_default())?);
    }
    let mut given = Vec::new();
    for path in values {
        if path.ends_with(".auto.pkrvars.hcl") {
            given.push(parsed(path, sources.text(path).unwrap_or_default())?);
        } else {
            ledger.hinted(
                LeftKind::Missing,
                &Place::file(path),
                file_name(path),
                "Packer reads this file only with -var-file",
                "to import its values, rename a copy to *.auto.pkrvars.hcl and import again",
            );
        }
    }
    Ok(of_files(&files, &given, ledger))
}

fn parsed<'s>(path: &'s str, text: &str) -> Result<File<'s>, ImportError> {
    let body = hcl_edit::parser::parse_body(text).map_err(|error| ImportError::Unreadable {
        place: Place {
            line: Some(error.location().line()),
            ..Place::file(path)
        },
        found: "something else".to_owned(),
        expected: "HCL2",
    })?;
    let lines = Lines::of(text);
    Ok(File { path, body, lines })
}

fn of_files(files: &[File<'_>], given: &[File<'_>], ledger: &mut Ledger) -> Template {
    let mut scope = Scope::default();
    variables(files, given, &mut scope, ledger);
    locals(files, &mut scope);
    let blocks =
        |kind: &'static str| all_blocks(files).filter(move |(_, block)| block.has_ident(kind));
    let read = |(file, block): (&File<'_>, &HclBlock)| labelled(file, block, &scope);
    let sources = blocks("source").map(|(file, block)| source(file, block, &scope));
    let sources: Vec<Block> = sources.collect();
    let builds = blocks("build").map(|(file, block)| build(file, block, &sources, &scope, ledger));
    let builds: Vec<Build> = builds.collect();
    for (file, block) in all_blocks(files) {
        let kind = block.ident.value().as_str();
        if ![
            "variable",
            "variables",
            "local",
            "locals",
            "source",
            "build",
            "data",
            "packer",
        ]
        .contains(&kind)
        {
            ledger.left(
                LeftKind::Unsupported,
                &place(file, block),
                kind,
                "goldsmith has no such block",
            );
        }
    }
    Template {
        builds,
        data: blocks("data").map(read).collect(),
        folder: String::new(),
    }
}

fn all_blocks<'f>(files: &'f [File<'_>]) -> impl Iterator<Item = (&'f File<'f>, &'f HclBlock)> {
    files
        .iter()
        .flat_map(|file| file.body.blocks().map(move |block| (file, block)))
}

fn place(file: &File<'_>, block: &HclBlock) -> Place {
    let labels = block
        .labels
        .iter()
        .map(|label| format!(" \"{}\"", label.as_str()));
    Place {
        file: file.path.to_owned(),
        line: block.ident.span().map(|span| file.lines.at(span.start)),
        path: format!("{}{}", block.ident.value(), labels.collect::<String>()),
    }
}

/// Values from files count more than defaults.
fn variables(files: &[File<'_>], given: &[File<'_>], scope: &mut Scope<'_>, ledger: &mut Ledger) {
    let nothing = Scope::default();
    let value_in_files = |name: &str| {
        let found = given
            .iter()
            .rev()
            .find_map(|file| file.body.get_attribute(name))?;
        Some(eval::value(&found.value, &nothing))
    };
    for (_, block) in all_blocks(files).filter(|(_, block)| block.has_ident("variable")) {
        let Some(name) = block.labels.first() else {
            continue;
        };
        let attribute = |key: &str| Some(&block.body.get_attribute(key)?.value);
        let default = attribute("default").map(|default| eval::value(default, &nothing));
        let is_sensitive = attribute("sensitive").is_some_and(|flag| flag.as_bool() != Some(false));
        let value = value_in_files(name.as_str()).or(default);
        let value = value.unwrap_or_else(|| Data::Null.into());
        scope.add_variable(name.as_str(), value, is_sensitive);
    }
    for (_, block) in all_blocks(files).filter(|(_, block)| block.has_ident("variables")) {
        for attribute in block.body.attributes() {
            let name = attribute.key.value().as_str();
            let value = value_in_files(name);
            let value = value.unwrap_or_else(|| eval::value(&attribute.value, &nothing));
            scope.add_variable(name, value, false);
        }
    }
    for file in given {
        for attribute in file.body.attributes() {
            let name = attribute.key.value().as_str();
            if !scope.has_variable(name) {
                let place = Place::file(file.path).key(name);
                let why = "no template of the folder declares such a variable";
                ledger.left(LeftKind::Unneeded, &place, name, why);
            }
        }
    }
}

fn locals<'f>(files: &'f [File<'_>], scope: &mut Scope<'f>) {
    for (_, block) in all_blocks(files) {
        match (block.ident.value().as_str(), block.labels.first()) {
            ("locals", _) => {
                for attribute in block.body.attributes() {
                    scope.add_local(attribute.key.value().as_str(), &attribute.value, false);
                }
            }
            ("local", Some(name)) => {
                let Some(expression) = block.body.get_attribute("expression") else {
                    continue;
                };
                let mark = block
                    .body
                    .get_attribute("sensitive")
                    .map(|mark| &mark.value);
                let is_sensitive =
                    mark.is_some_and(|mark: &Expression| mark.as_bool() != Some(false));
                scope.add_local(name.as_str(), &expression.value, is_sensitive);
            }
            _ => {}
        }
    }
}

/// A source. Its texts may still have what Packer's first language has in double braces.
fn source(file: &File<'_>, block: &HclBlock, scope: &Scope<'_>) -> Block {
    let read = labelled(file, block, scope);
    let settings = Variables::default().fill(&read.settings);
    Block { settings, ..read }
}

/// A block whose labels are its type and its name.
fn labelled(file: &File<'_>, block: &HclBlock, scope: &Scope<'_>) -> Block {
    let mut labels = block.labels.iter().map(|label| label.as_str().to_owned());
    Block {
        kind: labels.next().unwrap_or_default(),
        name: labels.next().unwrap_or_default(),
        settings: object(&block.body, file, scope),
        place: place(file, block),
    }
}

/// A body as an object. A block that is there several times is a list.
fn object(body: &Body, file: &File<'_>, scope: &Scope<'_>) -> Value {
    let mut entries: Vec<(String, Value)> = Vec::new();
    for structure in body {
        let (key, value, span) = match structure {
            Structure::Attribute(attribute) => {
                let value = eval::value(&attribute.value, scope);
                (
                    attribute.key.value().to_string(),
                    value,
                    attribute.key.span(),
                )
            }
            Structure::Block(block) => {
                let key = block.ident.value().to_string();
                let value = match key.as_str() {
                    "dynamic" => Value::unknown(Unknown::computed("a dynamic block")),
                    _ => object(&block.body, file, scope),
                };
                (key, value, block.ident.span())
            }
        };
        let line = span.map(|span| file.lines.at(span.start));
        let value = Value { line, ..value };
        match entries.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => append(known, value),
            None => entries.push((key, value)),
        }
    }
    Data::Object(entries).into()
}

fn append(known: &mut Value, value: Value) {
    if let Data::List(items) = &mut known.data {
        items.push(value);
    } else {
        known.data = Data::List(vec![known.clone(), value]);
    }
}

fn build(
    file: &File<'_>,
    block: &HclBlock,
    sources: &[Block],
    scope: &Scope<'_>,
    ledger: &mut Ledger,
) -> Build {
    let mut build = Build::default();
    for attribute in block.body.attributes() {
        let key = attribute.key.value().as_str();
        let line = attribute.key.span().map(|span| file.lines.at(span.start));
        let place = place(file, block).key(key).at(line);
        match key {
            "sources" => {
                for name in eval::value(&attribute.value, scope).items() {
                    build.builders.extend(named(&name, sources, &place, ledger));
                }
            }
            "name" | "description" => {}
            _ => ledger.left(
                LeftKind::Unsupported,
                &place,
                key,
                "goldsmith has no such setting",
            ),
        }
    }
    for inner in block.body.blocks() {
        add(inner, &mut build, file, sources, scope, ledger);
    }
    build
}

/// Adds a block of a build.
fn add(
    block: &HclBlock,
    build: &mut Build,
    file: &File<'_>,
    sources: &[Block],
    scope: &Scope<'_>,
    ledger: &mut Ledger,
) {
    let read = labelled(file, block, scope);
    match block.ident.value().as_str() {
        "source" => {
            let read = source(file, block, scope);
            build.builders.extend(refined(&read, sources, ledger));
        }
        "provisioner" => build.provisioners.push(read),
        "post-processor" => build.post_processors.push(read),
        "post-processors" => {
            let inner = block
                .body
                .blocks()
                .map(|block| labelled(file, block, scope));
            build.post_processors.extend(inner);
        }
        "error-cleanup-provisioner" => {
            let why = "Image Builder ends the instance of a failed build";
            ledger.left(LeftKind::Unneeded, &read.place, &read.kind, why);
        }
        kind => {
            let why = "goldsmith has no such block";
            ledger.left(LeftKind::Unsupported, &read.place, kind, why);
        }
    }
}

/// The source that a build names as `source.<type>.<name>`, or without the first part.
fn named(value: &Value, sources: &[Block], place: &Place, ledger: &mut Ledger) -> Option<Block> {
    let name = match value.text() {
        Ok(name) => name,
        Err(_) => value.summary().trim_matches(['{', '}']).to_owned(),
    };
    let full = name.strip_prefix("source.").unwrap_or(&name);
    let found = sources
        .iter()
        .find(|source| format!("{}.{}", source.kind, source.name) == full);
    if found.is_none() {
        ledger.left(
            LeftKind::Missing,
            place,
            &name,
            "no template of the folder has such a source",
        );
    }
    found.cloned()
}

/// A `source` block inside of a build: the source that it names, with its own settings.
fn refined(block: &Block, sources: &[Block], ledger: &mut Ledger) -> Option<Block> {
    let name = Value::text_of(&block.kind);
    let source = named(&name, sources, &block.place, ledger)?;
    let mut entries = source.settings.entries().unwrap_or_default().to_vec();
    let mut name = source.name.clone();
    for (key, value) in block.settings.entries().unwrap_or_default() {
        if key == "name" {
            name = value.text().unwrap_or(name);
            continue;
        }
        entries.retain(|(known, _)| known != key);
        entries.push((key.clone(), value.clone()));
    }
    Some(Block {
        name,
        settings: Data::Object(entries).into(),
        ..source
    })
}
