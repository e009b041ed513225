//! Projects, written as tables.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::document::DocumentFile;
use goldsmith_layers::{
    Given, Key, Layer, Prefix, Produced, Variables, Written, documented, lookup, merge, produce,
    read,
};

/// What a project, its configuration, its environment and a command line say.
#[derive(Debug, Default, Clone)]
pub struct Project {
    /// The image that the layers are for.
    pub name: Option<String>,
    /// The Region that the layers are for.
    pub region: Option<String>,
    /// Files of the configuration, the project and its documents; those of the configuration begin with `amis/`.
    pub files: BTreeMap<String, String>,
    /// Variables of the environment.
    pub environment: BTreeMap<String, String>,
    /// Values of `--var`.
    pub arguments: Vec<String>,
}

pub fn file(key: &str, text: &str) -> DocumentFile {
    DocumentFile {
        key: key.to_owned(),
        version_id: String::new(),
        size: text.len() as u64,
        bytes: text.as_bytes().to_vec(),
    }
}

/// A project with these files.
pub fn project(files: &[(&str, &str)]) -> Project {
    let files = files.iter();
    let owned = |(key, text): &(&str, &str)| ((*key).to_owned(), (*text).to_owned());
    Project {
        files: files.map(owned).collect(),
        ..Project::default()
    }
}

impl Project {
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    pub fn region(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    pub fn environment(mut self, variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter();
        let owned = |(key, text): &(&str, &str)| ((*key).to_owned(), (*text).to_owned());
        self.environment = variables.map(owned).collect();
        self
    }

    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments = arguments.iter().map(|&text| text.to_owned()).collect();
        self
    }

    /// The documents of its folder.
    pub fn documents(&self) -> Vec<DocumentFile> {
        let is_document = |key: &str| {
            key == "environment.json"
                || key == "ami-versions.json"
                || (key.starts_with("components/"))
        };
        let documents = self.files.iter().filter(|(key, _)| is_document(key));
        documents.map(|(key, text)| file(key, text)).collect()
    }

    /// The values of all layers, in a wrong order: the order of layers is not that of reading.
    pub fn given(&self) -> Vec<Given> {
        let arguments = self.arguments.iter();
        let arguments = arguments.map(|text| read::argument(text).expect("a variable"));
        let mut given: Vec<Given> = arguments.collect();
        let named = |name: &str| self.environment.get(name).cloned();
        if let Some(text) = named(read::SOURCE_IMAGE_FILE) {
            let image = read::image_file(&file("image.json", &text));
            given.push(image.expect("an AMI"));
        }
        given.extend(read::environment(named));
        if let Some(text) = self.files.get("VERSION") {
            given.push(read::version(&file("VERSION", text)).expect("a version"));
        }
        let mut of = |path: &str, layer| {
            if let Some(text) = self.files.get(path) {
                given.extend(read::file(&file(path, text), layer).expect("variables"));
            }
        };
        of("vars.json", Layer::Project);
        let key = self
            .name
            .as_deref()
            .map(|name| Key::of_name(name).expect("a key"));
        let folders = key.unwrap_or_default().folders(&Prefix::default());
        for path in lookup::variable_files(&folders, self.region.as_deref()) {
            of(&path, Layer::Configuration);
        }
        given.extend(documented(&self.documents(), self.name.as_deref()));
        given.extend(read::defaults());
        given
    }

    pub fn variables(&self) -> Variables {
        merge(self.given())
    }

    /// The documents with the variables in them.
    pub fn produced(&self) -> Produced {
        let files = self.documents();
        let components = files
            .iter()
            .filter(|file| file.key.starts_with("components/"));
        let declared = components.map(|file| {
            let names = goldsmith_domain::document::declared_parameters(file);
            (file.key.clone(), names)
        });
        let written = Written {
            files: &files,
            declared: declared.collect(),
            workloads: BTreeSet::from(["444444444444".to_owned()]),
        };
        produce(&written, &self.variables())
    }

    /// A document with the variables in it.
    pub fn document(&self, key: &str) -> serde_json::Value {
        let produced = self.produced();
        let file = produced.files.iter().find(|file| file.key == key);
        serde_json::from_slice(&file.expect("the document").bytes).expect("JSON")
    }
}

/// A value as text, with what holds it.
pub fn shown(variables: &Variables, name: &str) -> Option<(String, String)> {
    let variable = variables.get(name)?;
    let text = goldsmith_layers::text_of(&variable.value);
    let value = text.unwrap_or_else(|| goldsmith_layers::plain(&variable.value).to_string());
    Some((value, variable.origin.to_string()))
}
