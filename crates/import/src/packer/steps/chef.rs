//! The provisioner `chef-solo`: cookbooks that run on the instance.
//!
//! Packer installs Chef by a script from the network. A component does so only from a package whose SHA-256 is
//! given, as the project's own components do.

use serde_json::{Value as Json, json};

use super::{Content, Context, embedded};
use crate::component::{Action, Document, Parameter, Step, bash, step_name};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::LeftKind;
use crate::value::{Data, Value};

/// Where cookbooks are on the instance.
const TARGET: &str = "/var/lib/goldsmith/chef";

const INSTALL: &str = "\
set -e
command -v chef-solo >/dev/null || command -v cinc-solo >/dev/null && exit 0
package='{{ Package }}'
[ -n \"$package\" ] || { echo 'give the parameters Package and PackageSha256, or install Chef or Cinc before' >&2; exit 1; }
file=\"$(mktemp -d)/${package##*/}\"
case \"$package\" in
  s3://*) aws s3 cp \"$package\" \"$file\" ;;
  https://*) curl -fsSL --retry 3 -o \"$file\" \"$package\" ;;
  *) echo 'Package begins with https:// or s3://' >&2; exit 1 ;;
esac
echo '{{ PackageSha256 }}  '\"$file\" | sha256sum --check --status
case \"$file\" in
  *.rpm) rpm -Uvh \"$file\" ;;
  *.deb) dpkg -i \"$file\" ;;
  *) echo 'Package is an rpm or a deb' >&2; exit 1 ;;
esac
";

const COOKBOOKS: &str = "\
set -e
archive='{{ Cookbooks }}'
[ -n \"$archive\" ] || { echo 'give the parameters Cookbooks and CookbooksSha256' >&2; exit 1; }
rm -rf /var/lib/goldsmith/chef
mkdir -p /var/lib/goldsmith/chef
file=\"$(mktemp)\"
case \"$archive\" in
  s3://*) aws s3 cp \"$archive\" \"$file\" ;;
  https://*) curl -fsSL --retry 3 -o \"$file\" \"$archive\" ;;
  *) echo 'Cookbooks begins with https:// or s3://' >&2; exit 1 ;;
esac
echo '{{ CookbooksSha256 }}  '\"$file\" | sha256sum --check --status
tar -xzf \"$file\" -C /var/lib/goldsmith/chef
";

const PACKAGE: &str =
    "The rpm or deb package of Chef or Cinc, https://... or s3://..., if it is not installed.";

const ARCHIVE: &str =
    "The cookbooks as a tar.gz archive with a folder cookbooks, https://... or s3://....";

pub(super) fn made(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    ledger: &mut Ledger,
) -> Vec<Content> {
    let place = fields.place("cookbook_paths");
    let files = files(fields, context, ledger);
    let run_list = fields.texts("run_list", ledger);
    let attributes = attributes(fields, ledger);
    let license = fields.text("chef_license", ledger);
    settings(fields, ledger);
    if run_list.is_empty() {
        let why = "its run list is not known";
        ledger.left(LeftKind::Missing, &place, "chef-solo", why);
        return Vec::new();
    }
    let mut parameters = parameters("Package", PACKAGE);
    let mut steps = vec![bash_step("Install", INSTALL)];
    if let Some(written) = embedded_steps(&files, context, &place, ledger) {
        steps.extend(written);
    } else {
        parameters.extend(self::parameters("Cookbooks", ARCHIVE));
        steps.push(bash_step("Cookbooks", COOKBOOKS));
    }
    steps.push(run(&run_list, attributes, license.as_deref()));
    vec![Content::Document(Box::new(Document {
        stem: "chef".to_owned(),
        description: format!("Runs {} by Chef.", run_list.join(", ")),
        parameters,
        steps,
    }))]
}

fn bash_step(name: &str, commands: &str) -> Step {
    Step::new(&step_name(name, ""), Action::Bash(commands.to_owned()))
}

/// The files of cookbooks, roles, data bags and environments.
fn files(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    ledger: &mut Ledger,
) -> Vec<(String, String)> {
    let folders = [
        ("cookbook_paths", "cookbooks"),
        ("roles_path", "roles"),
        ("data_bags_path", "data_bags"),
        ("environments_path", "environments"),
    ];
    let mut files = Vec::new();
    for (key, under) in folders {
        for path in fields.texts(key, ledger) {
            files.extend(embedded::files(&path, under, context));
        }
    }
    files
}

fn embedded_steps(
    files: &[(String, String)],
    context: &Context<'_>,
    place: &crate::outcome::Place,
    ledger: &mut Ledger,
) -> Option<Vec<Step>> {
    let written = match files {
        [] => None,
        files => embedded::steps(files, TARGET, context, place, ledger),
    };
    if written.is_none() {
        let why = "the folder has no cookbooks that fit into a component document";
        let hint = "store them as a tar.gz archive, and give the component chef the parameters Cookbooks and CookbooksSha256";
        ledger.hinted(LeftKind::Missing, place, "cookbooks", why, hint);
    }
    written
}

fn parameters(name: &str, description: &str) -> Vec<Parameter> {
    let one = |name: String, description: String| Parameter {
        name,
        default: String::new(),
        description,
    };
    vec![
        one(name.to_owned(), description.to_owned()),
        one(
            format!("{name}Sha256"),
            format!("The SHA-256 of {name}, in lower case."),
        ),
    ]
}

fn run(run_list: &[String], attributes: Json, license: Option<&str>) -> Step {
    let mut node = attributes;
    if let Json::Object(members) = &mut node {
        members.insert("run_list".to_owned(), json!(run_list));
    }
    let node = bash::written("node.json", &format!("{node:#}\n"));
    let solo = format!(
        "cookbook_path '{TARGET}/cookbooks'\nrole_path '{TARGET}/roles'\ndata_bag_path '{TARGET}/data_bags'\n\
         environment_path '{TARGET}/environments'\n"
    );
    let solo = bash::written("solo.rb", &solo);
    let license = license.map(|word| format!("export CHEF_LICENSE={}\n", bash::quoted(word)));
    let text = format!(
        "set -e\nmkdir -p {TARGET}\ncd {TARGET}\n{node}{solo}{}solo=\"$(command -v chef-solo || command -v cinc-solo)\"\n\
         \"$solo\" --config solo.rb --json-attributes node.json\n",
        license.unwrap_or_default()
    );
    Step::new(&step_name("Chef", ""), Action::Bash(text))
}

/// The attributes of `json` that are known.
fn attributes(fields: &mut Fields<'_>, ledger: &mut Ledger) -> Json {
    let place = fields.place("json");
    let Some(value) = fields.take("json") else {
        return json!({});
    };
    let mut members = serde_json::Map::new();
    for (key, value) in value.entries().unwrap_or_default() {
        let place = place.key(key);
        if let Some(json) = known(key, value) {
            members.insert(key.clone(), json);
        } else {
            let why = "some of it is not known, or is a secret by its name";
            ledger.left(LeftKind::Computed, &place, key, why);
        }
    }
    Json::Object(members)
}

/// A value as JSON; none if any of it is unknown or a secret.
fn known(key: &str, value: &Value) -> Option<Json> {
    if goldsmith_domain::secret::is_name(key) {
        return None;
    }
    Some(match &value.data {
        Data::Null => Json::Null,
        Data::Flag(flag) => json!(flag),
        Data::Number(number) => serde_json::from_str(number).unwrap_or_else(|_| json!(number)),
        Data::Text(_) => json!(
            value
                .text()
                .ok()
                .filter(|text| goldsmith_domain::secret::in_text(text).is_none())?
        ),
        Data::List(items) => Json::Array(
            items
                .iter()
                .map(|item| known("", item))
                .collect::<Option<_>>()?,
        ),
        Data::Object(entries) => {
            let entry = |(key, value): &(String, Value)| Some((key.clone(), known(key, value)?));
            Json::Object(entries.iter().map(entry).collect::<Option<_>>()?)
        }
    })
}

fn settings(fields: &mut Fields<'_>, ledger: &mut Ledger) {
    fields.unsupported(
        &["install_command", "version", "skip_install"],
        "the component installs Chef only from a package with its SHA-256",
        "give the component chef the parameters Package and PackageSha256, or install Chef before it",
        ledger,
    );
    fields.unsupported(
        &[
            "config_template",
            "encrypted_data_bag_secret_path",
            "chef_environment",
            "remote_cookbook_paths",
        ],
        "it is no part of the component that was made",
        "add what it needs to the component",
        ledger,
    );
    let keys = [
        "execute_command",
        "prevent_sudo",
        "staging_directory",
        "guest_os_type",
    ];
    fields.unneeded(&keys, "Image Builder runs commands as root", ledger);
}
