//! The styles of `init`: which files each of them has, and where they go.
//!
//! The files are real ones in `templates/`. Words between `@` are replaced by what the environment is.

use super::InitError;
use crate::arguments::Style;

/// What the words between `@` become.
#[derive(Debug)]
pub(super) struct Words<'w> {
    pub(super) environment: &'w str,
    pub(super) region: &'w str,
    pub(super) partition: &'w str,
    /// What the first image is built on, as JSON.
    pub(super) base: String,
    /// The folder of the documents, as it is seen from the project.
    pub(super) documents: String,
}

/// A file: its path, and its text.
type Template = (&'static str, &'static str);

macro_rules! template {
    ($path:literal) => {
        include_str!(concat!("templates/", $path))
    };
}

/// A component document that comes with goldsmith.
macro_rules! component {
    ($name:literal) => {
        (
            concat!("components/", $name),
            include_str!(concat!("../../../../ami-versions/components/", $name)),
        )
    };
}

/// What every project has.
const PROJECT: [Template; 6] = [
    (".envrc", template!("project/envrc")),
    (
        ".github/workflows/images.yml",
        template!("project/.github/workflows/images.yml"),
    ),
    (".gitlab-ci.yml", template!("project/gitlab-ci.yml")),
    ("Jenkinsfile", template!("project/Jenkinsfile")),
    (
        "ci/install-goldsmith.sh",
        template!("project/ci/install-goldsmith.sh"),
    ),
    (
        "test/baseline/inspec.yml",
        template!("project/test/inspec.yml"),
    ),
];

/// The waivers that every environment begins with.
const WAIVERS: [Template; 2] = [
    ("audit/poam.yml", template!("environment/audit/poam.yml")),
    ("audit/skip.yml", template!("environment/audit/skip.yml")),
];

/// The documents of a style, below the folder of the environment.
pub(super) fn documents(style: Style, words: &Words<'_>) -> Vec<(String, String)> {
    let own: &[Template] = match style {
        Style::Minimal => &[],
        Style::ImageBuilder => &[
            (
                "environment.json",
                template!("image-builder/environment.json"),
            ),
            component!("boot-and-agent.yml"),
        ],
        Style::RakePacker => &[
            (
                "environment.json",
                template!("rake-packer/environment.json"),
            ),
            (
                "workload_accounts.@REGION@.json",
                template!("rake-packer/workload_accounts.json"),
            ),
            component!("boot-and-agent.yml"),
        ],
        Style::Windows => &[
            ("environment.json", template!("windows/environment.json")),
            component!("boot-and-agent-windows.yml"),
        ],
        Style::Stig => &[
            ("environment.json", template!("stig/environment.json")),
            component!("boot-and-agent.yml"),
            component!("openscap.yml"),
        ],
    };
    let of_platform: [Template; 2] = match style {
        Style::Windows => [
            ("ami-versions.json", template!("windows/ami-versions.json")),
            ("components/setup.yml", template!("windows/setup.yml")),
        ],
        Style::Minimal | Style::ImageBuilder | Style::RakePacker | Style::Stig => [
            ("ami-versions.json", template!("ami-versions.json")),
            ("components/setup.yml", template!("setup.yml")),
        ],
    };
    let all = own.iter().chain(&of_platform).chain(&WAIVERS);
    all.map(|(path, text)| (words.put(path), words.put(text)))
        .collect()
}

/// The files of a project with this style, below its folder.
pub(super) fn project(style: Style, words: &Words<'_>) -> Vec<(String, String)> {
    let controls = match style {
        Style::Windows => template!("project/test/windows.rb"),
        Style::Minimal | Style::ImageBuilder | Style::RakePacker | Style::Stig => {
            template!("project/test/linux.rb")
        }
    };
    let family = if style == Style::Windows {
        "windows"
    } else {
        "linux"
    };
    let readme = template!("project/README.md").replace("@STYLE@\n", about(style));
    let of_style = [
        ("README.md", readme.as_str()),
        ("test/baseline/controls/baseline.rb", controls),
    ];
    let all = PROJECT.iter().copied().chain(of_style);
    all.map(|(path, text)| (path.to_owned(), words.put(text).replace("@FAMILY@", family)))
        .collect()
}

/// What the README says about a style.
fn about(style: Style) -> &'static str {
    match style {
        Style::Minimal | Style::ImageBuilder => "",
        Style::RakePacker => {
            "- `workload_accounts.@REGION@.json` beside the documents lists accounts as the image framework does. They get copies.\n"
        }
        Style::Windows => {
            "- Image Builder runs Sysprep at the end of each build, so no component does.\n"
        }
        Style::Stig => {
            "- Each image is hardened to the high level of Amazon's STIG component, scanned, and approved by a person:\n  \
             `goldsmith approve base`.\n"
        }
    }
}

impl Words<'_> {
    fn put(&self, text: &str) -> String {
        let words = [
            ("@ENVIRONMENT@", self.environment),
            ("@REGION@", self.region),
            ("@PARTITION@", self.partition),
            ("@BASE@", &self.base),
            ("@DOCUMENTS@", &self.documents),
        ];
        words.iter().fold(text.to_owned(), |text, (word, with)| {
            text.replace(word, with)
        })
    }
}

/// A folder as the files of a project name it: in shells, in YAML and in Groovy.
pub(super) fn plain(folder: &str) -> Result<String, InitError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if folder.is_empty() || folder.starts_with('-') || !folder.chars().all(is_plain) {
        return Err(InitError::Folder(folder.to_owned()));
    }
    Ok(folder.to_owned())
}
