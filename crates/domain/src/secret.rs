//! What looks like a secret. It is better to leave too much than to copy one into a document.

/// Parts of names that secrets have. A name is compared without case, `-` and `_`.
const NAMES: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
    "licensekey",
    "authkey",
];

/// Names with such a part that hold no secret.
const HARMLESS: [&str; 6] = [
    "httptokens",
    "imdstokens",
    "passwordauthentication",
    "secretarn",
    "secretname",
    "secretid",
];

/// Ends of names with such a part that say where a secret is, and not what it is.
const POINTERS: [&str; 6] = ["arn", "path", "file", "name", "timeout", "length"];

/// Texts that begin a private key, or an id of an access key with its digits.
const MARKS: [&str; 2] = ["PRIVATE KEY-----", "aws_secret_access_key"];

/// Whether a variable or a setting of this name may hold a secret.
pub fn is_name(name: &str) -> bool {
    let folded: String = name
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | '.' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    NAMES.iter().any(|part| folded.contains(part))
        && !HARMLESS.iter().any(|harmless| folded.contains(harmless))
        && !POINTERS.iter().any(|end| folded.ends_with(end))
}

/// Whether a file of this name is made to hold a secret.
pub fn is_file_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let ends = [".pem", ".key", ".pfx", ".p12", ".jks", ".ppk", ".kdbx"];
    let names = [
        ".env",
        ".netrc",
        ".pgpass",
        "credentials",
        "id_rsa",
        "id_ed25519",
        "id_ecdsa",
    ];
    ends.iter().any(|end| lower.ends_with(end)) || names.contains(&lower.as_str())
}

/// What in a text looks like a secret, as a noun phrase; none if nothing does.
pub fn in_text(text: &str) -> Option<String> {
    if MARKS.iter().any(|mark| text.contains(mark)) {
        return Some("a private key or an access key".to_owned());
    }
    if has_access_key(text) {
        return Some("the id of an access key".to_owned());
    }
    text.lines().find_map(assigned)
}

/// Ids of access keys have 20 capitals and digits (IAM user guide, "IAM identifiers").
fn has_access_key(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    let mut words = text.split(|c: char| !is_part(c));
    words.any(|word| word.len() == 20 && (word.starts_with("AKIA") || word.starts_with("ASIA")))
}

/// The name of a secret that a line gives a literal value, such as `DB_PASSWORD=hunter2`. A value that comes from
/// a variable or from a command is none.
fn assigned(line: &str) -> Option<String> {
    let mut rest = line;
    while let Some(equals) = rest.find('=') {
        let (before, after) = (&rest[..equals], &rest[equals + 1..]);
        let trimmed = before.trim_end();
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let start = trimmed
            .char_indices()
            .rev()
            .take_while(|(_, c)| is_part(*c))
            .last()
            .map_or(trimmed.len(), |(start, _)| start);
        let name = trimmed[start..].trim_start_matches('-');
        if is_name(name) && is_literal(after) {
            return Some(format!("a value for `{name}`"));
        }
        rest = after;
    }
    None
}

fn is_literal(value: &str) -> bool {
    let value = value.trim_start().trim_start_matches(['"', '\'']);
    value.starts_with(|c: char| c.is_alphanumeric() || "!#%&*+-./:?@^_~".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_any_spelling() {
        for name in [
            "db_password",
            "DB-PASSWORD",
            "apiKey",
            "github_token",
            "winrm_password",
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "http_tokens",
            "key_name",
            "secret_arn",
            "PasswordAuthentication",
            "region",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn a_literal_secret_in_a_command_is_found_and_a_variable_is_none() {
        assert!(in_text("export DB_PASSWORD=hunter2").is_some());
        assert!(in_text("run --token 'x' --api-key=abc").is_some());
        assert!(in_text("DB_PASSWORD=\"$(aws secretsmanager get-secret-value)\"").is_none());
        assert!(
            in_text("sed -i 's/^PasswordAuthentication yes/no/' /etc/ssh/sshd_config").is_none()
        );
        assert!(in_text("-----BEGIN RSA PRIVATE KEY-----").is_some());
        assert!(in_text("key AKIAIOSFODNN7EXAMPLE").is_some());
    }
}
