//! The log of a build: where Image Builder writes it, and what of its end is sent to people.

use crate::arn::ImageArn;
use crate::escape::printable;
use crate::promotion::ImageVersion;
use crate::secret;
use crate::stack::StackContext;

/// How many lines of the end are sent: what a failed command says, and the stack of what called it. A message of a
/// topic has room for 256 KB, and a person reads one page.
pub const LINES: usize = 20;
/// How much of a line is sent, in characters: nearly all lines of build logs are shorter.
const LONGEST: usize = 300;

/// Marks of tokens (GitHub, "Token formats"; RFC 6750; RFC 7519). More people read a topic than may read the log.
const MARKS: [&str; 4] = ["ghp_", "github_pat_", "Bearer ", "eyJ"];
/// From how many characters on a word of letters and digits alone may be a key: a line of a PEM file has 64.
const LONG_WORD: usize = 40;
/// What is sent instead.
const LEFT_OUT: &str = "(a line that may hold a secret is left out)";

/// Where the log of a build is in `CloudWatch` Logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildLog {
    /// The log group.
    pub group: String,
    /// The stream.
    pub stream: String,
}

impl BuildLog {
    /// The log of a build of the image called `name`, which keeps the letters of its recipe's name (Image Builder user
    /// guide, "Monitor logs with CloudWatch Logs").
    pub fn of(name: &str, image: &ImageArn) -> Self {
        Self {
            group: format!("/aws/imagebuilder/{name}"),
            stream: ImageVersion::from(image).to_string(),
        }
    }

    /// The page of the console that shows it. The console escapes names twice, and writes `$` for `%`.
    pub fn link(&self, stack: &StackContext) -> String {
        let (region, group) = (&stack.region, self.group.replace('/', "$252F"));
        let domain = match stack.partition() {
            "aws-cn" => "amazonaws.cn",
            "aws-us-gov" => "amazonaws-us-gov.com",
            _ => "aws.amazon.com",
        };
        let stream = self.stream.replace('/', "$252F");
        format!(
            "https://{region}.console.{domain}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{group}/log-events/{stream}"
        )
    }
}

/// The last lines of a log as they may be sent: on one line each, not too long, and without those that may hold a
/// secret.
pub fn end(lines: &[String]) -> Vec<String> {
    let last = &lines[lines.len().saturating_sub(LINES)..];
    last.iter().map(|line| sendable(line)).collect()
}

/// A line as it may be sent: on one line, not too long, and nothing of it if it may hold a secret.
fn sendable(line: &str) -> String {
    if may_hold_a_secret(line) {
        return LEFT_OUT.to_owned();
    }
    printable(line).chars().take(LONGEST).collect()
}

/// Whether a line gives a secret a value, has the mark of a token or a URL with a password, or is a part of a key. A word
/// such as `token` alone is none: shells and parsers say it of every second error.
fn may_hold_a_secret(line: &str) -> bool {
    secret::in_text(line).is_some()
        || MARKS.iter().any(|mark| line.contains(mark))
        || line.split_whitespace().any(has_password)
        || is_labelled(line)
        || is_of_key(line.trim())
}

/// Whether a URL has a user with a password.
fn has_password(word: &str) -> bool {
    let rest = word.split_once("://").map(|(_, rest)| rest);
    let user = rest.and_then(|rest| rest.split_once('@'));
    user.is_some_and(|(user, _)| user.contains(':') && !user.contains('/'))
}

/// Whether the name of a secret stands before a colon and a value, as in a header or in YAML.
fn is_labelled(line: &str) -> bool {
    let Some((before, after)) = line.split_once(": ") else {
        return false;
    };
    let name = before.split_whitespace().last().unwrap_or_default();
    secret::is_name(name) && !after.trim().is_empty()
}

/// Whether a line is nothing but letters and digits of base64: the middle of a key in a file.
fn is_of_key(line: &str) -> bool {
    let of_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    line.len() >= LONG_WORD && line.chars().all(of_base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_is_sent_without_secrets_and_without_what_a_terminal_obeys() {
        let mut lines: Vec<String> = (0..40).map(|number| format!("line {number}")).collect();
        lines.extend([
            "export DB_PASSWORD=hunter2".to_owned(),
            "using AKIAIOSFODNN7EXAMPLE".to_owned(),
            "\u{1b}[31mbad\u{202e}".to_owned(),
            "x y".repeat(1000),
        ]);
        let sent = end(&lines);
        assert_eq!((sent.len(), sent[0].as_str()), (LINES, "line 24"));
        assert_eq!(sent[16..18], [LEFT_OUT, LEFT_OUT]);
        assert_eq!(sent[18], "\u{FFFD}[31mbad\u{FFFD}");
        assert_eq!(sent[19], "x y".repeat(LONGEST / 3));
        assert_eq!(end(&[]), Vec::<String>::new());
    }

    /// The middle of a key in a PEM file has no word of its own.
    #[test]
    fn what_may_be_a_secret_is_left_out_and_what_people_need_is_not() {
        for line in [
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDxYz0example+ab/",
            "curl -H 'Authorization: Bearer abc'",
            "cloning https://joe:hunter2@example.com/a.git",
            "jwt eyJhbGciOiJIUzI1NiJ9.e30.x",
            "export NPM_TOKEN=x",
            "APIKEY: 7",
            "-----BEGIN RSA PRIVATE KEY-----",
        ] {
            assert_eq!(sendable(line), LEFT_OUT, "{line}");
        }
        for line in [
            "sshd: no hostkeys available -- exiting.",
            "run.sh: line 3: syntax error near unexpected token `fi'",
            "Unable to locate credentials. You can configure credentials by running \"aws configure\".",
            "UnauthorizedOperation: Encoded authorization failure message: aW9",
            "timezone is Asia/Tokyo",
            "found /var/lib/cloud/instances/i-0123456789abcdef0/scripts/part-001",
            "fetching https://example.com/a@b/c.git",
            "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 of the package",
        ] {
            assert_eq!(sendable(line), line);
        }
    }

    #[test]
    fn the_link_opens_the_stream_in_the_console_of_its_partition() {
        let arn = "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-abc/1.0.3/2";
        let log = BuildLog::of("mstr-nonprod-ABC", &arn.parse().expect("an ARN"));
        assert_eq!(log.group, "/aws/imagebuilder/mstr-nonprod-ABC");
        let mut stack = StackContext {
            environment: "nonprod".parse().expect("an environment"),
            account: "111122223333".parse().expect("an account"),
            region: "us-east-1".parse().expect("a Region"),
            key: "arn:aws:kms:us-east-1:111122223333:key/0f9b1c7e-0000-4000-8000-000000000000"
                .parse()
                .expect("a key"),
            instance_profile: "goldsmith-nonprod-build".to_owned(),
            instance_roles: None,
            parameter_prefix: "/goldsmith/nonprod/base/".parse().expect("a prefix"),
            output_bucket: "output".to_owned(),
        };
        assert_eq!(
            log.link(&stack),
            "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/\
             $252Faws$252Fimagebuilder$252Fmstr-nonprod-ABC/log-events/1.0.3$252F2"
        );
        stack.key =
            "arn:aws-cn:kms:cn-north-1:111122223333:key/0f9b1c7e-0000-4000-8000-000000000000"
                .parse()
                .expect("a key");
        assert!(log.link(&stack).contains(".console.amazonaws.cn/"));
    }
}
