//! What is refused before KMS would, and in which words.

use goldsmith_domain::key_policy::{KeyPolicy, KeyPolicyError};
use insta::assert_snapshot;

use crate::key_policy::policies::{ADMIN, policy};
use crate::key_policy::{access, consumers, read, role, sharing};

/// Why a consumer cannot be let in.
fn refusal(text: &str) -> KeyPolicyError {
    let access = access(&consumers(vec![sharing("222222222222", &[])]));
    match KeyPolicy::parse(text) {
        Ok(policy) => policy
            .owned_by(&crate::key_policy::stack().account)
            .with(&access)
            .expect_err("it is refused"),
        Err(error) => error,
    }
}

#[test]
fn a_text_that_is_no_policy() {
    for (text, why) in [
        ("somebody else's", "expected value at line 1 column 1"),
        (
            r#"{"Version":"2012-10-17"}"#,
            "missing field `Statement` at line 1 column 24",
        ),
        (r#"{"Statement":["s"]}"#, "statement 1 is no JSON object"),
        (
            r#"{"Statement":[],"Owner":"x"}"#,
            "unknown field `Owner`, expected one of `Version`, `Id`, `Statement`",
        ),
    ] {
        let told = refusal(text).to_string();
        assert!(
            told.starts_with(&format!("the key policy is not a policy document: {why}")),
            "{told}"
        );
    }
}

#[test]
fn a_deleted_principal() {
    let old = r#"{"Sid":"Old","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root","AROAEXAMPLE"]},"Action":"kms:*","Resource":"*"}"#;
    assert_snapshot!(refusal(&policy(&[ADMIN, old])), @r#"statement Old of the key policy names AROAEXAMPLE, a role or user that was deleted, and KMS refuses every write while it is there; take it out, or put the ARN of what replaces it in its place: {"Sid":"Old","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root","AROAEXAMPLE"]},"Action":"kms:*","Resource":"*"}"#);
}

#[test]
fn a_deleted_principal_in_a_long_statement_without_a_sid() {
    let many = vec![r#""arn:aws:iam::111122223333:role/somebody""#; 20].join(",");
    let old = format!(
        r#"{{"Effect":"Deny","NotPrincipal":{{"AWS":["AIDAEXAMPLE",{many}]}},"Action":"kms:*","Resource":"*"}}"#
    );
    let told = refusal(&policy(&[ADMIN, &old])).to_string();
    assert!(
        told.starts_with("statement 2 (which has no Sid) of the key policy names AIDAEXAMPLE"),
        "{told}"
    );
    assert!(told.ends_with("...") && told.len() < 500, "{told}");
}

#[test]
fn nothing_is_refused_where_nothing_changes() {
    let old = r#"{"Sid":"Old","Effect":"Allow","Principal":{"AWS":"AROAEXAMPLE"},"Action":"kms:*","Resource":"*"}"#;
    assert_eq!(
        read(&policy(&[old])).with(&goldsmith_domain::key_policy::Access::default()),
        Ok(None)
    );
}

#[test]
fn a_character_beyond_latin_1() {
    let costs = ADMIN.replace("Admin", "Costs 5 \u{20ac}");
    assert_snapshot!(refusal(&policy(&[&costs])), @"statement Costs 5 € of the key policy has the character `€` (U+20AC), and KMS takes Latin-1 only; write it without that character");
    let umlaut = policy(&[&ADMIN.replace("Admin", "B\u{fc}ro\u{ff}")]);
    assert!(
        read(&umlaut)
            .with(&access(&consumers(vec![sharing("222222222222", &[])])))
            .is_ok()
    );
}

#[test]
fn a_policy_that_could_never_be_changed_again() {
    let by = |from: &str, to: &str| policy(&[&ADMIN.replace(from, to)]);
    let deny = |statement: &str| policy(&[ADMIN, statement]);
    let locked = [
        policy(&[]),
        by("111122223333", "222222222222"),
        by("kms:*", "kms:Get*"),
        by(":root", ":role/admin"),
        by(r#""Effect":"Allow""#, r#""Effect":"Deny""#),
        by(r#", "Resource":"*""#, ""),
        by(
            r#""Resource":"*""#,
            r#""Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
        ),
        deny(r#"{"Effect":"Deny","Principal":"*","Action":"kms:Put*","Resource":"*"}"#),
        deny(
            r#"{"Effect":"Deny","Principal":{"AWS":"111122223333"},"NotAction":"kms:Decrypt","Resource":"*"}"#,
        ),
        deny(
            r#"{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/x"},"Action":"*","Resource":"*"}"#,
        ),
    ];
    for text in &locked {
        assert_eq!(refusal(text), KeyPolicyError::LocksOut, "{text}");
    }
    assert_snapshot!(refusal(&locked[0]), @"no statement of the key policy but ours lets the key's own account change it, so that a write might lock everybody out; add one that allows the account's root kms:* on `*` without a condition");
}

#[test]
fn a_policy_that_the_account_administers_in_other_words() {
    let access = access(&consumers(vec![sharing("222222222222", &[])]));
    let by = |from: &str, to: &str| policy(&[&ADMIN.replace(from, to)]);
    for text in [
        by("arn:aws:iam::111122223333:root", "111122223333"),
        by(r#""kms:*""#, r#"["kms:get*","KMS:putkeypolicy"]"#),
        by(r#""Resource":"*""#, r#""Resource":"*","Condition":{}"#),
        by(
            r#""Action":"kms:*""#,
            r#""NotAction":"kms:ScheduleKeyDeletion""#,
        ),
        policy(&[
            ADMIN,
            r#"{"Effect":"Deny","Principal":"*","Action":"kms:*"}"#,
        ]),
    ] {
        assert!(read(&text).with(&access).is_ok(), "{text}");
    }
}

#[test]
fn a_policy_beyond_32_kib() {
    let accounts = (0..400u64).map(|n| {
        let account = (200_000_000_000 + n).to_string();
        sharing(&account, &[role(&account, &format!("launch-{n}"))])
    });
    let access = access(&consumers(accounts.collect()));
    let before = policy(&[ADMIN]);
    let refused = read(&before).with(&access).expect_err("too large");
    assert_snapshot!(refused, @"the key policy would have 62180 bytes, and KMS takes at most 32768: 209 of the 400 accounts fit; name their organization or organizational units as consumers instead, which take one line however many accounts they have");
}

#[test]
fn a_policy_that_others_fill() {
    let long = ADMIN.replace("Admin", &"x".repeat(32 * 1024));
    let access = goldsmith_domain::key_policy::Access {
        organizations: ["o-aaaaaaaaaa/*".to_owned()].into(),
        ..Default::default()
    };
    let before = policy(&[&long]);
    let told = read(&before)
        .with(&access)
        .expect_err("too large")
        .to_string();
    assert!(
        told.ends_with("at most 32768: shorten the statements in it that are not ours"),
        "{told}"
    );
}
