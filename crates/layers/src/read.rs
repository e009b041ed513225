//! From files, the environment and the command line to values of variables.

use std::fmt;

use goldsmith_domain::document::{DocumentFile, Json, Member, members};
use goldsmith_domain::problem::{Place, Problem, Problems};

use crate::merge::Given;
use crate::origin::{Layer, Origin, Source};

/// The longest name of a variable.
const LONGEST_NAME: usize = 256;
/// The longest version. It becomes the value of a tag, which has at most 256 characters (EC2 user guide).
const LONGEST_VERSION: usize = 256;

/// The variable that says which image is meant.
pub const NAME: &str = "name";
/// The variable that says which Region builds.
pub const REGION: &str = "aws_region";
/// The variable in which the environment names a file with the AMI to build on.
pub const SOURCE_IMAGE_FILE: &str = "SOURCE_IMAGE_FILE";
/// The file with the version of the project.
pub const VERSION_FILE: &str = "VERSION";
/// The project's own variables.
pub const PROJECT_FILE: &str = "vars.json";
/// The variable in which the environment names another file for them.
pub const VAR_FILE: &str = "VAR_FILE";

/// What variables of the environment give, each overriding those before it: an AMI that is named for this image
/// counts before one that any image is built on, and both before a file.
pub const ENVIRONMENT: [(&str, &str); 8] = [
    ("AWS_DEFAULT_REGION", REGION),
    ("AWS_REGION", REGION),
    (SOURCE_IMAGE_FILE, "source_ami"),
    ("SOURCE_IMAGE", "source_ami"),
    ("SOURCE_AMI", "source_ami"),
    ("AMI_NAME", NAME),
    ("PIPELINE_ENV", "environment"),
    ("BUILD_URL", "build_url"),
];

/// The value of a variable that nothing gives.
pub fn defaults() -> Vec<Given> {
    let origin = Origin {
        layer: Layer::Default,
        source: Source::Default,
    };
    vec![given("environment", Json::Text("dev".to_owned()), origin)]
}

/// The variables of a file.
///
/// # Errors
///
/// What is wrong with the file, or with the names in it.
pub fn file(file: &DocumentFile, layer: Layer) -> Result<Vec<Given>, Problems> {
    let members = members(file)?;
    let wrong: Vec<Problem> = members.iter().filter_map(wrong_name).collect();
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let given = members.into_iter().map(|member| Given {
        name: member.name,
        value: member.value,
        origin: Origin {
            layer,
            source: Source::File(member.place),
        },
    });
    Ok(given.collect())
}

/// The problem with the name of a variable, if there is one.
fn wrong_name(member: &Member) -> Option<Problem> {
    let expected =
        "the name of a variable: 1 to 256 characters, none of them a control character or `=`";
    (!is_name(&member.name)).then(|| member.place.problem(&member.name, expected))
}

fn is_name(name: &str) -> bool {
    let wrong = |c: char| c.is_control() || c == '=';
    (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.contains(wrong)
}

/// What variables of the environment give. `value` looks one up; an empty one is none.
pub fn environment(value: impl Fn(&str) -> Option<String>) -> Vec<Given> {
    let direct = ENVIRONMENT
        .iter()
        .filter(|(from, _)| *from != SOURCE_IMAGE_FILE);
    let given = direct.filter_map(|(from, name)| {
        let text = value(from).filter(|text| !text.is_empty())?;
        let origin = Origin {
            layer: Layer::Environment,
            source: Source::Environment(from),
        };
        Some(given(name, Json::Text(text), origin))
    });
    given.collect()
}

/// The AMI that another image's build has left: the member `ami_id` of the file that `SOURCE_IMAGE_FILE` names.
///
/// It counts less than the variables of [`environment`], so it has to come before them.
///
/// # Errors
///
/// What is wrong with the file, or that it has no such member.
pub fn image_file(file: &DocumentFile) -> Result<Given, Problems> {
    let found = members(file)?;
    let ami = found.into_iter().find(|member| member.name == "ami_id");
    let expected = "`{ \"ami_id\": \"ami-...\" }`, as the build of an image leaves it";
    let start = Place::start_of(&file.key);
    let Some(ami) = ami else {
        return Err(start.problem("a file without `ami_id`", expected).into());
    };
    let Json::Text(id) = ami.value else {
        return Err(ami.place.problem("another value", expected).into());
    };
    let origin = Origin {
        layer: Layer::Environment,
        source: Source::File(ami.place),
    };
    Ok(given("source_ami", Json::Text(id), origin))
}

/// The version of the project, which is the one line of its file.
///
/// # Errors
///
/// The file is empty, has several lines, or is no text.
pub fn version(file: &DocumentFile) -> Result<Given, Problems> {
    let place = Place::start_of(&file.key);
    let text = std::str::from_utf8(&file.bytes)
        .map(str::trim)
        .unwrap_or_default();
    let is_version = (1..=LONGEST_VERSION).contains(&text.chars().count());
    if !is_version || text.contains(char::is_control) {
        let found = text.lines().next().unwrap_or("no text");
        let problem = place.problem(found, "one line with the version of the project");
        return Err(problem.into());
    }
    let origin = Origin {
        layer: Layer::Environment,
        source: Source::File(place),
    };
    Ok(given("version", Json::Text(text.to_owned()), origin))
}

/// A text is no `NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgumentError(String);

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found `{}`, expected NAME=VALUE", self.0)
    }
}

impl std::error::Error for ArgumentError {}

/// The variable of `--var NAME=VALUE`. A value is a text, unless it begins with `[` or `{` and is JSON, or is
/// `null`.
///
/// # Errors
///
/// The text has no `=`, or no name before it.
pub fn argument(text: &str) -> Result<Given, ArgumentError> {
    let wrong = || ArgumentError(text.split('=').next().unwrap_or_default().to_owned());
    let (name, value) = text.split_once('=').ok_or_else(wrong)?;
    if !is_name(name) {
        return Err(wrong());
    }
    let origin = Origin {
        layer: Layer::Command,
        source: Source::Argument,
    };
    Ok(given(name, argument_value(value), origin))
}

fn argument_value(text: &str) -> Json {
    if text == "null" {
        return Json::Null;
    }
    let structured = text.starts_with(['[', '{']).then(|| structured(text));
    structured
        .flatten()
        .unwrap_or_else(|| Json::Text(text.to_owned()))
}

/// A list or an object of JSON; none if it is something else.
fn structured(text: &str) -> Option<Json> {
    let wrapped = format!("{{\"value\":{text}}}");
    let file = DocumentFile {
        key: String::new(),
        version_id: String::new(),
        size: wrapped.len() as u64,
        bytes: wrapped.into_bytes(),
    };
    let mut members = members(&file).ok()?;
    let only = members.len() == 1;
    members.pop().filter(|_| only).map(|member| member.value)
}

fn given(name: &str, value: Json, origin: Origin) -> Given {
    Given {
        name: name.to_owned(),
        value,
        origin,
    }
}
