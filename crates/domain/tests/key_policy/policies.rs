//! Random consumers, and random policies as people leave them: statements of many shapes, spaced and
//! escaped oddly.

use goldsmith_domain::consumers::{Account, Consumers, DeliveryMode, Organization, Rebuild, Roles};
use goldsmith_domain::key_policy::{GRANT_ADMINS_SID, GRANT_SID, ORGANIZATIONS_USE_SID, USE_SID};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use crate::key_policy::panel::{ACCOUNTS, ORGANIZATIONS, ROLES};
use crate::key_policy::{BUILDING, grant_admin, here, organization, role, sharing};

pub const ADMIN: &str = r#"{ "Sid": "Admin",  "Effect":"Allow", "Principal": {"AWS":"arn:aws:iam::111122223333:root"}, "Action":"kms:*", "Resource":"*" }"#;

pub fn policy(statements: &[&str]) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

/// Random consumers in two Regions, the building account now and then among them.
pub fn some_consumers() -> impl Strategy<Value = Consumers> {
    let ids: Vec<&str> = ACCOUNTS
        .iter()
        .map(|(id, _)| *id)
        .filter(|id| *id != "999999999999")
        .collect();
    let accounts = subsequence(ids, 0..=4)
        .prop_flat_map(|ids| ids.into_iter().map(some_account).collect::<Vec<_>>());
    let organizations = subsequence(ORGANIZATIONS.to_vec(), 0..=2)
        .prop_flat_map(|paths| paths.into_iter().map(some_organization).collect::<Vec<_>>());
    (accounts, organizations).prop_map(|(accounts, organizations)| Consumers {
        accounts,
        organizations,
    })
}

fn some_account(id: &'static str) -> impl Strategy<Value = Account> {
    let roles = subsequence(ROLES.to_vec(), 0..=3);
    (roles, any::<[bool; 6]>()).prop_map(
        move |(roles, [any, copy, own_key, admin, elsewhere, rebuild])| {
            let roles: Vec<String> = roles.into_iter().map(|name| role(id, name)).collect();
            let mut account = sharing(id, &roles);
            if any {
                account.roles = Roles::Any;
            }
            if copy {
                account.serve = DeliveryMode::Copy;
            }
            let key =
                format!("arn:aws:kms:us-east-1:{id}:key/11111111-2222-4333-8444-0000000000aa")
                    .parse()
                    .expect("a key");
            account.keys.extend(own_key.then(|| (here(), key)));
            account.rebuild = rebuild.then(|| Rebuild {
                role: role(id, "rebuild").parse().expect("a role"),
                instance_profile: "rebuild".to_owned(),
            });
            account.grant_admin = admin.then(|| grant_admin(id));
            if elsewhere {
                account.regions = ["eu-west-1".parse().expect("a Region")].into();
            }
            account
        },
    )
}

fn some_organization(path: &'static str) -> impl Strategy<Value = Organization> {
    any::<bool>().prop_map(move |elsewhere| {
        let mut organization = organization(path);
        if elsewhere {
            organization.regions = ["eu-west-1".parse().expect("a Region")].into();
        }
        organization
    })
}

/// A policy, and its foreign statements as they stand in it.
#[derive(Debug, Clone)]
pub struct Written {
    pub text: String,
    pub foreign: Vec<String>,
}

/// A policy that lets the account administer the key, with nothing in it that KMS would refuse.
pub fn some_policy() -> impl Strategy<Value = Written> {
    written(Just(vec![
        json!({"Sid": "Enable IAM", "Effect": "Allow", "Principal": {"AWS": root(BUILDING)}, "Action": "kms:*", "Resource": "*"}),
    ]))
}

/// Any policy, many of which cannot be written back.
pub fn any_policy() -> impl Strategy<Value = Written> {
    let admin = |principal: Value, action: &str| json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"});
    let bulk = format!("arn:aws:iam::{BUILDING}:role/{}", "x".repeat(60));
    let statements = vec![
        admin(json!({"AWS": root(BUILDING)}), "kms:*"),
        admin(json!({"AWS": BUILDING}), "kms:Put*"),
        admin(json!({"AWS": root("222222222222")}), "kms:*"),
        json!({"Sid": "Old", "Effect": "Allow", "Principal": {"AWS": ["AROAEXAMPLE", root(BUILDING)]}, "Action": "kms:*", "Resource": "*"}),
        json!({"Sid": "Costs 5 \u{20ac}", "Effect": "Allow", "Principal": {"AWS": root(BUILDING)}, "Action": "kms:*", "Resource": "*"}),
        json!({"Sid": "Bulk", "Effect": "Allow", "Principal": {"AWS": vec![bulk; 400]}, "Action": "kms:Decrypt", "Resource": "*"}),
        json!({"Effect": "Deny", "Principal": "*", "Action": ["kms:Put*", "kms:Delete*"], "Resource": "*"}),
        json!({"Effect": "Deny", "Principal": "*", "NotAction": "kms:Decrypt", "Resource": "*"}),
        json!({"Effect": "Deny", "NotPrincipal": {"AWS": role(BUILDING, "admin")}, "Action": "kms:*", "Resource": "*"}),
    ];
    written(subsequence(statements, 0..=3))
}

fn root(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

/// The statements `and` among random others, foreign ones and ours as somebody has edited them.
fn written(and: impl Strategy<Value = Vec<Value>>) -> impl Strategy<Value = Written> {
    let foreign = prop::collection::vec(select(foreign_statements()), 0..5);
    let statements = (
        and,
        foreign,
        prop::collection::vec(select(edited_statements()), 0..3),
    )
        .prop_map(|(and, foreign, ours)| {
            let foreign = and
                .into_iter()
                .chain(foreign)
                .map(|statement| (true, statement));
            foreign
                .chain(ours.into_iter().map(|statement| (false, statement)))
                .collect::<Vec<_>>()
        })
        .prop_shuffle();
    let head = (
        prop::option::of(select(vec!["2012-10-17", "2008-10-17"])),
        prop::option::of(Just("key \"1\"")),
    );
    (statements, head, prop::collection::vec(any::<u8>(), 1..40)).prop_map(
        |(statements, head, odds)| {
            let mut odds = Odds { odds, at: 0 };
            let texts: Vec<(bool, String)> = statements
                .iter()
                .map(|(foreign, statement)| (*foreign, odds.spell(statement)))
                .collect();
            let all: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
            let text = document(head, &all, &mut odds);
            let foreign = texts
                .into_iter()
                .filter(|(foreign, _)| *foreign)
                .map(|(_, text)| text);
            Written {
                text,
                foreign: foreign.collect(),
            }
        },
    )
}

/// A lone statement stands in no list now and then.
fn document(
    (version, id): (Option<&str>, Option<&str>),
    statements: &[&str],
    odds: &mut Odds,
) -> String {
    let version = version.map(|version| format!("\"Version\":{}{},", odds.space(), json!(version)));
    let id = id.map(|id| format!("{}\"Id\" : {},", odds.space(), json!(id)));
    let statements = match statements {
        [lone] if odds.next().is_multiple_of(2) => (*lone).to_owned(),
        all => format!(
            "[{}{}]",
            odds.space(),
            all.join(&format!("{},{}", odds.space(), odds.space()))
        ),
    };
    let (version, id) = (version.unwrap_or_default(), id.unwrap_or_default());
    format!(
        "{{{version}{id}\"Statement\":{}{statements}{}}}",
        odds.space(),
        odds.space()
    )
}

fn foreign_statements() -> Vec<Value> {
    let sse = json!({"Bool": {"aws:SecureTransport": "false"}});
    let caller = json!({"StringEquals": {"kms:CallerAccount": BUILDING, "kms:ViaService": "ec2.us-east-1.amazonaws.com"}});
    vec![
        json!({"Sid": "B\u{fc}ro M\u{fc}nchen", "Effect": "Allow", "Principal": {"AWS": [root("444444444444"), role("222222222222", "launch")]}, "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}),
        json!({"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*", "Condition": {"StringEquals": {"aws:SourceAccount": BUILDING}}}),
        json!({"Sid": "TLS", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": sse}),
        json!({"Sid": "goldsmithconsumersuse", "Effect": "Deny", "Principal": {"AWS": role("222222222222", "mstr-launch")}, "NotAction": ["kms:Decrypt", "kms:List*"], "Resource": "*"}),
        json!({"Sid": "", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*", "Condition": caller}),
        json!({"Sid": "NoResource", "Effect": "Allow", "Principal": {"AWS": root("999999999999")}, "Action": "kms:*"}),
        json!({"Effect": "Allow", "Principal": {"AWS": BUILDING, "Service": ["sns.amazonaws.com"]}, "Action": "kms:CreateGrant", "Resource": "*", "Condition": {"Bool": {"kms:GrantIsForAWSResource": true}, "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}}),
        json!({"Sid": "Not them", "Effect": "Deny", "NotPrincipal": {"AWS": root(BUILDING)}, "Action": "kms:RevokeGrant", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": ["999999999999"]}}}),
    ]
}

/// Statements with our Sids that say what we never would.
fn edited_statements() -> Vec<Value> {
    vec![
        json!({"Sid": USE_SID, "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}),
        json!({"Sid": GRANT_SID, "Effect": "Allow", "Principal": {"AWS": root("999999999999")}, "Action": "kms:CreateGrant", "Resource": "*"}),
        json!({"Sid": USE_SID, "Effect": "Deny", "Principal": {"AWS": "AROAEXAMPLE"}, "Action": "kms:*", "Resource": "*"}),
        json!({"Sid": ORGANIZATIONS_USE_SID, "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}),
        json!({"Sid": GRANT_ADMINS_SID, "Effect": "Allow", "Principal": {"AWS": root("222222222222")}, "Action": "kms:CreateGrant", "Resource": "*"}),
    ]
}

/// A source of odd spellings.
struct Odds {
    odds: Vec<u8>,
    at: usize,
}

impl Odds {
    fn next(&mut self) -> u8 {
        self.at += 1;
        self.odds[self.at % self.odds.len()]
    }

    fn space(&mut self) -> &'static str {
        ["", "", " ", "\n  ", "\t", "\r\n"][usize::from(self.next()) % 6]
    }

    /// A text, some of whose letters are escaped although they need not be.
    fn text(&mut self, text: &str) -> String {
        let mut spelled = String::from("\"");
        for c in text.chars() {
            let escaped = self.next().is_multiple_of(16);
            if !escaped && c.is_ascii_alphanumeric() {
                spelled.push(c);
            } else if c.is_ascii_alphabetic() {
                spelled.extend(format!("\\u{:04x}", u32::from(c)).chars());
            } else {
                let quoted = json!(c.to_string()).to_string();
                spelled += &quoted[1..quoted.len() - 1];
            }
        }
        spelled + "\""
    }

    fn spell(&mut self, value: &Value) -> String {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.spaced(item)).collect();
                format!("[{}]", items.join(","))
            }
            Value::Object(map) => {
                let entry = |(key, value): (&String, &Value)| {
                    format!(
                        "{}{}{}:{}",
                        self.space(),
                        self.text(key),
                        self.space(),
                        self.spaced(value)
                    )
                };
                let entries: Vec<String> = map.iter().map(entry).collect();
                format!("{{{}}}", entries.join(","))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        }
    }

    fn spaced(&mut self, value: &Value) -> String {
        format!("{}{}{}", self.space(), self.spell(value), self.space())
    }
}
