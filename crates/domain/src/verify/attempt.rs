//! What comes of trying: simulations of policies, dry runs of launches, and launches.

use super::{Status, Verdict};
use crate::names::{AmiId, KeyArn, RoleArn};

/// IAM's code for a role that is not there (IAM API reference, "Common errors").
pub(super) const NO_SUCH_ROLE: &str = "NoSuchEntity";

/// What AWS said to an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// It would succeed, or did.
    Succeeds,
    /// It is refused.
    Refused {
        /// The error's code.
        code: String,
        /// What the service says.
        message: String,
    },
    /// It could not be made, for this reason.
    NotMade(String),
}

/// A launch that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The role that tried.
    pub role: RoleArn,
    /// Whether that is a role that launches, and not the one that only looks.
    pub launches: bool,
    /// What came of it.
    pub attempt: Attempt,
}

impl Launch {
    /// Of a dry run: AWS tells whether the caller may launch this AMI there, and nothing of the key (EC2 API
    /// reference, `RunInstances`, `DryRun`).
    pub(super) fn dry_run(&self, ami: &AmiId) -> Verdict {
        let expected = format!("{} may launch {ami}", self.role);
        match &self.attempt {
            Attempt::Succeeds => {
                Verdict::new(Status::Correct, &expected, "a dry run would have succeeded")
            }
            Attempt::Refused { code, message } => {
                Verdict::new(self.refused(code), &expected, self.because(code, message))
            }
            Attempt::NotMade(reason) => Verdict::new(Status::Unknown, &expected, reason),
        }
    }

    /// Why it is refused. The role that only looks may launch where its account says so, which is nowhere
    /// unless somebody named a subnet.
    fn because(&self, code: &str, message: &str) -> String {
        let reason = format!("{code}: {message}");
        if self.launches || code != "UnauthorizedOperation" {
            return reason;
        }
        format!(
            "{reason}; the account lets it try launches in VerifySubnetIds and with VerifyInstanceTypes of \
             infra/consumer-account.yaml"
        )
    }

    /// Of an instance: EC2 takes a launch and ends the instance if the key is closed to it (EC2 user guide,
    /// "Troubleshoot instance launch issues").
    pub(super) fn probe(&self, ami: &AmiId) -> Verdict {
        let expected = format!("an instance of {ami} runs");
        match &self.attempt {
            Attempt::Succeeds => Verdict::new(Status::Correct, &expected, "it ran, and was ended"),
            Attempt::Refused { code, message } => {
                Verdict::new(self.refused(code), &expected, self.because(code, message))
            }
            Attempt::NotMade(reason) => Verdict::new(Status::Unknown, &expected, reason),
        }
    }

    /// What a refusal says of the image. That the role that looks may not launch says nothing of the roles
    /// that do.
    fn refused(&self, code: &str) -> Status {
        match code {
            "InvalidAMIID.NotFound" | "InvalidAMIID.Unavailable" => Status::Missing,
            "UnauthorizedOperation" if !self.launches => Status::Unknown,
            _ => Status::Incorrect,
        }
    }
}

/// Of IAM's simulation of what a role that launches may do with a key. A role that is not there is missing.
pub(super) fn key_use(role: &RoleArn, key: &KeyArn, attempt: &Attempt) -> Verdict {
    let expected = format!("the policies of {role} let it launch with {key}");
    match attempt {
        Attempt::Succeeds => Verdict::new(Status::Correct, &expected, "they do"),
        Attempt::Refused { code, message } => {
            let status = if code == NO_SUCH_ROLE {
                Status::Missing
            } else {
                Status::Incorrect
            };
            Verdict::new(status, &expected, format!("{code}: {message}"))
        }
        Attempt::NotMade(reason) => Verdict::new(Status::Unknown, &expected, reason),
    }
}
