//! Asks one account: as each role that launches there, where that may be assumed, else as the role that
//! `infra/consumer-account.yaml` makes to look with.

use aws_credential_types::Credentials;
use goldsmith_domain::names::{AccountId, AmiId, KeyArn, RoleArn};
use goldsmith_domain::verify::{AccountQuestions, Attempt, Known, Launch, LaunchQuestion, SeenAmi};

use super::keys::{attempted, simulate};
#[cfg(feature = "operator")]
use super::probe;
use super::{Asker, known};
use crate::Aws;
use crate::assumed::assume;

/// Where the role that only looks comes from.
const TEMPLATE: &str = "infra/consumer-account.yaml";

/// The answers of one account.
#[derive(Default)]
pub(super) struct AccountAnswers {
    pub own_amis: Vec<(AmiId, Known<Option<SeenAmi>>)>,
    pub key_uses: Vec<((RoleArn, KeyArn), Attempt)>,
    pub launches: Vec<((AccountId, AmiId), Launch)>,
    pub probes: Vec<((AccountId, AmiId), Launch)>,
}

/// A role of the account, with its credentials if we may assume it.
struct Session {
    role: RoleArn,
    launches: bool,
    /// Whether it was tried to assume it.
    is_asked: bool,
    credentials: Known<Credentials>,
}

/// Asks the account.
pub(super) async fn ask(aws: &Aws, asked: &AccountQuestions, by: Asker) -> AccountAnswers {
    let launchers = launchers(aws, &asked.launchers, by).await;
    let verifier = Session::of(aws, &asked.verifier, false).await.optional();
    let mut answers = AccountAnswers {
        key_uses: key_uses(aws, &launchers, &verifier, asked).await,
        ..AccountAnswers::default()
    };
    let tries = launchers
        .iter()
        .find(|session| session.credentials.is_ok())
        .unwrap_or(&verifier);
    let looks = if verifier.credentials.is_ok() {
        &verifier
    } else {
        tries
    };
    for launch in &asked.launches {
        let of = (asked.account.clone(), launch.ami.clone());
        if launch.is_copy {
            answers
                .own_amis
                .push((launch.ami.clone(), looks.seen(aws, launch).await));
        }
        answers
            .launches
            .push((of.clone(), tries.dry_run(aws, launch).await));
        #[cfg(feature = "operator")]
        if by == (Asker::Launchers { probes: true }) {
            answers.probes.push((of, tries.probe(aws, launch).await));
        }
    }
    answers
}

/// The roles that launch; not assumed where nobody asks as them.
async fn launchers(aws: &Aws, roles: &[RoleArn], by: Asker) -> Vec<Session> {
    let mut sessions = Vec::new();
    for role in roles {
        sessions.push(if by.launches() {
            Session::of(aws, role, true).await
        } else {
            Session::unasked(role)
        });
    }
    sessions
}

async fn key_uses(
    aws: &Aws,
    launchers: &[Session],
    verifier: &Session,
    asked: &AccountQuestions,
) -> Vec<((RoleArn, KeyArn), Attempt)> {
    let mut uses = Vec::new();
    for session in launchers {
        for key in &asked.keys {
            let attempt = key_use(aws, session, verifier, key).await;
            uses.push(((session.role.clone(), key.clone()), attempt));
        }
    }
    uses
}

/// Asks as the role that looks, and as the launching role itself where the former may not ask.
async fn key_use(aws: &Aws, launcher: &Session, verifier: &Session, key: &KeyArn) -> Attempt {
    let mut last = Attempt::NotMade(String::new());
    let asked = [verifier, launcher].into_iter();
    for session in asked.filter(|session| session.is_asked) {
        last = match &session.credentials {
            Ok(credentials) => simulate(aws, credentials.clone(), &launcher.role, key).await,
            Err(reason) => Attempt::NotMade(reason.clone()),
        };
        if !matches!(last, Attempt::NotMade(_)) {
            break;
        }
    }
    last
}

impl Session {
    async fn of(aws: &Aws, role: &RoleArn, launches: bool) -> Self {
        Self {
            role: role.clone(),
            launches,
            is_asked: true,
            credentials: known(assume(aws, role).await),
        }
    }

    /// A role that launches, which is only asked about.
    fn unasked(role: &RoleArn) -> Self {
        Self {
            role: role.clone(),
            launches: true,
            is_asked: false,
            credentials: Err("only the verify role is asked here".to_owned()),
        }
    }

    /// The same for a role that the account need not make: what would make it is said with the refusal.
    fn optional(mut self) -> Self {
        self.credentials = self.credentials.map_err(|reason| {
            format!(
                "{reason}; the account makes this role if VerifierArns of {TEMPLATE} names yours"
            )
        });
        self
    }

    async fn seen(&self, aws: &Aws, launch: &LaunchQuestion) -> Known<Option<SeenAmi>> {
        let ec2 = aws.ec2_as(self.credentials.clone()?, &launch.region);
        known(ec2.seen_ami(&launch.ami).await)
    }

    async fn dry_run(&self, aws: &Aws, launch: &LaunchQuestion) -> Launch {
        let attempt = match &self.credentials {
            Ok(credentials) => attempted(
                aws.ec2_as(credentials.clone(), &launch.region)
                    .dry_run(launch)
                    .await,
            ),
            Err(reason) => Attempt::NotMade(reason.clone()),
        };
        self.launch(attempt)
    }

    #[cfg(feature = "operator")]
    async fn probe(&self, aws: &Aws, launch: &LaunchQuestion) -> Launch {
        let attempt = match &self.credentials {
            Ok(credentials) => {
                probe::launch(
                    &aws.ec2_as(credentials.clone(), &launch.region),
                    aws,
                    launch,
                )
                .await
            }
            Err(reason) => Attempt::NotMade(reason.clone()),
        };
        self.launch(attempt)
    }

    fn launch(&self, attempt: Attempt) -> Launch {
        Launch {
            role: self.role.clone(),
            launches: self.launches,
            attempt,
        }
    }
}
