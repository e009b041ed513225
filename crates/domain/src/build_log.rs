//! The log of a build: where Image Builder writes it, and what of its end is sent to people.

use crate::arn::ImageArn;
use crate::escape::printable;
use crate::promotion::ImageVersion;
use crate::stack::StackContext;

/// How many lines of the end are sent: what a failed command says, and the stack of what called it. A message of a
/// topic has room for 256 KB, and a person reads one page.
pub const LINES: usize = 20;
/// How much of a line is sent, in characters: nearly all lines of build logs are shorter.
const LONGEST: usize = 300;

/// Words in small letters of lines that may hold a secret. More people read a topic than may read the log.
const SECRETS: [&str; 10] = [
    "password",
    "passwd",
    "secret",
    "token",
    "credential",
    "authorization",
    "private key",
    "api_key",
    "akia",
    "asia",
];

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
    last.iter().map(|line| sent(line)).collect()
}

fn sent(line: &str) -> String {
    let small = line.to_lowercase();
    if SECRETS.iter().any(|word| small.contains(word)) {
        return "(a line that may hold a secret is left out)".to_owned();
    }
    printable(line).chars().take(LONGEST).collect()
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
            "x".repeat(1000),
        ]);
        let sent = end(&lines);
        assert_eq!((sent.len(), sent[0].as_str()), (LINES, "line 24"));
        let hidden = "(a line that may hold a secret is left out)";
        assert_eq!(sent[16..18], [hidden, hidden]);
        assert_eq!(sent[18], "\u{FFFD}[31mbad\u{FFFD}");
        assert_eq!(sent[19], "x".repeat(LONGEST));
        assert_eq!(end(&[]), Vec::<String>::new());
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
