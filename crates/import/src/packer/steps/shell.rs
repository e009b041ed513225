//! The provisioner `shell` (Packer, "Shell Provisioner").

use super::{Content, Context, script};
use crate::component::{Action, Step, bash, step_name};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::LeftKind;
use crate::source::file_name;

/// Commands that restart the machine, and nothing else.
const RESTARTS: [&str; 5] = [
    "reboot",
    "shutdown -r now",
    "systemctl reboot",
    "/sbin/reboot",
    "reboot now",
];

pub(super) fn made(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    ledger: &mut Ledger,
) -> Vec<Content> {
    let variables = script::variables(fields, ledger);
    let inline = script::inline(fields, ledger);
    let scripts = script::scripts(fields, context, ledger);
    let is_restart = inline.as_deref().is_some_and(is_restart);
    settings(fields, is_restart, ledger);
    let mut steps = Vec::new();
    match inline {
        Some(_) if is_restart => steps.push(Step::new(&step_name("Restart", ""), Action::Reboot)),
        Some(lines) => {
            uses_packer(&lines, fields, ledger);
            let commands = bash::commands(&variables, &lines);
            steps.push(Step::new(&step_name("Shell", ""), Action::Bash(commands)));
        }
        None => {}
    }
    for script in scripts {
        uses_packer(&script.content, fields, ledger);
        let commands = bash::script(&variables, &script.content);
        let name = step_name("Script", file_name(&script.path));
        steps.push(Step::new(&name, Action::Bash(commands)));
    }
    steps
        .into_iter()
        .map(|step| Content::Step(Box::new(step)))
        .collect()
}

fn is_restart(lines: &str) -> bool {
    let line = lines.trim();
    RESTARTS.contains(&line.strip_prefix("sudo ").unwrap_or(line))
}

fn settings(fields: &mut Fields<'_>, is_restart: bool, ledger: &mut Ledger) {
    let root =
        "Image Builder runs commands as root, in bash, and the first that fails ends the step";
    fields.unneeded(
        &["execute_command", "inline_shebang", "use_env_var_file"],
        root,
        ledger,
    );
    let where_to = "Image Builder brings commands to the instance by itself";
    let transport = [
        "remote_folder",
        "remote_file",
        "remote_path",
        "skip_clean",
        "binary",
        "start_retry_timeout",
        "env_var_format",
    ];
    fields.unneeded(&transport, where_to, ledger);
    let disconnects = fields.take("expect_disconnect");
    let place = fields.place("expect_disconnect");
    if !is_restart && disconnects.is_some_and(|flag| flag.flag() != Ok(false)) {
        let why = "commands that lose their connection have no equivalent";
        let hint = "end the step with the exit code 194, after which Image Builder restarts the instance and runs it again";
        ledger.hinted(LeftKind::Unsupported, &place, "true", why, hint);
    }
    fields.unsupported(
        &["valid_exit_codes"],
        "a step succeeds with the exit code 0 only",
        "let its last command end with 0",
        ledger,
    );
}

/// Only Packer sets these variables, and the commands do not get them.
fn uses_packer(text: &str, fields: &Fields<'_>, ledger: &mut Ledger) {
    for name in [
        "PACKER_BUILD_NAME",
        "PACKER_BUILDER_TYPE",
        "PACKER_HTTP_ADDR",
    ] {
        if text.contains(name) {
            let place = fields.place("inline");
            let hint = "let the commands do without it, or set it in them";
            ledger.hinted(
                LeftKind::Computed,
                &place,
                name,
                "only Packer sets this variable",
                hint,
            );
        }
    }
}
