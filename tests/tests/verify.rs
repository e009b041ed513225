//! `goldsmith verify` against the deployed stack: roles of the consumers' accounts try what it proves. IAM is
//! enforced, so that only a role that is there and trusts us can be assumed.

use goldsmith_tests::{CONSUMER, Documents, Factory, scheduled_event};
use local_stack::imagebuilder_emulator::{Fault, KeyDenial};
use local_stack::{ACCOUNT, Config};
use serde_json::{Value, json};

const TAKER: &str = "333333333333";

/// What `goldsmith consumer` prints for a launching role's use of the keys, and the launch.
const LAUNCHES: [&str; 7] = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncrypt*",
    "ec2:RunInstances",
];

/// What `infra/consumer-account.yaml` gives the verify role.
const LOOKS: [&str; 10] = [
    "ec2:DescribeImages",
    "ec2:DescribeRegions",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSnapshots",
    "ec2:DescribeSubnets",
    "ssm:DescribeParameters",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "iam:SimulatePrincipalPolicy",
    "ec2:RunInstances",
];

/// A factory whose image one account shares and another has a copy of; both have made their roles.
async fn served() -> Factory {
    let documents = Documents::of_recipes(["110304"]).with_copies_for(TAKER);
    let factory = enforcing(&documents).await;
    for account in [CONSUMER, TAKER] {
        factory
            .make_role(account, "mstr-launch", ACCOUNT, &LAUNCHES)
            .await;
        factory
            .make_role(account, "goldsmith-nonprod-verify", ACCOUNT, &LOOKS)
            .await;
    }
    factory
}

async fn enforcing(documents: &Documents) -> Factory {
    let factory = Factory::start_with(Config {
        enforce_iam: true,
        ..Config::default()
    })
    .await;
    factory.upload(documents).await;
    factory
}

/// The proof as `--format json` tells it, and the exit code.
async fn proof(factory: &Factory, more: &[&str]) -> (Value, i32) {
    let arguments = [&["verify", "--format", "json"], more].concat();
    let output = factory.goldsmith(&arguments).await;
    let error = String::from_utf8_lossy(&output.stderr);
    let proof = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"));
    (proof, output.status.code().expect("an exit code"))
}

/// `<consumer> <check> <status>` of what is not correct.
fn wrong(proof: &Value) -> Vec<String> {
    let findings = proof["findings"].as_array().expect("findings").iter();
    let text = |finding: &Value, member: &str| finding[member].as_str().expect("a text").to_owned();
    let told = |finding: &Value| {
        ["consumer", "check", "status"]
            .map(|member| text(finding, member))
            .join(" ")
    };
    findings
        .filter(|finding| finding["status"] != "Correct")
        .map(told)
        .collect()
}

#[tokio::test]
async fn whoever_is_served_can_use_what_is_published() {
    let factory = served().await;

    let (proof, exit) = proof(&factory, &["--launch-probe"]).await;

    assert_eq!((wrong(&proof), exit), (Vec::new(), 0), "{proof:#}");
    let checks = |account: &str| -> Vec<&str> {
        let of_account = proof["findings"].as_array().expect("findings").iter();
        let of_account = of_account.filter(|finding| finding["consumer"] == account);
        of_account
            .map(|finding| finding["check"].as_str().expect("a check"))
            .collect()
    };
    assert_eq!(
        checks(CONSUMER),
        ["key", "key-use", "image", "launch", "probe"]
    );
    assert_eq!(
        checks(TAKER),
        ["key", "key", "key-use", "image", "launch", "probe"],
        "and who copies"
    );
    for account in [CONSUMER, TAKER] {
        let left = factory
            .aws
            .in_account(account)
            .instances()
            .await
            .expect("instances");
        assert!(!left.is_empty(), "an instance was started");
        assert!(
            left.values()
                .all(|state| state == "shutting-down" || state == "terminated"),
            "{left:?}"
        );
    }
    factory.assert_settled().await;
}

#[tokio::test]
async fn what_was_changed_by_hand_is_found_and_the_next_run_mends_it() {
    let factory = served().await;
    let build = factory.recipe("110304").await.newest().clone();
    let policy = factory.key_policy().await;
    let mut policy: Value = serde_json::from_str(&policy).expect("a policy");
    let statements = policy["Statement"].as_array_mut().expect("statements");
    statements.retain(|statement| statement["Sid"] != "GoldsmithConsumersUse");
    let key = factory.outputs.key_arn.clone();
    factory
        .aws
        .put_key_policy(&key, &policy.to_string())
        .await
        .expect("an edit by hand");
    let ami = factory.ami(&build).await.id;
    factory
        .aws
        .withdraw(&ami, CONSUMER)
        .await
        .expect("an edit by hand");
    take_keys_from_role(&factory, TAKER).await;

    let (proof_before, exit) = proof(&factory, &[]).await;

    let expected = [
        "222222222222 key Missing",
        "222222222222 image Missing",
        "222222222222 launch Missing",
        "333333333333 key Missing",
        "333333333333 key Missing",
        "333333333333 key-use Incorrect",
    ];
    assert_eq!(
        (wrong(&proof_before), exit),
        (expected.map(str::to_owned).to_vec(), 3),
        "{proof_before:#}"
    );

    factory.deliver(&scheduled_event("the-hour")).await;
    factory.until_quiet().await;
    assert_eq!(
        wrong(&proof(&factory, &[]).await.0),
        ["333333333333 key-use Incorrect"],
        "only that account can mend its role"
    );
    factory.assert_settled().await;
}

/// Leaves a launching role nothing of KMS.
async fn take_keys_from_role(factory: &Factory, account: &str) {
    let statement = json!({"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let parameters = [
        ("RoleName", "mstr-launch"),
        ("PolicyName", "own"),
        ("PolicyDocument", policy.as_str()),
    ];
    let iam = factory.aws.in_account(account);
    let written = iam.iam("PutRolePolicy", &parameters).await;
    written.expect("a policy");
}

/// Only an instance proves the key: neither a dry run nor the answer to a launch tells of it.
#[tokio::test]
async fn a_launch_probe_finds_a_key_that_nothing_else_does() {
    let factory = served().await;
    let denial = KeyDenial {
        key_arn: factory.outputs.key_arn.clone(),
        account: CONSUMER.to_owned(),
    };
    factory.emulator.add_faults([Fault::DenyKey(denial)]);

    let (proof, exit) = proof(&factory, &["--launch-probe", "--account", CONSUMER]).await;

    assert_eq!(
        (wrong(&proof), exit),
        (vec!["222222222222 probe Incorrect".to_owned()], 3),
        "{proof:#}"
    );
    let findings = proof["findings"].as_array().expect("findings");
    let probe = findings
        .iter()
        .find(|finding| finding["check"] == "probe")
        .expect("a probe");
    assert_eq!(
        probe["actual"],
        "Client.InternalError: Client error on launch"
    );
    factory.assert_settled().await;
}

#[tokio::test]
async fn forbidden_attempts_are_unknown_and_block_where_the_environment_says_so() {
    let documents = Documents::of_recipes(["110304"]);
    let factory = enforcing(&documents).await;

    let (before, exit) = proof(&factory, &[]).await;
    let unknown = [
        "222222222222 key-use Unknown",
        "222222222222 launch Unknown",
    ]
    .map(str::to_owned);
    assert_eq!((wrong(&before), exit), (unknown.to_vec(), 0), "{before:#}");

    factory.upload(&documents.blocking_what_is_unknown()).await;
    let (after, exit) = proof(&factory, &[]).await;
    assert_eq!((wrong(&after), exit), (unknown.to_vec(), 3), "{after:#}");
    factory.assert_settled().await;
}

const BAD: &str = "444444444444";

/// What the function asks before it publishes: one account of three cannot use the key, and a second one lets nobody
/// look.
#[tokio::test]
async fn one_account_that_cannot_use_an_image_holds_it_back_and_a_quorum_lets_it_go() {
    let asked = |require: Value| {
        Documents::of_recipes(["110304"])
            .scheduled("110304")
            .with_copies_for(TAKER)
            .with_consumer(BAD)
            .with_setting("promotion", json!({ "require": require }))
    };
    let all = asked(json!("all"));
    let quorum = asked(json!({ "share-of-accounts": 0.6 }));
    let factory = Factory::start_with(Config {
        enforce_iam: true,
        ..Config::default()
    })
    .await;
    for account in [CONSUMER, TAKER, BAD] {
        let launches = if account == BAD {
            &["ec2:RunInstances"][..]
        } else {
            &LAUNCHES[..]
        };
        factory
            .make_role(account, "mstr-launch", ACCOUNT, launches)
            .await;
        factory
            .make_role(account, "goldsmith-nonprod-verify", ACCOUNT, &LOOKS)
            .await;
    }

    factory.upload(&all).await;
    let held = factory.reconcile().await;
    let why = &held.waiting_for("unproved").expect("a hold").reason;
    assert!(
        why.contains("2 of 3 accounts can use it and 3 have to")
            && why.contains("444444444444 in us-east-1: key-use is Incorrect"),
        "{why}"
    );
    assert_eq!(held.writes, 0, "{held:#?}");
    assert!(factory.output("images/110304/image.json").await.is_err());
    let copy = format!("images/110304/{TAKER}/image-us-east-1.json");
    assert!(
        factory.output(&copy).await.is_err(),
        "no pointer moves alone"
    );

    factory.upload(&quorum).await;
    let recipe = factory.recipe("110304").await;
    factory.assert_published("110304", recipe.newest()).await;
    assert!(factory.output(&copy).await.is_ok());
    let settled = factory.assert_settled().await;
    let told = &settled.waiting_for("left-out").expect("a name").reason;
    assert!(told.contains("could not use it: 444444444444"), "{told}");

    factory
        .delete_role(CONSUMER, "goldsmith-nonprod-verify")
        .await;
    factory
        .upload(&quorum.clone().blocking_what_is_unknown())
        .await;
    factory.fire_schedule().await;
    factory.until_quiet().await;
    let held = factory.reconcile().await;
    let why = &held.waiting_for("unproved").expect("a hold").reason;
    assert!(
        why.contains("1 of 3 accounts")
            && why.contains("222222222222 in us-east-1: key-use is Unknown"),
        "{why}"
    );
    factory.assert_published("110304", recipe.newest()).await;

    factory.upload(&quorum).await;
    let next = factory.recipe("110304").await;
    factory.assert_published("110304", next.newest()).await;
    let settled = factory.assert_settled().await;
    let told = &settled.waiting_for("left-out").expect("names").reason;
    assert!(
        told.contains("444444444444; without proof that these accounts can: 222222222222"),
        "{told}"
    );
}
