//! The provisioners `powershell` and `windows-restart`.

use super::{Content, Context, script};
use crate::component::{Action, Step, power_shell, step_name};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};
use crate::source::file_name;

pub(super) fn made(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    ledger: &mut Ledger,
) -> Vec<Content> {
    let variables = script::variables(fields, ledger);
    let mut texts = Vec::new();
    if let Some(lines) = script::inline(fields, ledger) {
        texts.push((step_name("PowerShell", ""), lines));
    }
    for script in script::scripts(fields, context, ledger) {
        texts.push((step_name("Script", file_name(&script.path)), script.content));
    }
    settings(fields, ledger);
    let place = fields.place("inline");
    let mut steps = Vec::new();
    for (name, lines) in texts {
        let text = power_shell::commands(&variables, &lines);
        if is_fit(&name, &text, &place, ledger) {
            let step = Step::new(&name, Action::PowerShell(text));
            steps.push(Content::Step(Box::new(step)));
        }
    }
    steps
}

fn settings(fields: &mut Fields<'_>, ledger: &mut Ledger) {
    let system = "Image Builder runs commands as SYSTEM";
    fields.unneeded(&["elevated_user"], system, ledger);
    // Their values are passwords, and commands with one in them.
    for key in ["elevated_password", "elevated_execute_command"] {
        if fields.take(key).is_some() {
            ledger.left(LeftKind::Unneeded, &fields.place(key), key, system);
        }
    }
    let transport = [
        "execute_command",
        "execution_policy",
        "remote_path",
        "remote_env_var_path",
        "skip_clean",
        "start_retry_timeout",
        "use_pwsh",
        "debug_mode",
    ];
    let by_itself = "Image Builder brings commands to the instance by itself";
    fields.unneeded(&transport, by_itself, ledger);
    fields.unsupported(
        &["valid_exit_codes"],
        "a step succeeds with the exit code 0 only",
        "let its last command end with 0",
        ledger,
    );
}

/// Whether a component can run the commands.
fn is_fit(name: &str, text: &str, place: &Place, ledger: &mut Ledger) -> bool {
    let name = name.trim_end_matches('-');
    if text.to_ascii_lowercase().contains("sysprep") {
        let why = "it seems to run Sysprep, which Image Builder runs at the end of each build";
        let hint = "take over the rest of it by hand, and set `sysprep` in environment.json";
        ledger.hinted(LeftKind::Unsupported, place, name, why, hint);
        return false;
    }
    if text.contains("{{") {
        let why = "Image Builder takes its double braces for references";
        let hint = "write it with a blank between the braces, or take the script from S3";
        ledger.hinted(LeftKind::Invalid, place, name, why, hint);
        return false;
    }
    true
}

pub(super) fn restart(fields: &mut Fields<'_>, ledger: &mut Ledger) -> Vec<Content> {
    let keys = [
        "restart_timeout",
        "restart_command",
        "restart_check_command",
        "registry_keys",
        "check_registry",
    ];
    let why = "Image Builder restarts the instance, and waits until its agent is back";
    fields.unneeded(&keys, why, ledger);
    let step = Step::new(&step_name("Restart", ""), Action::Reboot);
    vec![Content::Step(Box::new(step))]
}
