//! What instances are launched as and in: `DescribeInstanceTypes` and `DescribeSubnets`.

use serde_json::json;

use super::{element, elements, ok, refused, seed};
use crate::support::{BUILDER, CONSUMER, Client};

#[tokio::test]
async fn an_instance_type_lists_its_architectures() {
    let client = Client::manual();
    for (name, architectures) in [
        ("m7i.large", vec!["x86_64"]),
        ("m7g.large", vec!["arm64"]),
        ("t2.micro", vec!["i386", "x86_64"]),
    ] {
        let xml = ok(client
            .ec2("DescribeInstanceTypes", &[("InstanceType.1", name)])
            .await);
        assert_eq!(elements(&xml, "instanceType"), [name]);
        let shown = element(&xml, "supportedArchitectures");
        assert_eq!(elements(shown, "item"), architectures, "{name}");
    }
}

#[tokio::test]
async fn a_type_that_does_not_exist_is_refused_by_name_and_left_out_by_filter() {
    let client = Client::manual();
    let named = client
        .ec2("DescribeInstanceTypes", &[("InstanceType.1", "m99.large")])
        .await;
    refused(named, "InvalidInstanceType");
    let filter = [
        ("Filter.1.Name", "instance-type"),
        ("Filter.1.Value.1", "m99.large"),
        ("Filter.1.Value.2", "t4g.micro"),
    ];
    let xml = ok(client.ec2("DescribeInstanceTypes", &filter).await);
    assert_eq!(elements(&xml, "instanceType"), ["t4g.micro"]);
}

#[tokio::test]
async fn a_subnet_is_its_accounts_and_its_regions() {
    let client = Client::manual();
    let subnet = |id: &str, account: &str, region: &str, public: bool| json!({"id": id, "account": account, "region": region, "public-ip": public});
    let subnets = json!([
        subnet("subnet-11111111", BUILDER, "us-east-1", true),
        subnet("subnet-22222222", BUILDER, "us-east-1", false),
        subnet("subnet-33333333", CONSUMER, "us-east-1", true),
        subnet("subnet-44444444", BUILDER, "eu-west-1", true),
    ]);
    seed(&client, json!({"subnets": subnets}));
    let xml = ok(client.ec2("DescribeSubnets", &[]).await);
    assert_eq!(
        elements(&xml, "subnetId"),
        ["subnet-11111111", "subnet-22222222"]
    );
    assert_eq!(elements(&xml, "mapPublicIpOnLaunch"), ["true", "false"]);
    let filter = [
        ("Filter.1.Name", "subnet-id"),
        ("Filter.1.Value.1", "subnet-33333333"),
    ];
    let xml = ok(client.ec2("DescribeSubnets", &filter).await);
    assert!(elements(&xml, "subnetId").is_empty(), "{xml}");
    for (id, code) in [
        ("subnet-33333333", "InvalidSubnetID.NotFound"),
        ("x", "InvalidSubnetID.Malformed"),
    ] {
        refused(
            client.ec2("DescribeSubnets", &[("SubnetId.1", id)]).await,
            code,
        );
    }
}
