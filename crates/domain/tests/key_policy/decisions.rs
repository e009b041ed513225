//! What the statements say, and when they are written.

use goldsmith_domain::consumers::Consumers;
use goldsmith_domain::key_policy::{Access, KeyPolicy, same};
use serde_json::{Value, json};

use crate::key_policy::policies::{ADMIN, policy};
use crate::key_policy::{
    access, bring, consumers, grant_admin, organization, read, role, service_linked_role, sharing,
};

const ACCOUNT: &str = "222222222222";

fn launching() -> Access {
    access(&consumers(vec![sharing(
        ACCOUNT,
        &[role(ACCOUNT, "mstr-launch")],
    )]))
}

/// The statements of ours that let `access` in.
fn written(access: &Access) -> Vec<Value> {
    let text = bring(&policy(&[ADMIN]), access).expect("it fits");
    let text: Value = serde_json::from_str(&text).expect("JSON");
    text["Statement"].as_array().expect("statements")[1..].to_vec()
}

#[test]
fn accounts_are_roots_narrowed_to_their_roles() {
    let root = json!({"AWS": ["arn:aws:iam::222222222222:root"]});
    let roles = json!({"aws:PrincipalArn": ["arn:aws:iam::222222222222:role/mstr-launch"]});
    let through = json!({"kms:ViaService": ["ec2.*.amazonaws.com", "ec2.*.amazonaws.com.cn"]});
    let expected = [
        json!({
            "Sid": "GoldsmithConsumersUse", "Effect": "Allow", "Principal": root,
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*", "Condition": {"ArnLike": roles, "StringLike": through}
        }),
        json!({
            "Sid": "GoldsmithConsumersGrant", "Effect": "Allow", "Principal": root,
            "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
            "Resource": "*", "Condition": {
                "ArnLike": roles, "StringLike": through, "Bool": {"kms:GrantIsForAWSResource": "true"}
            }
        }),
    ];
    assert_eq!(written(&launching()), expected);
}

#[test]
fn an_organization_means_every_account_in_its_paths() {
    let organizations = vec![organization("o-aaaaaaaaaa/r-1111/ou-1111-11111111/*")];
    let statements = written(&access(&Consumers {
        accounts: Vec::new(),
        organizations,
    }));
    let sids: Vec<&Value> = statements
        .iter()
        .map(|statement| &statement["Sid"])
        .collect();
    assert_eq!(
        sids,
        ["GoldsmithOrganizationsUse", "GoldsmithOrganizationsGrant"]
    );
    for statement in &statements {
        assert_eq!(statement["Principal"], json!({"AWS": "*"}));
        let paths = &statement["Condition"]["ForAnyValue:StringLike"]["aws:PrincipalOrgPaths"];
        assert_eq!(*paths, json!(["o-aaaaaaaaaa/r-1111/ou-1111-11111111/*"]));
        let via = &statement["Condition"]["StringLike"]["kms:ViaService"];
        assert_eq!(
            *via,
            json!(["ec2.*.amazonaws.com", "ec2.*.amazonaws.com.cn"])
        );
    }
    assert_eq!(statements[0]["Condition"]["Bool"], Value::Null);
    assert_eq!(
        statements[1]["Condition"]["Bool"],
        json!({"kms:GrantIsForAWSResource": "true"})
    );
}

#[test]
fn a_principal_that_creates_grants_has_its_own_statement() {
    let mut account = sharing(ACCOUNT, &[role(ACCOUNT, "mstr-launch")]);
    account.grant_admin = Some(grant_admin(ACCOUNT));
    let statements = written(&access(&consumers(vec![account])));
    let expected = json!({
        "Sid": "GoldsmithGrantAdmins", "Effect": "Allow",
        "Principal": {"AWS": ["arn:aws:iam::222222222222:root"]},
        "Action": ["kms:CreateGrant"], "Resource": "*",
        "Condition": {
            "ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::222222222222:role/grant-admin"]},
            "StringEquals": {"kms:GranteePrincipal": [service_linked_role(ACCOUNT)]},
            "ForAllValues:StringEquals": {"kms:GrantOperations": [
                "Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey",
                "GenerateDataKeyWithoutPlaintext", "DescribeKey", "CreateGrant"
            ]},
            "Null": {"kms:GrantOperations": "false"}
        }
    });
    assert_eq!(statements.len(), 3);
    assert_eq!(statements[2], expected);
}

#[test]
fn no_consumers_need_no_statements() {
    let before = bring(&policy(&[ADMIN]), &launching()).expect("it fits");
    let after = read(&before)
        .with(&Access::default())
        .expect("it can be written")
        .expect("a change");
    assert_eq!(after, policy(&[ADMIN]));
    assert_eq!(read(&after).statements(), "");
    assert_eq!(read(&after).with(&Access::default()), Ok(None));
}

#[test]
fn a_policy_that_says_it_needs_no_second_write_however_kms_spells_it() {
    let after = bring(&policy(&[ADMIN]), &launching()).expect("it fits");
    let role = role(ACCOUNT, "mstr-launch");
    let respelled = after.replace(&format!(r#"["{role}"]"#), &format!(r#""{role}""#));
    let respelled = respelled.replace(
        r#""kms:GrantIsForAWSResource":"true""#,
        r#""kms:GrantIsForAWSResource" : true"#,
    );
    assert_ne!(after, respelled);
    assert_eq!(read(&respelled).with(&launching()), Ok(None));
}

#[test]
fn what_somebody_edited_is_replaced() {
    let ours = bring(&policy(&[ADMIN]), &launching()).expect("it fits");
    let edits = [
        ours.replace(
            "kms:DescribeKey\"",
            "kms:DescribeKey\",\"kms:PutKeyPolicy\"",
        ),
        ours.replace(
            r#","Condition":{"ArnLike""#,
            r#","Condition":{"ArnLikeIfExists""#,
        ),
        ours.replace(
            r#""Sid":"GoldsmithConsumersGrant""#,
            r#""Sid":"GoldsmithConsumersUse""#,
        ),
        ours.replace("222222222222:root", "999999999999:root"),
    ];
    for edited in edits {
        assert_ne!(edited, ours);
        assert_eq!(
            read(&edited).with(&launching()),
            Ok(Some(ours.clone())),
            "{edited}"
        );
    }
}

#[test]
fn a_statement_with_our_sid_is_ours_whoever_wrote_it() {
    let open = r#"{"Sid":"Goldsmith\u0043onsumersUse","Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#;
    let before = policy(&[open, ADMIN]);
    assert_eq!(bring(&before, &Access::default()), Ok(policy(&[ADMIN])));
}

#[test]
fn the_access_that_an_edit_grants_is_reported_in_full() {
    let of = |statement: Value| {
        let text = policy(&[ADMIN, &statement.to_string()]);
        KeyPolicy::parse(&text).expect("a policy").access().clone()
    };
    let root = json!({"AWS": "arn:aws:iam::222222222222:root"});
    let any = of(json!({"Sid": "GoldsmithConsumersUse", "Effect": "Allow", "Principal": root}));
    assert_eq!(any, access(&consumers(vec![sharing(ACCOUNT, &[])])));
    let everybody =
        of(json!({"Sid": "GoldsmithOrganizationsUse", "Effect": "Allow", "Principal": "*"}));
    assert_eq!(everybody.organizations, ["*".to_owned()].into());
    let everybody =
        of(json!({"Sid": "GoldsmithConsumersUse", "Effect": "Allow", "Principal": "*"}));
    assert_eq!(everybody.organizations, ["*".to_owned()].into());
    let nobody = of(json!({"Sid": "GoldsmithConsumersUse", "Effect": "Deny", "Principal": "*"}));
    assert!(nobody.is_empty());
}

#[test]
fn what_would_be_wider_than_meant_is_never_written() {
    let account = ACCOUNT.parse().expect("an account");
    let access = Access {
        accounts: [(
            account,
            ["*".to_owned(), "arn:aws:iam::*:role/x".to_owned()].into(),
        )]
        .into(),
        organizations: ["*".to_owned()].into(),
        grant_admins: ["*".to_owned()].into(),
        grantees: ["*".to_owned()].into(),
    };
    assert_eq!(written(&access), Vec::<Value>::new());
}

#[test]
fn spelling_is_no_difference_between_two_policies_and_content_is() {
    let written = r#"{"Version":"2012-10-17","Statement":[{"Action":["kms:*"],"Principal":{"AWS":["a","b"]}}]}"#;
    let read = r#"{ "Statement": {"Principal":{"AWS":["b","a"]},"Action":"kms:*"}, "Version":"2012-10-17" }"#;
    assert!(same(written, read));
    assert!(!same(written, &read.replace("kms:*", "kms:Decrypt")));
    assert!(!same(written, &read.replace(r#"["b","a"]"#, r#""a""#)));
    assert!(same("not JSON", "not JSON") && !same("not JSON", "{}") && !same("", "{}"));
}
