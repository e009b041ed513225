//! What IAM documents about policies, as tables: each row names its page and section.

mod conditions;
mod elements;
mod parsing;
mod principals;
mod second_opinion;

use iam_policy::{Context, Decision, Policy, Request};

/// The role that asks, unless a row says otherwise.
const ROLE: &str = "arn:aws:iam::111122223333:role/team/launch";
/// The resource of every request.
const KEY: &str = "arn:aws:kms:us-east-1:444455556666:key/1234abcd";
/// The action of every request.
const ACTION: &str = "kms:Decrypt";

/// The keys of a request. A key without values is absent, and one that is not listed is unknown.
type Keys = &'static [(&'static str, &'static [&'static str])];

/// What a policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Allow,
    Deny,
    /// No statement is about the request.
    Nothing,
    Unknown,
}

/// One documented case.
#[derive(Debug, Clone)]
struct Case {
    /// Page and section.
    page: &'static str,
    what: &'static str,
    policy: String,
    principal: &'static str,
    keys: Keys,
    expected: Answer,
}

impl Case {
    fn answer(&self) -> Answer {
        let context = context(self.keys);
        let request = Request {
            principal: self.principal,
            action: ACTION,
            resource: KEY,
            context: &context,
        };
        let policy = Policy::parse(&self.policy).expect("a policy");
        match policy.evaluate(&request) {
            Decision::Allowed(_) => Answer::Allow,
            Decision::ExplicitDeny(_) => Answer::Deny,
            Decision::ImplicitDeny => Answer::Nothing,
            Decision::Unknown(_) => Answer::Unknown,
        }
    }
}

fn context(keys: Keys) -> Context {
    let mut context = Context::default();
    for (key, values) in keys {
        context.set_all(key, values.iter().copied());
    }
    context
}

/// All wrong rows at once.
fn assert_all(cases: &[Case]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|case| case.answer() != case.expected)
        .map(|case| {
            let Case { page, what, .. } = case;
            format!(
                "{what}: {:?}, not {:?} ({page})",
                case.answer(),
                case.expected
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
