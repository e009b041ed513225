//! What a resource policy decides, from the IAM user guide ("Policy evaluation logic", "IAM JSON policy
//! elements", "Condition operators", "Conditions with multiple context keys or values"): a deny that
//! applies wins, then an allow, and otherwise nothing is decided. It shares no code with what it judges.

use serde_json::Value;

/// What somebody asks of the key.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks, as `aws:PrincipalArn`: the role, whatever session.
    pub principal: String,
    pub action: &'static str,
    /// Where the account is in its organization.
    pub org_path: Option<&'static str>,
    /// Whether a service asks for the principal; none for an operation that has no such thing.
    pub for_aws_resource: Option<bool>,
    pub grantee: Option<String>,
    pub operations: Option<Vec<&'static str>>,
    /// The service that asks on the principal's behalf; none if the principal asks itself.
    pub via: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Allow,
    Deny,
    Nothing,
}

impl Request {
    pub fn account(&self) -> &str {
        self.principal.split(':').nth(4).expect("an ARN")
    }

    /// The values of a context key; none if the request has no such key.
    fn context(&self, key: &str) -> Option<Vec<String>> {
        match key.to_ascii_lowercase().as_str() {
            "aws:principalarn" => Some(vec![self.principal.clone()]),
            "aws:principalaccount" | "kms:calleraccount" => Some(vec![self.account().to_owned()]),
            "aws:principalorgpaths" => self.org_path.map(|path| vec![path.to_owned()]),
            "kms:grantisforawsresource" => self.for_aws_resource.map(|yes| vec![yes.to_string()]),
            "kms:granteeprincipal" => self.grantee.clone().map(|grantee| vec![grantee]),
            "kms:grantoperations" => self
                .operations
                .as_ref()
                .map(|all| all.iter().map(|one| (*one).to_owned()).collect()),
            "aws:securetransport" => Some(vec!["true".to_owned()]),
            "kms:viaservice" => self.via.map(|service| vec![service.to_owned()]),
            "aws:sourceaccount" => None,
            other => panic!("no rule for the key {other}"),
        }
    }
}

pub fn decide<'a>(statements: impl IntoIterator<Item = &'a Value>, request: &Request) -> Decision {
    let applying: Vec<&Value> = statements
        .into_iter()
        .filter(|statement| applies(statement, request))
        .collect();
    let any = |effect: &str| {
        applying
            .iter()
            .any(|statement| statement["Effect"] == effect)
    };
    match (any("Deny"), any("Allow")) {
        (true, _) => Decision::Deny,
        (false, true) => Decision::Allow,
        (false, false) => Decision::Nothing,
    }
}

/// The statements of a policy; one may stand alone.
pub fn statements(policy: &str) -> Vec<Value> {
    let policy: Value = serde_json::from_str(policy).expect("JSON");
    let all = &policy["Statement"];
    all.as_array().cloned().unwrap_or_else(|| vec![all.clone()])
}

fn applies(statement: &Value, request: &Request) -> bool {
    let principal = match (&statement["Principal"], &statement["NotPrincipal"]) {
        (Value::Null, but) => !is_principal(but, request),
        (only, _) => is_principal(only, request),
    };
    let action = |all: &Value| {
        texts(all)
            .iter()
            .any(|one| glob(&one.to_lowercase(), &request.action.to_lowercase()))
    };
    let action = match (&statement["Action"], &statement["NotAction"]) {
        (Value::Null, but) => !action(but),
        (only, _) => action(only),
    };
    // A key policy statement without a resource applies to no key (KMS developer guide).
    principal
        && action
        && texts(&statement["Resource"]).contains(&"*".to_owned())
        && meets(statement, request)
}

/// A root stands for every principal of its account, if their own policies let them.
fn is_principal(element: &Value, request: &Request) -> bool {
    let names = if element.is_string() {
        texts(element)
    } else {
        texts(&element["AWS"])
    };
    let account = request.account();
    let root = format!("arn:aws:iam::{account}:root");
    names
        .iter()
        .any(|name| name == "*" || *name == root || name == account || *name == request.principal)
}

fn meets(statement: &Value, request: &Request) -> bool {
    let Some(condition) = statement["Condition"].as_object() else {
        return true;
    };
    condition.iter().all(|(operator, keys)| {
        let mut keys = keys.as_object().expect("keys").iter();
        keys.all(|(key, values)| holds(operator, &texts(values), request.context(key)))
    })
}

fn holds(operator: &str, values: &[String], context: Option<Vec<String>>) -> bool {
    let fits =
        |asked: &String, operator: &str| values.iter().any(|value| compare(operator, value, asked));
    if operator == "Null" {
        return values == [context.is_none().to_string()];
    }
    if let Some(operator) = operator.strip_prefix("ForAllValues:") {
        return context
            .unwrap_or_default()
            .iter()
            .all(|asked| fits(asked, operator));
    }
    if let Some(operator) = operator.strip_prefix("ForAnyValue:") {
        return context
            .unwrap_or_default()
            .iter()
            .any(|asked| fits(asked, operator));
    }
    context.is_some_and(|context| fits(&context[0], operator))
}

fn compare(operator: &str, value: &str, asked: &str) -> bool {
    match operator {
        "StringEquals" => value == asked,
        "StringLike" => glob(value, asked),
        "Bool" => value.eq_ignore_ascii_case(asked),
        // The six parts of an ARN are compared one by one.
        "ArnLike" | "ArnEquals" => {
            let parts = |arn: &str| arn.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
            let (value, asked) = (parts(value), parts(asked));
            value.len() == 6
                && asked.len() == 6
                && value.iter().zip(&asked).all(|(v, a)| glob(v, a))
        }
        other => panic!("no rule for the operator {other}"),
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Bool(yes) => vec![yes.to_string()],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Null | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

fn glob(pattern: &str, text: &str) -> bool {
    fn at(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            ([b'*', rest @ ..], _) => {
                at(rest, text) || (!text.is_empty() && at(pattern, &text[1..]))
            }
            ([b'?', rest @ ..], [_, tail @ ..]) => at(rest, tail),
            ([one, rest @ ..], [other, tail @ ..]) if one == other => at(rest, tail),
            _ => false,
        }
    }
    at(pattern.as_bytes(), text.as_bytes())
}

#[test]
fn the_evaluator_knows_the_rules() {
    let statement = |condition: Value| serde_json::json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": condition});
    let request = Request {
        principal: "arn:aws:iam::222222222222:role/launch".to_owned(),
        action: "kms:CreateGrant",
        org_path: None,
        for_aws_resource: None,
        grantee: None,
        operations: None,
        via: None,
    };
    let met = |condition| applies(&statement(condition), &request);
    // No operation at all is a subset of every set, and a missing key fits no single value.
    assert!(met(
        serde_json::json!({"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]}})
    ));
    assert!(!met(
        serde_json::json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "*"}})
    ));
    assert!(!met(
        serde_json::json!({"Bool": {"kms:GrantIsForAWSResource": "true"}})
    ));
    assert!(!met(
        serde_json::json!({"Null": {"kms:GrantOperations": "false"}})
    ));
    // `*` in one part of an ARN does not reach into the next.
    assert!(!met(
        serde_json::json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:*role/launch"}})
    ));
    assert!(met(
        serde_json::json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::222222222222:*"}})
    ));
}
