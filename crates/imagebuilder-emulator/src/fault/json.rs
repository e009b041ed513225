//! Faults as JSON: read with errors that say where and what, and written as they are read.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Value, json};

use crate::{
    common::caller::is_account,
    fault::{
        Fault, FaultAnswer, Matching, Probability,
        members::{FaultError, Members},
    },
    records::{
        build_failure::BuildFailure,
        ec2::key_denial::KeyDenial,
        event_fault::{EventEffect, EventFault},
    },
};

/// The members of which a fault has exactly one.
const KINDS: [&str; 7] = [
    "answer",
    "drop-response-after-commit",
    "stall",
    "stale-reads",
    "fail-build",
    "events",
    "deny-key",
];

/// The members that say which calls are hit.
const MATCHING: [&str; 7] = [
    "operation",
    "nth",
    "times",
    "probability",
    "seed",
    "account",
    "region",
];

/// The states in which a build can be made to fail.
const STATES: [&str; 4] = ["BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING"];

/// The longest stall and the longest delay, in seconds: a day.
const LONGEST: f64 = 86_400.0;

/// What each event fault does, by its member.
const EVENT_EFFECTS: [&str; 4] = ["drop", "double", "reorder", "delay"];

impl Fault {
    /// Reads a fault; `place` is its place in the JSON, for errors.
    pub(crate) fn read(value: &Value, place: &str) -> Result<Self, FaultError> {
        let known = [&MATCHING[..], &KINDS[..]].concat();
        let members = Members::of(value, place, &known)?;
        let kinds: Vec<_> = KINDS
            .into_iter()
            .filter(|kind| members.get(kind).is_some())
            .collect();
        let [kind] = kinds[..] else {
            let expected = format!("exactly one of the members {}", KINDS.join(", "));
            return Err(FaultError::new(place, Some(value), expected));
        };
        match kind {
            "fail-build" => build_failure(&members).map(Self::FailBuild),
            "events" => event_fault(&members).map(Self::Events),
            "deny-key" => key_denial(&members).map(Self::DenyKey),
            _ => of_calls(kind, &members),
        }
    }

    /// Reads a list of faults, all of them or none.
    pub(crate) fn read_all(value: &Value) -> Result<Vec<Self>, FaultError> {
        let members = Members::of(value, "body", &["faults"])?;
        let list = members.get("faults").and_then(Value::as_array);
        let list = list.ok_or_else(|| members.wrong("faults", "a list of faults"))?;
        list.iter()
            .enumerate()
            .map(|(index, one)| Self::read(one, &format!("faults[{index}]")))
            .collect()
    }

    fn written(&self) -> Value {
        match self {
            Self::Answer { matching, answer } => {
                let FaultAnswer {
                    status,
                    code,
                    message,
                } = answer;
                let answer = json!({"status": status, "code": code, "message": message});
                matching.written("answer", answer)
            }
            Self::DropResponse { matching } => {
                matching.written("drop-response-after-commit", json!(true))
            }
            Self::Stall { matching, seconds } => matching.written("stall", json!(seconds)),
            Self::StaleReads { matching } => matching.written("stale-reads", json!(true)),
            Self::FailBuild(failure) => json!({"fail-build": failure}),
            Self::DenyKey(denial) => json!({"deny-key": denial}),
            Self::Events(fault) => json!({"events": written_event_fault(fault)}),
        }
    }
}

fn of_calls(kind: &str, members: &Members<'_>) -> Result<Fault, FaultError> {
    let matching = matching(members, kind == "stale-reads")?;
    match kind {
        "answer" => {
            answer(members, &matching.operation).map(|answer| Fault::Answer { matching, answer })
        }
        "stall" => {
            let seconds = members.number(kind, (0.0, LONGEST))?.unwrap_or_default();
            Ok(Fault::Stall { matching, seconds })
        }
        _ if members.flag(kind)? != Some(true) => Err(members.wrong(kind, "true")),
        "stale-reads" => Ok(Fault::StaleReads { matching }),
        _ => Ok(Fault::DropResponse { matching }),
    }
}

fn matching(members: &Members<'_>, only_reads: bool) -> Result<Matching, FaultError> {
    let chance = members.number("probability", (0.0, 1.0))?;
    let seed = members.count("seed", 0)?;
    if chance.is_none() && seed.is_some() {
        return Err(members.wrong("seed", "nothing, because there is no probability"));
    }
    Ok(Matching {
        operation: operation(members, only_reads)?,
        nth: members.count("nth", 1)?.unwrap_or(1),
        times: members
            .count("times", 1)?
            .unwrap_or(if chance.is_some() { u64::MAX } else { 1 }),
        probability: chance.map(|chance| Probability {
            chance,
            seed: seed.unwrap_or_default(),
        }),
        account: members.text("account")?,
        region: members.text("region")?,
    })
}

fn operation(members: &Members<'_>, only_reads: bool) -> Result<String, FaultError> {
    let expected =
        "a service and an operation, such as imagebuilder:CreateImage, ec2:DescribeImages or ec2:*";
    let operation = members
        .text("operation")?
        .ok_or_else(|| members.wrong("operation", expected))?;
    let reads = ["*", "Get", "List", "Describe"];
    match operation.split_once(':') {
        Some(("imagebuilder" | "ec2", name)) if only_reads => {
            let read = reads.iter().any(|verb| name.starts_with(verb));
            read.then_some(())
                .ok_or_else(|| members.wrong("operation", "a Get, List or Describe operation"))?;
            Ok(operation)
        }
        Some(("imagebuilder" | "ec2", name)) if !name.is_empty() => Ok(operation),
        Some(_) | None => Err(members.wrong("operation", expected)),
    }
}

fn answer(members: &Members<'_>, operation: &str) -> Result<FaultAnswer, FaultError> {
    let Some(value) = members.get("answer") else {
        return Err(members.wrong("answer", "an answer"));
    };
    let answer = Members::of(value, &members.at("answer"), &["status", "code", "message"])?;
    let status = answer
        .count("status", 400)?
        .and_then(|status| u16::try_from(status).ok());
    let status = status.filter(|status| *status < 600);
    let status = status.ok_or_else(|| answer.wrong("status", "an HTTP status from 400 to 599"))?;
    let code = answer
        .text("code")?
        .or_else(|| default_code(operation, status).map(str::to_owned));
    let code = code.ok_or_else(|| {
        answer
            .wrong("code", "an error code")
            .hint(format!("there is no usual one for status {status}"))
    })?;
    let message = answer
        .text("message")?
        .unwrap_or_else(|| "An injected fault.".to_owned());
    Ok(FaultAnswer {
        status,
        code,
        message,
    })
}

/// The code that a service has for a status.
fn default_code(operation: &str, status: u16) -> Option<&'static str> {
    let ec2 = operation.starts_with("ec2:");
    Some(match status {
        400 if !ec2 => "ClientException",
        402 if !ec2 => "ServiceQuotaExceededException",
        403 if ec2 => "UnauthorizedOperation",
        403 => "ForbiddenException",
        404 if !ec2 => "ResourceNotFoundException",
        429 | 503 if ec2 => "RequestLimitExceeded",
        429 => "CallRateLimitExceededException",
        500 if ec2 => "InternalError",
        500 => "ServiceException",
        503 => "ServiceUnavailableException",
        _ => return None,
    })
}

/// Faults of builds, of events and of keys have their filters inside.
fn only(members: &Members<'_>, kind: &str) -> Result<(), FaultError> {
    match MATCHING.iter().find(|name| members.get(name).is_some()) {
        Some(name) => {
            let error = members.wrong(name, format!("nothing beside {kind}"));
            Err(error.hint(format!("what {kind} has is written inside it")))
        }
        None => Ok(()),
    }
}

fn build_failure(members: &Members<'_>) -> Result<BuildFailure, FaultError> {
    only(members, "fail-build")?;
    let known = [
        "state",
        "recipe",
        "region",
        "account",
        "times",
        "failure-context",
        "message",
    ];
    let value = members.get("fail-build").unwrap_or(&Value::Null);
    let inner = Members::of(value, &members.at("fail-build"), &known)?;
    let state = inner
        .text("state")?
        .filter(|state| STATES.contains(&state.as_str()));
    let state =
        state.ok_or_else(|| inner.wrong("state", format!("one of {}", STATES.join(", "))))?;
    Ok(BuildFailure {
        recipe: inner.text("recipe")?,
        region: inner.text("region")?,
        account: inner.text("account")?,
        times: inner.count("times", 1)?.unwrap_or(1),
        failure_context: inner.flag("failure-context")?.unwrap_or(true),
        message: inner.text("message")?,
        ..BuildFailure::next(state)
    })
}

fn key_denial(members: &Members<'_>) -> Result<KeyDenial, FaultError> {
    only(members, "deny-key")?;
    let value = members.get("deny-key").unwrap_or(&Value::Null);
    let inner = Members::of(value, &members.at("deny-key"), &["key-arn", "account"])?;
    let key = inner.text("key-arn")?.filter(|key| key.starts_with("arn:"));
    let account = inner.text("account")?.filter(|account| is_account(account));
    Ok(KeyDenial {
        key_arn: key.ok_or_else(|| inner.wrong("key-arn", "the ARN of a key"))?,
        account: account.ok_or_else(|| inner.wrong("account", "twelve digits"))?,
    })
}

fn event_fault(members: &Members<'_>) -> Result<EventFault, FaultError> {
    only(members, "events")?;
    let known = [&EVENT_EFFECTS[..], &["times", "detail-type", "status"]].concat();
    let value = members.get("events").unwrap_or(&Value::Null);
    let inner = Members::of(value, &members.at("events"), &known)?;
    let named: Vec<_> = EVENT_EFFECTS
        .into_iter()
        .filter(|name| inner.get(name).is_some())
        .collect();
    let [name] = named[..] else {
        let expected = format!("exactly one of the members {}", EVENT_EFFECTS.join(", "));
        return Err(FaultError::new(&inner.place, Some(value), expected));
    };
    let (effect, times) = event_effect(&inner, name)?;
    Ok(EventFault {
        effect,
        times,
        detail_type: inner.text("detail-type")?,
        status: inner.text("status")?,
    })
}

/// What happens to how many events.
fn event_effect(inner: &Members<'_>, name: &str) -> Result<(EventEffect, u64), FaultError> {
    if name == "delay" {
        let seconds = inner.number(name, (0.0, LONGEST))?.unwrap_or_default();
        return Ok((
            EventEffect::Delay { seconds },
            inner.count("times", 1)?.unwrap_or(1),
        ));
    }
    if inner.get("times").is_some() {
        return Err(inner
            .wrong("times", format!("nothing beside {name}"))
            .hint(format!("{name} is the number")));
    }
    let least = if name == "reorder" { 2 } else { 1 };
    let times = inner.count(name, least)?.unwrap_or(least);
    let effect = match name {
        "drop" => EventEffect::Drop,
        "double" => EventEffect::Double,
        _ => EventEffect::Reorder,
    };
    Ok((effect, times))
}

fn written_event_fault(fault: &EventFault) -> Value {
    let EventFault {
        effect,
        times,
        detail_type,
        status,
    } = fault;
    let mut value = match effect {
        EventEffect::Drop => json!({"drop": times}),
        EventEffect::Double => json!({"double": times}),
        EventEffect::Reorder => json!({"reorder": times}),
        EventEffect::Delay { seconds } => json!({"delay": seconds, "times": times}),
    };
    insert(&mut value, "detail-type", detail_type.as_ref());
    insert(&mut value, "status", status.as_ref());
    value
}

impl Matching {
    fn written(&self, kind: &str, what: Value) -> Value {
        let Self {
            operation,
            nth,
            times,
            probability,
            account,
            region,
        } = self;
        let mut value = json!({"operation": operation, "nth": nth});
        insert(
            &mut value,
            "times",
            Some(times).filter(|times| **times != u64::MAX),
        );
        insert(
            &mut value,
            "probability",
            probability.map(|probability| probability.chance),
        );
        insert(
            &mut value,
            "seed",
            probability.map(|probability| probability.seed),
        );
        insert(&mut value, "account", account.as_ref());
        insert(&mut value, "region", region.as_ref());
        value[kind] = what;
        value
    }
}

fn insert(value: &mut Value, name: &str, member: Option<impl Serialize>) {
    if let Some(member) = member.and_then(|member| serde_json::to_value(member).ok()) {
        value[name] = member;
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.written().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Value::deserialize(deserializer)?, "fault").map_err(D::Error::custom)
    }
}
