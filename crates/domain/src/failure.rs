//! What kind of failure ended a build, and what helps.
//!
//! The texts come from whatever ran in the build, so that a component may write any of these phrases. A class therefore
//! decides no more than whether a build is tried once more.

use serde::{Deserialize, Serialize};

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureClass {
    /// AWS could not do it at that moment.
    Retryable,
    /// Documents, network or images name something that is not there or does not fit.
    Configuration,
    /// A role or a key does not allow it.
    Permission,
    /// The account has used up a quota.
    Quota,
    /// Nothing says which; most often a script of a component failed.
    Unknown,
}

use FailureClass::{Configuration, Permission, Quota, Retryable};

/// Phrases in small letters, each with its class and its source. The first that a text has decides, so that
/// `RequestLimitExceeded` comes before `LimitExceeded`.
const PHRASES: [(&str, FailureClass, &str); 27] = [
    (
        "insufficientinstancecapacity",
        Retryable,
        "EC2 API error codes",
    ),
    ("insufficienthostcapacity", Retryable, "EC2 API error codes"),
    (
        "insufficient capacity",
        Retryable,
        "EC2 user guide, launch issues",
    ),
    ("requestlimitexceeded", Retryable, "EC2 API error codes"),
    (
        "throttl",
        Retryable,
        "AWS common errors, ThrottlingException",
    ),
    ("too many requests", Retryable, "HTTP status 429"),
    (
        "internalerror",
        Retryable,
        "EC2 API error codes, server errors",
    ),
    (
        "internal error",
        Retryable,
        "AWS common errors, InternalFailure",
    ),
    ("internalfailure", Retryable, "AWS common errors"),
    ("serviceunavailable", Retryable, "AWS common errors"),
    ("service unavailable", Retryable, "HTTP status 503"),
    ("vcpulimitexceeded", Quota, "EC2 API error codes"),
    (
        "limitexceeded",
        Quota,
        "EC2 API error codes, InstanceLimitExceeded and others",
    ),
    ("limit exceeded", Quota, "EC2 user guide, launch issues"),
    (
        "servicequotaexceeded",
        Quota,
        "Image Builder API, common errors",
    ),
    (
        "resourcelimit",
        Quota,
        "EC2 API error codes, ResourceCountLimit",
    ),
    ("accessdenied", Permission, "AWS common errors"),
    (
        "access denied",
        Permission,
        "Image Builder user guide, troubleshooting",
    ),
    ("unauthorizedoperation", Permission, "EC2 API error codes"),
    (
        "not authorized to perform",
        Permission,
        "IAM user guide, access denied messages",
    ),
    (
        "client.invalidkmskey",
        Permission,
        "EC2 user guide, instance terminates immediately",
    ),
    (
        "status code: 403",
        Permission,
        "Image Builder user guide, troubleshooting",
    ),
    ("invalidparameter", Configuration, "EC2 API error codes"),
    ("invalidsubnet", Configuration, "EC2 API error codes"),
    ("invalidamiid", Configuration, "EC2 API error codes"),
    (
        "unsupported",
        Configuration,
        "EC2 API error codes, instance type and zone",
    ),
    (
        "ssm agent verification failed",
        Configuration,
        "Image Builder user guide, troubleshooting",
    ),
];

impl FailureClass {
    /// Every class.
    pub const ALL: [Self; 5] = [
        Self::Retryable,
        Self::Configuration,
        Self::Permission,
        Self::Quota,
        Self::Unknown,
    ];

    /// The class of a failure with these texts, in their order: the reason first, then its context.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let class = |text: &str| {
            let text = text.to_lowercase();
            let mut phrases = PHRASES.iter();
            let found = phrases.find(|(phrase, _, _)| text.contains(phrase))?;
            Some(found.1)
        };
        texts.into_iter().find_map(class).unwrap_or(Self::Unknown)
    }

    /// Its word, as in reports, events and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retryable => "retryable",
            Self::Configuration => "configuration",
            Self::Permission => "permission",
            Self::Quota => "quota",
            Self::Unknown => "unknown",
        }
    }

    /// What helps, as a sentence.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Retryable => {
                "AWS could not do it at that moment. It is built once more by itself."
            }
            Self::Configuration => {
                "Something that the documents or the network name is not there or does not fit. Correct it there."
            }
            Self::Permission => {
                "A role or a key does not allow it. The message names the action; the instance profile and the key policy \
                 come first."
            }
            Self::Quota => {
                "The account has used up a quota. Ask AWS for more, or end what holds it."
            }
            Self::Unknown => "The log of the step shows what a component did.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages as people report them of the services.
    #[test]
    fn each_message_has_the_class_that_helps() {
        for (text, class) in [
            (
                "Instance launch failed: InsufficientInstanceCapacity: We currently do not have sufficient m6i.large capacity",
                Retryable,
            ),
            ("RequestLimitExceeded: Request limit exceeded.", Retryable),
            ("ThrottlingException: Rate exceeded", Retryable),
            (
                "VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 5",
                Quota,
            ),
            ("SnapshotLimitExceeded", Quota),
            (
                "Workflow Execution ID: 'wf-1' failed with reason: AccessDeniedException when calling the PutObject operation",
                Permission,
            ),
            (
                "SSM execution 'a' failed with status = 'Failed' and failure message = 'RequestError: send request failed, status code: 403'",
                Permission,
            ),
            (
                "You are not authorized to perform: ec2:RunInstances",
                Permission,
            ),
            (
                "InvalidParameterValue: The architecture 'x86_64' of the specified instance type does not match",
                Configuration,
            ),
            (
                "Unsupported: Your requested instance type (m7i.large) is not supported in your requested Availability Zone",
                Configuration,
            ),
            ("SSM Agent verification failed", Configuration),
            ("exit status 1", FailureClass::Unknown),
            ("", FailureClass::Unknown),
        ] {
            assert_eq!(FailureClass::of([text]), class, "{text}");
        }
    }

    #[test]
    fn the_first_text_that_says_something_decides() {
        let texts = [
            "step failed",
            "access denied",
            "InsufficientInstanceCapacity",
        ];
        assert_eq!(FailureClass::of(texts), Permission);
    }

    #[test]
    fn a_phrase_is_not_hidden_behind_an_earlier_one() {
        for (index, (phrase, class, source)) in PHRASES.iter().enumerate() {
            let earlier = &PHRASES[..index];
            let hides =
                |(other, of, _): &(&str, FailureClass, &str)| phrase.contains(other) && of != class;
            assert!(!earlier.iter().any(hides), "{phrase}");
            assert!(!source.is_empty() && phrase.to_lowercase() == *phrase);
        }
    }
}
