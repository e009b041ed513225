//! The layers of variables. A later one counts more: the template's defaults, `set_if_empty`, `vars.json`, `set`, and
//! what the framework computes for variables that are still empty.

use super::config::Setting;
use super::workloads;
use crate::ledger::Ledger;
use crate::outcome::{ImportError, LeftKind, Place};
use crate::packer::{Variables, parsed};
use crate::settings::Settings;
use crate::source::Sources;
use crate::value::{Trouble, Unknown, Value};

/// The project's own variables.
const VARS: &str = "vars.json";

/// Sets the variables of `config.rb`: its defaults, or the others.
pub(super) fn from_config(
    config: &[Setting],
    defaults: bool,
    variables: &mut Variables,
    ledger: &mut Ledger,
) {
    let names = ["image_build_vars", "default_image_build_vars"];
    for setting in config
        .iter()
        .filter(|setting| names.contains(&setting.key.as_str()))
    {
        let is_default = setting.is_default || setting.key == "default_image_build_vars";
        if is_default != defaults {
            continue;
        }
        let place = Place::file("config.rb")
            .at(setting.value.line)
            .key(&setting.key);
        let Some(entries) = setting.value.entries() else {
            let trouble = setting.value.text().err();
            let trouble = trouble.unwrap_or_else(|| setting.value.form("a hash"));
            ledger.trouble(&place, &trouble);
            continue;
        };
        for (name, value) in entries {
            if let Err(trouble @ Trouble::Unknown(_)) = value.text() {
                ledger.trouble(&place.key(name).at(value.line), &trouble);
            }
            variables.set(name, value, false);
        }
    }
}

/// Sets the variables of `vars.json`.
pub(super) fn from_file(sources: &Sources, variables: &mut Variables) -> Result<(), ImportError> {
    let Some(text) = sources.text(VARS) else {
        return Ok(());
    };
    let value = parsed(VARS, text)?;
    for (name, value) in value.entries().unwrap_or_default() {
        variables.set(name, value, false);
    }
    Ok(())
}

/// Sets what the framework computes, as far as a project decides it.
pub(super) fn of_framework(
    sources: &Sources,
    settings: &Settings,
    variables: &mut Variables,
    ledger: &mut Ledger,
) {
    let version = sources
        .text("VERSION")
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let region = settings
        .region
        .clone()
        .or_else(|| only_region(sources, ledger));
    let known = [
        ("environment", Some(settings.environment.clone())),
        ("name", Some(settings.name.clone())),
        ("version", version.map(str::to_owned)),
        ("aws_region", region),
    ];
    for (name, value) in known {
        if let Some(value) = value
            && variables.needs(name)
        {
            variables.set(name, &Value::text_of(&value), false);
        }
    }
    for unknown in computed() {
        if variables.needs(&unknown.what) {
            variables.set_unknown(&unknown.what.clone(), unknown);
        }
    }
}

/// The Region of the only document of workload accounts.
fn only_region(sources: &Sources, ledger: &mut Ledger) -> Option<String> {
    let mut regions = workloads::regions(sources);
    let (path, region) = regions.pop().filter(|_| regions.is_empty())?;
    let why = "the workload accounts are those of this Region";
    ledger.decided(Some(&Place::file(&path)), "regions", &region, why);
    Some(region)
}

/// What the framework fills in when it runs.
fn computed() -> Vec<Unknown> {
    let unknown = |what: &str, kind, why: &str, hint: Option<&str>| Unknown {
        kind,
        what: what.to_owned(),
        why: why.to_owned(),
        hint: hint.map(str::to_owned),
    };
    vec![
        unknown(
            "source_ami",
            LeftKind::Missing,
            "SOURCE_AMI, SOURCE_IMAGE or SOURCE_IMAGE_FILE gives it when the framework runs",
            Some("name the base with --base; `recipe:<recipename>` is the image of another entry"),
        ),
        unknown(
            "ami_users",
            LeftKind::Unneeded,
            "the accounts are those of workload_accounts.<region>.json",
            None,
        ),
        unknown(
            "expiry_date",
            LeftKind::Unsupported,
            "it was a day of one build",
            Some("`expiry` of environment.json has days, and gives each image this tag"),
        ),
        unknown(
            "build_url",
            LeftKind::Unneeded,
            "`goldsmith apply` stores the commit and the build with the documents",
            None,
        ),
        unknown(
            "version",
            LeftKind::Unneeded,
            "a version follows from the content of a recipe",
            None,
        ),
    ]
}
