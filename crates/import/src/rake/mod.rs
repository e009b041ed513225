//! A project of the Rake and Packer framework: `config.rb`, `build.json`, `vars.json`, `VERSION`, `test/`, `audit/` and
//! `workload_accounts.<region>.json`.

mod config;
mod ruby;
mod tests_and_waivers;
mod variables;
mod workloads;

use self::config::Setting;
use crate::draft::{Draft, finish};
use crate::ledger::Ledger;
use crate::outcome::{ImportError, Imported, LeftKind, Place};
use crate::packer::{Variables, assemble, json_template, json_variables, parsed};
use crate::settings::Settings;
use crate::source::Sources;
use crate::value::Value;

/// The template of a project.
const BUILD: &str = "build.json";
/// The configuration of a project.
const CONFIG: &str = "config.rb";

/// Imports a project of the Rake and Packer framework.
///
/// Errors: the folder has no `build.json`, or that file or `vars.json` cannot be parsed.
pub fn rake(sources: &Sources, settings: &Settings) -> Result<Imported, ImportError> {
    let Some(text) = sources.text(BUILD) else {
        return Err(ImportError::Nothing {
            expected: "build.json in the folder, the template of a project",
        });
    };
    let mut ledger = Ledger::default();
    let place = Place::file(BUILD);
    let value = parsed(BUILD, text)?;
    let config = config::read(
        sources.text(CONFIG).unwrap_or_default(),
        &Place::file(CONFIG),
        &mut ledger,
    );
    let mut draft = Draft::default();
    let mut variables = json_variables(&value, &place, &mut ledger);
    variables::from_config(&config, true, &mut variables, &mut ledger);
    variables::from_file(sources, &mut variables)?;
    variables::from_config(&config, false, &mut variables, &mut ledger);
    variables::of_framework(sources, settings, &mut variables, &mut ledger);
    compile(
        &value,
        &variables,
        sources,
        settings,
        &mut draft,
        &mut ledger,
    );
    apply(&config, &mut draft, &mut ledger);
    workloads::read(sources, &mut draft, &mut ledger);
    tests_and_waivers::read(sources, &mut draft, &mut ledger);
    surroundings(sources, &mut ledger);
    Ok(finish(draft, settings, ledger))
}

fn compile(
    value: &Value,
    variables: &Variables,
    sources: &Sources,
    settings: &Settings,
    draft: &mut Draft,
    ledger: &mut Ledger,
) {
    let template = json_template(value, variables, &Place::file(BUILD), ledger);
    assemble(&template, sources, settings, draft, ledger);
}

/// What `config.rb` says beside variables.
fn apply(config: &[Setting], draft: &mut Draft, ledger: &mut Ledger) {
    for setting in config {
        let place = Place::file(CONFIG).at(setting.value.line).key(&setting.key);
        let text = setting.value.text().unwrap_or_default();
        match (setting.key.as_str(), text.as_str()) {
            ("image_build_vars" | "default_image_build_vars", _) => {}
            ("compliance_tool", "none") => draft.no_compliance = true,
            ("compliance_tool", tool) => ledger.hinted(
                LeftKind::Unsupported,
                &place,
                tool,
                "the documents name the component that scans, and no tool by its name",
                "set `compliance` in environment.json; see docs/gates.md",
            ),
            ("on_failure" | "failure_action", word @ ("destroy" | "expire")) => {
                draft.shared.on_failure = Some(word.to_owned());
            }
            ("server_test_tool", tool) => ledger.left(
                LeftKind::Unneeded,
                &place,
                tool,
                "test components name what they run",
            ),
            ("external_config_type" | "external_config_url" | "external_config_ref", _) => ledger
                .left(
                    LeftKind::Unneeded,
                    &place,
                    &setting.value.summary(),
                    "documents of any repository are uploaded at a ref; see docs/from-rake.md",
                ),
            _ => match setting.value.text() {
                Err(trouble @ crate::value::Trouble::Unknown(_)) => {
                    ledger.trouble(&place, &trouble);
                }
                Err(_) | Ok(_) => ledger.setting(&place, &setting.key, &setting.value),
            },
        }
    }
}

/// Files that belong to the framework itself.
fn surroundings(sources: &Sources, ledger: &mut Ledger) {
    let known = [
        (
            "Rakefile",
            LeftKind::Unneeded,
            "commands of goldsmith do what its tasks do; see docs/from-rake.md",
        ),
        ("Gemfile", LeftKind::Unneeded, "goldsmith is one program"),
        (
            "Berksfile",
            LeftKind::Unsupported,
            "nothing fetches cookbooks; put them into an archive for the component chef",
        ),
        (
            "Jenkinsfile",
            LeftKind::Unsupported,
            "a pipeline runs `goldsmith check`, `plan` and `apply`; see docs/pull-requests.md",
        ),
    ];
    for (path, kind, why) in known {
        if sources.text(path).is_some() {
            ledger.left(kind, &Place::file(path), path, why);
        }
    }
}
