//! `RunInstances` and what becomes of instances: who may launch which AMI as what and where, and when
//! an instance is `pending`, `running` and `terminated`.

use imagebuilder_emulator::{Fault, KeyDenial};
use serde_json::json;

use super::{element, elements, ok, refused, seed};
use crate::support::{BASE, BUILDER, CONSUMER, Client};

pub(super) const SHARED: &str = "ami-0123456789abcdef0";

pub(super) const KEY: &str =
    "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555";

pub(super) const SUBNET: (&str, &str) = ("SubnetId", "subnet-11111111");

/// The consumer's subnet with a security group, a group of another VPC, and an encrypted AMI of the
/// building account that is shared with it.
pub(super) fn world() -> Client {
    let client = Client::manual();
    let group =
        |id: &str, account: &str, vpc: &str| json!({"id": id, "account": account, "vpc": vpc});
    let world = json!({
        "subnets": [{"id": SUBNET.1, "account": CONSUMER, "vpc": "vpc-11111111"}],
        "security-groups": [
            group("sg-11111111", CONSUMER, "vpc-11111111"),
            group("sg-22222222", CONSUMER, "vpc-22222222"),
            group("sg-33333333", BUILDER, "vpc-11111111"),
        ],
        "images": [{
            "id": SHARED, "owner": BUILDER, "public": false, "launch-permissions": [CONSUMER],
            "devices": [{"name": "/dev/xvda", "encrypted": true, "kms-key": KEY}],
        }],
    });
    seed(&client, world);
    client
}

/// A launch with what is given in place of, or beside, the usual; nothing where the value is empty.
pub(super) async fn launch(client: &Client, other: &[(&str, &str)]) -> (u16, String) {
    let usual = [
        ("ImageId", BASE),
        ("InstanceType", "t3.micro"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("DryRun", "false"),
    ];
    let kept = usual
        .iter()
        .filter(|(name, _)| other.iter().all(|(changed, _)| changed != name));
    let all: Vec<_> = kept
        .chain(other)
        .copied()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    client.ec2("RunInstances", &all).await
}

/// State, and the code and text of the reason, of the only instance with this id.
pub(super) async fn state(client: &Client, id: &str) -> (String, Vec<String>) {
    let xml = ok(client
        .ec2("DescribeInstances", &[("InstanceId.1", id)])
        .await);
    let reasons = elements(&xml, "stateReason");
    let texts = reasons
        .iter()
        .flat_map(|reason| [element(reason, "code"), element(reason, "message")]);
    (
        element(element(&xml, "instanceState"), "name").to_owned(),
        texts.map(str::to_owned).collect(),
    )
}

pub(super) fn plain(state: &str) -> (String, Vec<String>) {
    (state.to_owned(), Vec::new())
}

pub(super) fn with_reason(state: &str, code: &str, message: &str) -> (String, Vec<String>) {
    (state.to_owned(), vec![code.to_owned(), message.to_owned()])
}

#[tokio::test]
async fn an_instance_is_launched_runs_and_is_terminated() {
    let consumer = world().as_account(CONSUMER);
    let asked = [
        SUBNET,
        ("SecurityGroupId.1", "sg-11111111"),
        ("ImageId", SHARED),
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Key", "probe"),
        ("TagSpecification.1.Tag.1.Value", "yes"),
    ];
    let xml = ok(launch(&consumer, &asked).await);
    assert_eq!(element(&xml, "ownerId"), CONSUMER);
    for (name, value) in [
        ("imageId", SHARED),
        ("instanceType", "t3.micro"),
        ("subnetId", SUBNET.1),
        ("vpcId", "vpc-11111111"),
        ("groupId", "sg-11111111"),
        ("architecture", "x86_64"),
    ] {
        assert_eq!(element(&xml, name), value, "{xml}");
    }
    let id = element(&xml, "instanceId");
    assert_eq!(
        state(&consumer, id).await,
        with_reason("pending", "pending", "pending")
    );
    consumer.advance(10);
    assert_eq!(state(&consumer, id).await, plain("running"));

    let ended = ok(consumer
        .ec2("TerminateInstances", &[("InstanceId.1", id)])
        .await);
    assert_eq!(elements(&ended, "name"), ["shutting-down", "running"]);
    let reason = (
        "Client.UserInitiatedShutdown",
        "Client.UserInitiatedShutdown: User initiated shutdown",
    );
    assert_eq!(
        state(&consumer, id).await,
        with_reason("shutting-down", reason.0, reason.1)
    );
    consumer.advance(20);
    assert_eq!(
        state(&consumer, id).await,
        with_reason("terminated", reason.0, reason.1)
    );
    let again = ok(consumer
        .ec2("TerminateInstances", &[("InstanceId.1", id)])
        .await);
    assert_eq!(elements(&again, "name"), ["terminated", "terminated"]);
    consumer.advance(3600);
    refused(
        consumer
            .ec2("DescribeInstances", &[("InstanceId.1", id)])
            .await,
        "InvalidInstanceID.NotFound",
    );
}

#[tokio::test]
async fn a_launch_without_the_key_is_answered_well_and_then_fails() {
    let client = world();
    let consumer = client.as_account(CONSUMER);
    let denial = KeyDenial {
        key_arn: KEY.to_owned(),
        account: CONSUMER.to_owned(),
    };
    client.emulator.add_faults([Fault::DenyKey(denial)]);
    let (status, _) = launch(&consumer, &[("ImageId", SHARED), ("DryRun", "true")]).await;
    assert_eq!(status, 412, "a dry run does not ask the key");

    let xml = ok(launch(&consumer, &[("ImageId", SHARED)]).await);
    let id = element(&xml, "instanceId");
    assert_eq!(state(&consumer, id).await.0, "pending");
    let others = ok(launch(&consumer, &[]).await);
    let owners = ok(launch(&client, &[("ImageId", SHARED)]).await);
    client.advance(10);
    let reason = (
        "Client.InternalError",
        "Client.InternalError: Client error on launch",
    );
    assert_eq!(
        state(&consumer, id).await,
        with_reason("terminated", reason.0, reason.1)
    );
    assert_eq!(
        state(&consumer, element(&others, "instanceId")).await,
        plain("running")
    );
    assert_eq!(
        state(&client, element(&owners, "instanceId")).await,
        plain("running")
    );

    client.emulator.clear_faults();
    let xml = ok(launch(&consumer, &[("ImageId", SHARED)]).await);
    client.advance(10);
    assert_eq!(
        state(&consumer, element(&xml, "instanceId")).await,
        plain("running")
    );
}

#[tokio::test]
async fn instances_are_the_accounts_own_and_found_by_filter_tag_and_reservation() {
    let client = world();
    let consumer = client.as_account(CONSUMER);
    let three = ok(launch(&client, &[("MaxCount", "3")]).await);
    assert_eq!(elements(&three, "amiLaunchIndex"), ["0", "1", "2"]);
    let theirs = ok(launch(&consumer, &[SUBNET]).await);
    let mine = elements(&three, "instanceId");
    let xml = ok(client.ec2("DescribeInstances", &[]).await);
    assert_eq!(
        (
            elements(&xml, "instanceId"),
            elements(&xml, "reservationId").len()
        ),
        (mine.clone(), 1)
    );
    let foreign = [("InstanceId.1", element(&theirs, "instanceId"))];
    for action in ["DescribeInstances", "TerminateInstances"] {
        refused(
            client.ec2(action, &foreign).await,
            "InvalidInstanceID.NotFound",
        );
    }
    let filter = [
        ("Filter.1.Name", "subnet-id"),
        ("Filter.1.Value.1", SUBNET.1),
    ];
    assert!(!ok(client.ec2("DescribeInstances", &filter).await).contains("instanceId"));
    assert_eq!(
        elements(
            &ok(consumer.ec2("DescribeInstances", &filter).await),
            "instanceId"
        ),
        [foreign[0].1]
    );

    let tag = [
        ("ResourceId.1", mine[1]),
        ("Tag.1.Key", "kind"),
        ("Tag.1.Value", "probe"),
    ];
    ok(client.ec2("CreateTags", &tag).await);
    let filter = [("Filter.1.Name", "tag:kind"), ("Filter.1.Value.1", "probe")];
    assert_eq!(
        elements(
            &ok(client.ec2("DescribeInstances", &filter).await),
            "instanceId"
        ),
        [mine[1]]
    );
    let all_or_none = [("InstanceId.1", mine[0]), ("InstanceId.2", "i-99999999")];
    refused(
        client.ec2("TerminateInstances", &all_or_none).await,
        "InvalidInstanceID.NotFound",
    );
    assert_eq!(state(&client, mine[0]).await.0, "pending");
}

#[tokio::test]
async fn a_client_token_launches_once() {
    let client = world();
    let token = ("ClientToken", "11111111-2222-3333-4444-555555555555");
    let first = ok(launch(&client, &[token]).await);
    let second = ok(launch(&client, &[token]).await);
    assert_eq!(
        element(&first, "instanceId"),
        element(&second, "instanceId")
    );
    let other = [token, ("InstanceType", "t3.small")];
    refused(launch(&client, &other).await, "IdempotentParameterMismatch");
}

#[tokio::test]
async fn an_instance_refers_to_its_image_until_it_is_terminated() {
    let client = world();
    let xml = ok(launch(&client, &[]).await);
    let id = element(&xml, "instanceId");
    let asked = [
        ("ImageId.1", BASE),
        ("ResourceType.1.ResourceType", "ec2:Instance"),
    ];
    let xml = ok(client.ec2("DescribeImageReferences", &asked).await);
    assert_eq!(
        elements(&xml, "arn"),
        [format!("arn:aws:ec2:us-east-1:{BUILDER}:instance/{id}")]
    );
    ok(client
        .ec2("TerminateInstances", &[("InstanceId.1", id)])
        .await);
    client.advance(20);
    let xml = ok(client.ec2("DescribeImageReferences", &asked).await);
    assert!(elements(&xml, "arn").is_empty(), "{xml}");
}

#[tokio::test]
async fn a_security_group_is_its_accounts() {
    let consumer = world().as_account(CONSUMER);
    let xml = ok(consumer.ec2("DescribeSecurityGroups", &[]).await);
    assert_eq!(elements(&xml, "groupId"), ["sg-11111111", "sg-22222222"]);
    let filter = [
        ("Filter.1.Name", "vpc-id"),
        ("Filter.1.Value.1", "vpc-22222222"),
    ];
    let xml = ok(consumer.ec2("DescribeSecurityGroups", &filter).await);
    assert_eq!(elements(&xml, "groupId"), ["sg-22222222"]);
    for (id, code) in [
        ("sg-33333333", "InvalidGroup.NotFound"),
        ("x", "InvalidGroupId.Malformed"),
    ] {
        refused(
            consumer
                .ec2("DescribeSecurityGroups", &[("GroupId.1", id)])
                .await,
            code,
        );
    }
}
