//! Commands of others as text for PowerShell.

use std::fmt::Write as _;

/// Commands with these variables. As in Packer, the exit code is that of the last program that ran.
pub(crate) fn commands(variables: &[(String, String)], lines: &str) -> String {
    let mut text = String::new();
    for (name, value) in variables {
        let _ = writeln!(text, "$env:{name} = {}", quoted(value));
    }
    text.push_str(lines);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str("exit $LASTEXITCODE\n");
    text
}

/// A text that PowerShell takes as it is (`about_Quoting_Rules`).
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
