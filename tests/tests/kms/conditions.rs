//! What conditions of a key policy let in.

use serde_json::{Value, json};

use super::world::{OTHER, Page, Results, World, outcome, role, root, use_key};

const KEYS: Page = "developerguide/conditions-aws.html";
const GRANTS: Page = "developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource";
const OPERATORS: &str = "IAM/latest/UserGuide/reference_policies_elements_condition_operators.html";
const MANY: &str =
    "IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html";

const DENIED: &str = "AccessDeniedException";
const IN_UNIT: &str = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/";

fn statement(effect: &str, principal: &str, condition: &Value) -> Value {
    json!({ "Effect": effect, "Principal": { "AWS": principal }, "Action": "kms:*", "Resource": "*", "Condition": condition })
}

#[tokio::test]
async fn conditions_grant_access_as_documented() {
    let world = World::start().await;
    world.overrides().account_is_in(OTHER, Some(IN_UNIT));
    let caller = world.session(OTHER, "launch", &["kms:*"]).await;
    let launch = role(OTHER, "launch");
    let anybody = format!("arn:aws:iam::{OTHER}:role/*");
    let sso = format!("arn:aws:iam::{OTHER}:role/aws-reserved/*");
    let session = format!("arn:aws:sts::{OTHER}:assumed-role/launch/session");
    let mut results = Results::default();
    for (page, condition, expected) in [
        (
            KEYS,
            json!({ "ArnLike": { "aws:PrincipalArn": launch } }),
            "done",
        ),
        (
            KEYS,
            json!({ "ArnLike": { "aws:PrincipalArn": [sso, anybody] } }),
            "done",
        ),
        (
            KEYS,
            json!({ "ArnEquals": { "aws:PrincipalArn": anybody } }),
            "done",
        ),
        (
            KEYS,
            json!({ "ArnLike": { "aws:PrincipalArn": sso } }),
            DENIED,
        ),
        // The key is the role's ARN, never the session's.
        (
            KEYS,
            json!({ "ArnLike": { "aws:PrincipalArn": session } }),
            DENIED,
        ),
        (
            KEYS,
            json!({ "StringEquals": { "aws:PrincipalArn": anybody } }),
            DENIED,
        ),
        (
            KEYS,
            json!({ "StringLike": { "AWS:principalarn": anybody } }),
            "done",
        ),
        (
            KEYS,
            json!({ "StringEquals": { "aws:PrincipalAccount": OTHER } }),
            "done",
        ),
        (
            KEYS,
            json!({ "StringEquals": { "aws:PrincipalAccount": "777788889999" } }),
            DENIED,
        ),
        (
            KEYS,
            json!({ "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }),
            "done",
        ),
        (
            KEYS,
            json!({ "StringEquals": { "aws:PrincipalOrgID": "o-other00000" } }),
            DENIED,
        ),
        (
            KEYS,
            json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*" } }),
            "done",
        ),
        (
            KEYS,
            json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": IN_UNIT } }),
            "done",
        ),
        (
            KEYS,
            json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-2*" } }),
            DENIED,
        ),
        // Two operators, and two keys of one operator, must all hold.
        (
            OPERATORS,
            json!({ "ArnLike": { "aws:PrincipalArn": launch }, "StringEquals": { "aws:PrincipalAccount": "1" } }),
            DENIED,
        ),
        (
            OPERATORS,
            json!({ "StringEquals": { "aws:PrincipalArn": launch, "aws:PrincipalAccount": "1" } }),
            DENIED,
        ),
        (
            OPERATORS,
            json!({ "StringNotEquals": { "aws:PrincipalAccount": "777788889999" } }),
            "done",
        ),
        (
            OPERATORS,
            json!({ "StringEqualsIfExists": { "kms:ViaService": "ec2.us-east-1.amazonaws.com" } }),
            "done",
        ),
        (
            OPERATORS,
            json!({ "StringEquals": { "kms:ViaService": "ec2.us-east-1.amazonaws.com" } }),
            DENIED,
        ),
        (
            OPERATORS,
            json!({ "Null": { "kms:ViaService": "true" } }),
            "done",
        ),
        (
            OPERATORS,
            json!({ "StringEquals": { "aws:SourceAccount": OTHER } }),
            DENIED,
        ),
        (
            OPERATORS,
            json!({ "Bool": { "aws:PrincipalIsAWSService": false } }),
            "done",
        ),
        // A key that is not in the call fits ForAllValues, as the page warns.
        (
            MANY,
            json!({ "ForAllValues:StringEquals": { "kms:GrantOperations": ["Decrypt"] } }),
            "done",
        ),
        (
            MANY,
            json!({ "ForAnyValue:StringEquals": { "kms:GrantOperations": ["Decrypt"] } }),
            DENIED,
        ),
        // Not understood here, so nothing is allowed: see `Kms`.
        (
            OPERATORS,
            json!({ "DateLessThan": { "aws:CurrentTime": "2100-01-01T00:00:00Z" } }),
            DENIED,
        ),
        (
            OPERATORS,
            json!({ "StringEquals": { "aws:PrincipalTag/team": "a" } }),
            DENIED,
        ),
    ] {
        let key = world
            .key(&[statement("Allow", &root(OTHER), &condition)])
            .await;
        results.row(
            page,
            &condition.to_string(),
            use_key(&caller, &key).await,
            expected,
        );
    }
    let unknown = json!({ "StringEquals": { "aws:PrincipalTag/team": "a" } });
    let always = statement("Allow", &root(OTHER), &json!({}));
    let key = world.key(&[always, statement("Deny", "*", &unknown)]).await;
    results.row(
        OPERATORS,
        "what is not understood denies",
        use_key(&caller, &key).await,
        DENIED,
    );
    results.assert();
}

#[tokio::test]
async fn only_accounts_of_the_organization_get_access() {
    let world = World::start().await;
    world.overrides().account_is_in(OTHER, Some(IN_UNIT));
    let condition =
        json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*" } });
    let key = world.key(&[statement("Allow", "*", &condition)]).await;
    let (inside, outside) = (
        world.session(OTHER, "launch", &["kms:*"]).await,
        world.session("777788889999", "launch", &["kms:*"]).await,
    );

    assert_eq!(use_key(&inside, &key).await, "done");
    assert_eq!(use_key(&outside, &key).await, DENIED);
    world.overrides().account_is_in(OTHER, None);
    assert_eq!(use_key(&inside, &key).await, DENIED);
}

#[tokio::test]
async fn conditions_on_grants_work_as_documented() {
    let world = World::start().await;
    let caller = world.session(OTHER, "launch", &["kms:*"]).await;
    let (launch, scaling) = (role(OTHER, "launch"), role(OTHER, "scaling"));
    world.make_role(OTHER, "/", "scaling").await;
    let mut results = Results::default();
    let grant = |key: &str| json!({ "KeyId": key, "GranteePrincipal": scaling, "Operations": ["Decrypt", "CreateGrant"] });
    for (condition, expected) in [
        (
            json!({ "StringEquals": { "kms:GranteePrincipal": scaling } }),
            "done",
        ),
        (
            json!({ "StringEquals": { "kms:GranteePrincipal": launch } }),
            DENIED,
        ),
        (
            json!({ "ForAllValues:StringEquals": { "kms:GrantOperations": ["Decrypt", "CreateGrant", "Encrypt"] } }),
            "done",
        ),
        (
            json!({ "ForAllValues:StringEquals": { "kms:GrantOperations": ["Decrypt"] } }),
            DENIED,
        ),
        (
            json!({ "ForAnyValue:StringEquals": { "kms:GrantOperations": ["Decrypt"] } }),
            "done",
        ),
        (
            json!({ "Bool": { "kms:GrantIsForAWSResource": "true" } }),
            DENIED,
        ),
    ] {
        let key = world
            .key(&[statement("Allow", &root(OTHER), &condition)])
            .await;
        let got = outcome(&caller.kms("CreateGrant", &grant(&key)).await);
        results.row(GRANTS, &condition.to_string(), got, expected);
    }

    let condition = json!({ "Bool": { "kms:GrantIsForAWSResource": "true" } });
    let key = world
        .key(&[statement("Allow", &root(OTHER), &condition)])
        .await;
    world.overrides().grants_are_for_aws_resource(&launch, true);
    for (operation, input) in [
        ("CreateGrant", grant(&key)),
        ("ListGrants", json!({ "KeyId": key })),
    ] {
        let got = outcome(&caller.kms(operation, &input).await);
        results.row(
            GRANTS,
            &format!("{operation} by an AWS service for its resource"),
            got,
            "done",
        );
    }
    // The key is in the calls about grants alone.
    results.row(
        GRANTS,
        "GenerateDataKey by an AWS service",
        use_key(&caller, &key).await,
        DENIED,
    );
    results.assert();
}

#[tokio::test]
async fn a_service_calls_for_a_role() {
    let world = World::start().await;
    let condition = json!({ "StringEquals": { "kms:ViaService": "ec2.us-east-1.amazonaws.com" } });
    let key = world
        .key(&[statement("Allow", &root(OTHER), &condition)])
        .await;
    let caller = world.session(OTHER, "launch", &["kms:*"]).await;

    assert_eq!(use_key(&caller, &key).await, DENIED);
    world
        .overrides()
        .call_via(&role(OTHER, "launch"), Some("ec2.us-east-1.amazonaws.com"));
    assert_eq!(use_key(&caller, &key).await, "done");
}
