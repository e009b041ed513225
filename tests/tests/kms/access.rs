//! Who may use a key: key policy, identity policies, accounts.

use serde_json::{Value, json};

use super::world::{
    OTHER, OWNER, Page, Results, World, allow, deny, message, outcome, owner_administers, role,
    root, use_key,
};

const EVALUATION: Page = "developerguide/policy-evaluation.html";
const DEFAULT: Page = "developerguide/key-policy-default.html";
const OVERVIEW: Page = "developerguide/key-policy-overview.html";
const ACROSS: Page = "developerguide/key-policy-modifying-external-accounts.html";

const DENIED: &str = "AccessDeniedException";
const USE: &str = "kms:GenerateDataKey";

struct Row {
    page: Page,
    what: &'static str,
    key_policy: Vec<Value>,
    account: &'static str,
    /// What the role's own policy allows.
    identity: &'static [&'static str],
    expected: &'static str,
}

fn row(
    page: Page,
    what: &'static str,
    key_policy: Vec<Value>,
    (account, identity): (&'static str, &'static [&'static str]),
    expected: &'static str,
) -> Row {
    Row {
        page,
        what,
        key_policy,
        account,
        identity,
        expected,
    }
}

/// Roles are called `caller`, one an account and a row.
fn rows() -> Vec<Row> {
    let mut rows = rows_of_the_owner();
    rows.extend(rows_across_accounts());
    rows
}

fn rows_of_the_owner() -> Vec<Row> {
    let me = role(OWNER, "caller");
    let (own, nothing): (_, &[&str]) = ((OWNER, &[USE] as &[&str]), &[]);
    let admin = owner_administers;
    vec![
        row(
            EVALUATION,
            "the key policy allows the role itself",
            vec![allow(&me, USE)],
            (OWNER, nothing),
            "done",
        ),
        row(
            DEFAULT,
            "it lets the account decide, which allows",
            vec![admin()],
            own,
            "done",
        ),
        row(
            DEFAULT,
            "it lets the account decide, which says nothing",
            vec![admin()],
            (OWNER, nothing),
            DENIED,
        ),
        row(
            DEFAULT,
            "it does not let the account decide",
            vec![allow(&role(OWNER, "other"), USE)],
            own,
            DENIED,
        ),
        row(
            EVALUATION,
            "it allows, and denies",
            vec![allow(&me, USE), deny(&me, "kms:*")],
            own,
            DENIED,
        ),
        row(
            EVALUATION,
            "it allows the role, and denies the account",
            vec![allow(&me, USE), deny(&root(OWNER), USE)],
            own,
            DENIED,
        ),
        row(
            EVALUATION,
            "it allows everyone",
            vec![allow("*", USE)],
            (OWNER, nothing),
            "done",
        ),
        row(
            OVERVIEW,
            "it allows another action",
            vec![allow(&me, "kms:Decrypt")],
            own,
            DENIED,
        ),
        row(
            OVERVIEW,
            "it allows actions by a pattern",
            vec![allow(&me, "kms:GenerateDataKey*")],
            (OWNER, nothing),
            "done",
        ),
        row(
            OVERVIEW,
            "it allows no action at all",
            vec![without("Action", &me)],
            own,
            DENIED,
        ),
        row(
            OVERVIEW,
            "it allows on no resource",
            vec![without("Resource", &me)],
            own,
            DENIED,
        ),
    ]
}

fn rows_across_accounts() -> Vec<Row> {
    let them = role(OTHER, "caller");
    let nothing: &[&str] = &[];
    let admin = owner_administers;
    vec![
        row(
            ACROSS,
            "only the key policy allows",
            vec![allow(&root(OTHER), USE)],
            (OTHER, nothing),
            DENIED,
        ),
        row(
            ACROSS,
            "only the identity policy allows",
            vec![admin()],
            (OTHER, &[USE]),
            DENIED,
        ),
        row(
            ACROSS,
            "both allow, the key policy the account",
            vec![allow(&root(OTHER), USE)],
            (OTHER, &[USE]),
            "done",
        ),
        row(
            ACROSS,
            "both allow, the key policy the role",
            vec![allow(&them, USE)],
            (OTHER, &[USE]),
            "done",
        ),
        row(
            ACROSS,
            "the key policy allows the role, its own says nothing",
            vec![allow(&them, USE)],
            (OTHER, nothing),
            DENIED,
        ),
        row(
            ACROSS,
            "the key policy allows everyone, the role's own says nothing",
            vec![allow("*", USE)],
            (OTHER, nothing),
            DENIED,
        ),
        row(
            ACROSS,
            "the key policy allows another role",
            vec![allow(&role(OTHER, "other"), USE)],
            (OTHER, &[USE]),
            DENIED,
        ),
        row(
            ACROSS,
            "both allow, and the key policy denies",
            vec![allow(&root(OTHER), USE), deny(&them, USE)],
            (OTHER, &[USE]),
            DENIED,
        ),
    ]
}

fn without(element: &str, principal: &str) -> Value {
    let mut statement = allow(principal, USE);
    statement
        .as_object_mut()
        .expect("a statement")
        .shift_remove(element);
    statement
}

#[tokio::test]
async fn a_caller_gets_access_as_documented() {
    let world = World::start().await;
    let mut results = Results::default();
    for account in [OWNER, OTHER] {
        world.make_role(account, "/", "other").await;
    }
    for row in rows() {
        for account in [OWNER, OTHER]
            .into_iter()
            .filter(|account| *account != row.account)
        {
            world.make_role(account, "/", "caller").await;
        }
        let caller = world.session(row.account, "caller", row.identity).await;
        let key = world.key_with(&row.key_policy).await;
        results.row(
            row.page,
            row.what,
            use_key(&caller, &key).await,
            row.expected,
        );
        for account in [OWNER, OTHER] {
            let _ = world
                .root_of(account)
                .iam(
                    "DeleteRolePolicy",
                    &[("RoleName", "caller"), ("PolicyName", "own")],
                )
                .await;
            world.delete_role(account, "caller").await;
        }
    }
    results.assert();
}

#[tokio::test]
async fn the_rest_of_access() {
    let world = World::start().await;
    let mut results = Results::default();
    let key = world.key(&[allow(&root(OTHER), "kms:*")]).await;

    let own = use_key(&world.root_of(OWNER), &key).await;
    results.row(
        DEFAULT,
        "the root of its account, which the policy names",
        own,
        "done",
    );
    let foreign = use_key(&world.root_of(OTHER), &key).await;
    results.row(
        ACROSS,
        "the root of an account that the policy names",
        foreign,
        "done",
    );
    let foreign = use_key(&world.root_of("777788889999"), &key).await;
    results.row(
        ACROSS,
        "the root of an account that it does not name",
        foreign,
        DENIED,
    );

    let closed = world
        .key_with(&[allow(&root(OTHER), "kms:GenerateDataKey")])
        .await;
    let own = use_key(&world.root_of(OWNER), &closed).await;
    results.row(
        DEFAULT,
        "the root of its account, which the policy does not name",
        own,
        DENIED,
    );

    let caller = world.session(OTHER, "administrator", &["kms:*"]).await;
    for operation in [
        "GetKeyPolicy",
        "PutKeyPolicy",
        "DisableKey",
        "ScheduleKeyDeletion",
        "TagResource",
    ] {
        let got = outcome(&caller.kms(operation, &json!({ "KeyId": key })).await);
        results.row(
            ACROSS,
            &format!("{operation}, which is not for other accounts"),
            got,
            DENIED,
        );
    }
    let got = outcome(&caller.kms("DescribeKey", &json!({ "KeyId": key })).await);
    results.row(ACROSS, "DescribeKey, which is", got, "done");

    let forbidding = [
        json!({ "Effect": "Allow", "Action": "kms:*", "Resource": "*" }),
        json!({ "Effect": "Deny", "Action": USE, "Resource": key }),
    ];
    let caller = world.session_with(OWNER, "forbidden", &forbidding).await;
    results.row(
        EVALUATION,
        "an identity policy denies",
        use_key(&caller, &key).await,
        DENIED,
    );
    let elsewhere = [json!({ "Effect": "Allow", "Action": USE, "Resource": closed })];
    let caller = world.session_with(OWNER, "elsewhere", &elsewhere).await;
    results.row(
        EVALUATION,
        "an identity policy allows for another key",
        use_key(&caller, &key).await,
        DENIED,
    );
    results.assert();
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
#[tokio::test]
async fn a_refusal_names_the_caller_the_action_and_the_reason() {
    let world = World::start().await;
    let caller = world
        .session(
            OTHER,
            "team/launch".rsplit('/').next().expect("a name"),
            &[],
        )
        .await;
    let input = |key: &str| json!({ "KeyId": key });
    let denied = |key: &str, why: &str| {
        format!(
            "User: arn:aws:sts::{OTHER}:assumed-role/launch/session is not authorized to perform: \
             kms:DescribeKey on resource: {key} {why}"
        )
    };

    let key = world.key(&[]).await;
    let told = message(caller.kms("DescribeKey", &input(&key)).await);
    assert_eq!(
        told,
        denied(
            &key,
            "because no resource-based policy allows the kms:DescribeKey action"
        )
    );

    let key = world.key(&[allow(&root(OTHER), "kms:*")]).await;
    let told = message(caller.kms("DescribeKey", &input(&key)).await);
    assert_eq!(
        told,
        denied(
            &key,
            "because no identity-based policy allows the kms:DescribeKey action"
        )
    );

    let key = world.key(&[deny(&root(OTHER), "kms:*")]).await;
    let told = message(caller.kms("DescribeKey", &input(&key)).await);
    assert_eq!(
        told,
        denied(&key, "with an explicit deny in a resource-based policy")
    );
}
