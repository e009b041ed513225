//! The provisioners `ansible` and `ansible-local`: both become a playbook that runs on the instance.

use super::{Content, Context, embedded, script};
use crate::component::{Action, Document, Step, bash, step_name};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::LeftKind;
use crate::source::file_name;
use crate::value::Value;

/// Where the playbook is on the instance.
const TARGET: &str = "/var/lib/goldsmith/ansible";

/// Installs Ansible if it is missing, by the distribution's packages.
const INSTALL: &str = "\
set -e
command -v ansible-playbook >/dev/null && exit 0
if command -v dnf >/dev/null; then dnf -y install ansible-core
elif command -v apt-get >/dev/null; then apt-get update && apt-get -y install ansible
elif command -v yum >/dev/null; then yum -y install ansible
else echo 'ansible-playbook is not installed' >&2; exit 1
fi
";

pub(super) fn made(
    kind: &str,
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    ledger: &mut Ledger,
) -> Vec<Content> {
    let place = fields.place("playbook_file");
    let mut playbooks = fields.texts("playbook_files", ledger);
    playbooks.extend(fields.text("playbook_file", ledger));
    let files = files(&playbooks, fields, context, ledger);
    let arguments = arguments(fields, ledger);
    settings(fields, ledger);
    if context.is_windows {
        let why = "on Windows, Ansible runs from another machine";
        let hint = "write what the playbook does as steps with ExecutePowerShell";
        ledger.hinted(
            LeftKind::Unsupported,
            &place,
            &playbooks.join(", "),
            why,
            hint,
        );
        return Vec::new();
    }
    if playbooks.is_empty() {
        ledger.left(LeftKind::Missing, &place, kind, "it names no playbook");
        return Vec::new();
    }
    let Some(mut steps) = embedded::steps(&files, TARGET, context, &place, ledger) else {
        return Vec::new();
    };
    if kind == "ansible" {
        let why = "the playbook ran from the build server, and runs on the instance now; Ansible comes from the distribution";
        ledger.decided(Some(&place), "Ansible", "installed on the instance", why);
        let install = Action::Bash(INSTALL.to_owned());
        steps.insert(0, Step::new(&step_name("Install", ""), install));
    }
    steps.extend(playbooks.iter().map(|playbook| run(playbook, &arguments)));
    vec![Content::Document(Box::new(Document {
        stem: "ansible".to_owned(),
        description: format!("Runs {} by Ansible.", playbooks.join(", ")),
        steps,
        ..Document::default()
    }))]
}

/// The step that runs a playbook.
fn run(playbook: &str, arguments: &str) -> Step {
    let name = file_name(playbook);
    let command = format!(
        "cd {TARGET}\nansible-playbook --connection=local --inventory=localhost,{arguments} {}",
        bash::quoted(name)
    );
    let commands = bash::commands(&[], &command);
    Step::new(&step_name("Playbook", name), Action::Bash(commands))
}

/// The playbooks, and what Ansible finds beside them.
fn files(
    playbooks: &[String],
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    ledger: &mut Ledger,
) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for playbook in playbooks {
        files.push((playbook.clone(), file_name(playbook).to_owned()));
        for folder in [
            "roles",
            "group_vars",
            "host_vars",
            "files",
            "templates",
            "vars",
            "tasks",
            "handlers",
        ] {
            let path = crate::source::beside(playbook, folder);
            files.extend(embedded::files(&path, folder, context));
        }
    }
    if let Some(folder) = fields.text("playbook_dir", ledger) {
        files.extend(embedded::files(&folder, "", context));
    }
    for (key, under) in [
        ("role_paths", "roles"),
        ("roles_path", "roles"),
        ("group_vars", "group_vars"),
        ("host_vars", "host_vars"),
    ] {
        for path in fields.texts(key, ledger) {
            let under = match key {
                "role_paths" => format!("roles/{}", file_name(&path)),
                _ => under.to_owned(),
            };
            files.extend(embedded::files(&path, &under, context));
        }
    }
    files.sort();
    files.dedup_by(|a, b| a.1 == b.1);
    files
}

/// Arguments that are known; each is a word of its own for the shell.
fn arguments(fields: &mut Fields<'_>, ledger: &mut Ledger) -> String {
    let place = fields.place("extra_arguments");
    let Some(value) = fields.take("extra_arguments") else {
        return String::new();
    };
    let words: Result<Vec<String>, _> = value.items().iter().map(Value::text).collect();
    match words {
        Ok(words) if script::is_fit(&words.join(" "), &place, "arguments", ledger) => {
            let quoted = words.iter().map(|word| bash::quoted(word));
            quoted.flat_map(|word| [" ".to_owned(), word]).collect()
        }
        Ok(_) => String::new(),
        Err(trouble) => {
            ledger.trouble(&place, &trouble);
            String::new()
        }
    }
}

fn settings(fields: &mut Fields<'_>, ledger: &mut Ledger) {
    let local = "the playbook runs on the instance itself";
    let keys = [
        "user",
        "use_proxy",
        "host_alias",
        "groups",
        "empty_groups",
        "inventory_groups",
        "inventory_directory",
        "keep_inventory_file",
        "staging_directory",
        "clean_staging_directory",
        "command",
        "local_port",
        "sftp_command",
        "skip_version_check",
        "ansible_proxy_key_type",
        "use_sftp",
    ];
    fields.unneeded(&keys, local, ledger);
    fields.unsupported(
        &[
            "galaxy_file",
            "collections_path",
            "inventory_file",
            "ansible_env_vars",
        ],
        "it is no part of the component that was made",
        "add what it needs to the component",
        ledger,
    );
}
