//! What the deployment made and only it mends: names, callers and policies, as infra/template.yaml has them.
//!
//! Everything here is pure: `goldsmith-aws` reads the parts, and this says what is wrong with them.

use std::collections::BTreeSet;

use iam_policy::{Context, Effect, Policy, Request, Statement, Truth};

use crate::names::{AccountId, Environment};
use crate::policy::account_of;
use crate::stack::StackContext;

/// One of the stack's functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Compares the documents with what exists.
    Reconcile,
    /// Starts the scheduled builds.
    ScheduledBuild,
    /// Publishes what was built, and tells of what failed.
    ImageEvents,
}

/// Who invokes a function: a service, for one of its resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// For example `events.amazonaws.com`.
    pub service: &'static str,
    /// The ARN of the rule or of the bucket.
    pub source: String,
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reconcile, Self::ScheduledBuild, Self::ImageEvents];

    /// Its name, for example `goldsmith-nonprod-reconcile`.
    pub fn name(self, environment: &Environment) -> String {
        format!("goldsmith-{environment}-{}", self.as_str())
    }

    /// Its ARN in the stack's account and Region.
    pub fn arn(self, stack: &StackContext) -> String {
        let (partition, region, account) = (stack.partition(), &stack.region, &stack.account);
        let name = self.name(&stack.environment);
        format!("arn:{partition}:lambda:{region}:{account}:function:{name}")
    }

    /// What its name ends with, which is also the id of a target that invokes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reconcile => "reconcile",
            Self::ScheduledBuild => "scheduled-build",
            Self::ImageEvents => "image-events",
        }
    }

    /// Who has to be allowed to invoke it.
    pub fn callers(self, stack: &StackContext, document_bucket: &str) -> Vec<Caller> {
        let rules = StackRule::ALL.into_iter();
        let of_rules = rules.filter(|rule| rule.functions().contains(&self));
        let mut callers: Vec<Caller> = of_rules.map(|rule| rule.caller(stack)).collect();
        if self == Self::Reconcile {
            let source = format!("arn:{}:s3:::{document_bucket}", stack.partition());
            let service = "s3.amazonaws.com";
            callers.push(Caller { service, source });
        }
        callers
    }
}

/// One of the stack's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StackRule {
    /// Looks again every hour.
    Hourly,
    /// Hands on what Image Builder tells.
    ImageEvents,
    /// Starts the scheduled builds.
    Build,
}

impl StackRule {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Hourly, Self::ImageEvents, Self::Build];

    /// Its name, for example `goldsmith-nonprod-hourly`.
    pub fn name(self, environment: &Environment) -> String {
        let end = match self {
            Self::Hourly => "hourly",
            Self::ImageEvents => "image-events",
            Self::Build => "build",
        };
        format!("goldsmith-{environment}-{end}")
    }

    /// The functions that it invokes.
    pub fn functions(self) -> &'static [Function] {
        match self {
            Self::Hourly => &[Function::Reconcile],
            Self::ImageEvents => &[Function::ImageEvents, Function::Reconcile],
            Self::Build => &[Function::ScheduledBuild],
        }
    }

    fn caller(self, stack: &StackContext) -> Caller {
        let (partition, region, account) = (stack.partition(), &stack.region, &stack.account);
        let name = self.name(&stack.environment);
        Caller {
            service: "events.amazonaws.com",
            source: format!("arn:{partition}:events:{region}:{account}:rule/{name}"),
        }
    }
}

/// The ARN of the queue for events that reached no function.
pub fn undelivered(stack: &StackContext) -> String {
    let (partition, region, account) = (stack.partition(), &stack.region, &stack.account);
    let environment = &stack.environment;
    format!("arn:{partition}:sqs:{region}:{account}:goldsmith-{environment}-undelivered")
}

/// What is wrong with the policy of `function`: callers that it does not let in, and strangers that it does.
pub fn function_policy_faults(
    policy: Option<&str>,
    function: Function,
    document_bucket: &str,
    stack: &StackContext,
) -> Vec<String> {
    let arn = function.arn(stack);
    let judge = match Judge::read(policy, "lambda:InvokeFunction", &arn) {
        Ok(judge) => judge,
        Err(fault) => return vec![fault],
    };
    let callers = function.callers(stack, document_bucket).into_iter();
    let lost = callers.filter(|caller| {
        let context = call_from(&stack.account, Some(&caller.source));
        !judge.lets_in(caller.service, &context)
    });
    lost.map(|caller| format!("{} may not invoke it", caller.source))
        .chain(judge.strangers(&stack.account))
        .collect()
}

/// What is wrong with the policy of the topic: alarms that cannot notify, and strangers that can.
pub fn topic_policy_faults(policy: Option<&str>, topic: &str, stack: &StackContext) -> Vec<String> {
    let judge = match Judge::read(policy, "sns:Publish", topic) {
        Ok(judge) => judge,
        Err(fault) => return vec![fault],
    };
    let alarms = call_from(&stack.account, None);
    let silent = !judge.lets_in("cloudwatch.amazonaws.com", &alarms);
    let silent = silent.then(|| "alarms may not publish to it".to_owned());
    silent
        .into_iter()
        .chain(judge.strangers(&stack.account))
        .collect()
}

/// A resource's policy, and what somebody would do with the resource.
struct Judge<'a> {
    text: &'a str,
    policy: Policy,
    action: &'static str,
    resource: &'a str,
}

impl<'a> Judge<'a> {
    /// A resource without a policy has one without statements. Error: a fault, in words.
    fn read(
        policy: Option<&'a str>,
        action: &'static str,
        resource: &'a str,
    ) -> Result<Self, String> {
        /// What a resource without a policy says.
        const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let text = policy.unwrap_or(NOTHING);
        let policy = Policy::parse(text);
        Ok(Self {
            text,
            policy: policy.map_err(|_| "its policy cannot be read".to_owned())?,
            action,
            resource,
        })
    }

    fn allowing(&self) -> impl Iterator<Item = &Statement> {
        let all = self.policy.statements.iter();
        all.filter(|one| one.effect == Effect::Allow)
    }

    fn covers(&self, statement: &Statement, context: &Context) -> Truth {
        let request = Request {
            principal: "",
            action: self.action,
            resource: self.resource,
            context,
        };
        self.policy.matches(statement, &request)
    }

    fn lets_in(&self, service: &str, context: &Context) -> bool {
        self.allowing().any(|statement| {
            services(statement).iter().any(|one| one == service)
                && self.covers(statement, context) == Truth::Yes
        })
    }

    /// Those who are let in from other accounts: their principals, or services that ask for them.
    fn strangers(&self, account: &AccountId) -> Vec<String> {
        let accounts = self.named_accounts(account);
        let let_in = |statement: &&Statement| {
            let mut asking = accounts.iter().map(|account| call_from_elsewhere(account));
            asking.any(|context| self.covers(statement, &context) != Truth::No)
        };
        let told = |name: &str| format!("its policy lets in {name} from other accounts");
        self.allowing()
            .filter(let_in)
            .filter_map(|statement| outsider(statement, account).map(told))
            .collect()
    }

    /// The other accounts that the policy names anywhere, and one that nobody has: a statement may let in
    /// exactly one of them by a condition.
    fn named_accounts(&self, own: &AccountId) -> BTreeSet<String> {
        const NOBODYS: &str = "000000000000";
        let numbers = self.text.split(|c: char| !c.is_ascii_digit());
        let named = numbers.filter(|number| number.len() == 12 && *number != own.as_str());
        named.chain([NOBODYS]).map(str::to_owned).collect()
    }
}

/// Somebody whom a statement names and who may be of another account.
fn outsider<'s>(statement: &'s Statement, account: &AccountId) -> Option<&'s str> {
    if statement.not_principal.is_some() {
        return Some("everybody");
    }
    let foreign = |one: &&String| account_of(one).as_ref() != Some(account);
    let principal = statement.aws_principals().iter().find(foreign);
    principal
        .or(services(statement).first())
        .map(String::as_str)
}

fn services(statement: &Statement) -> &[String] {
    let principals = statement.principal.as_ref();
    principals.map_or(&[], |principals| principals.of_kind("Service"))
}

/// A call that a service makes for a resource of `account`.
fn call_from(account: &AccountId, source: Option<&str>) -> Context {
    let mut context = Context::default();
    context.set("aws:SourceAccount", account.as_str());
    context.set_all("aws:SourceArn", source);
    context
}

/// A call for another account, by any of its principals or resources.
fn call_from_elsewhere(account: &str) -> Context {
    let mut context = Context::default();
    for key in [
        "aws:SourceAccount",
        "aws:PrincipalAccount",
        "aws:SourceOwner",
    ] {
        context.set(key, account);
    }
    // Which resource or principal it is, is not known: what depends on it is a doubt, and told.
    context
}
