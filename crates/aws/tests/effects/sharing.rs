//! Launch permissions: read on every AMI of ours in every Region, given and taken where the AMI is.

use goldsmith_aws::observe;
use goldsmith_domain::observed::{Depth, OwnAmi, Sharing, Subject, Unreadable};
use goldsmith_domain::plan::{Action, LaunchPermissions};
use imagebuilder_emulator::{Fault, FaultAnswer, Matching};
use serde_json::json;

use crate::support::emulated::ec2;
use crate::support::run::desired;
use crate::support::{ACCOUNT, World, failed, parsed};

const ORGANIZATION: &str = "arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5";
const UNIT: &str = "arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/ou-ab12-11111111";

async fn amis(world: &World) -> Vec<OwnAmi> {
    let aws = world.aws();
    let wanted = desired(&aws).await;
    observe(&aws, &wanted, Depth::Content)
        .await
        .expect("a look")
        .amis
        .expect("a close look")
}

fn with(accounts: &[&str], organizations: &[&str]) -> Sharing {
    Sharing {
        accounts: accounts.iter().copied().map(parsed).collect(),
        organizations: organizations.iter().copied().map(parsed).collect(),
        everybody: false,
    }
}

fn permissions(ami: &OwnAmi, sharing: Sharing) -> LaunchPermissions {
    LaunchPermissions {
        ami: ami.id.clone(),
        region: ami.region.clone(),
        sharing,
    }
}

/// What EC2 itself says of an AMI.
async fn attribute(world: &World, ami: &OwnAmi) -> String {
    let form = format!(
        "Action=DescribeImageAttribute&Attribute=launchPermission&ImageId={}",
        ami.id
    );
    ec2(&world.emulator, ami.region.as_str(), &form).await
}

async fn deregister(world: &World, ami: &OwnAmi) {
    let form = format!("Action=DeregisterImage&ImageId={}", ami.id);
    ec2(&world.emulator, ami.region.as_str(), &form).await;
}

#[tokio::test]
async fn every_ami_of_ours_is_read_in_every_region() {
    let world = World::settled().await;
    let foreign = json!({"id": "ami-0aaaaaaaaaaaaaaaa", "owner": ACCOUNT, "public": false,
                         "tags": {"goldsmith:environment": "prod"}});
    world
        .emulator
        .seed(&serde_json::from_value(json!({"images": [foreign]})).expect("a seed"));
    let amis = amis(&world).await;
    let regions: Vec<&str> = amis.iter().map(|ami| ami.region.as_str()).collect();
    assert_eq!(
        regions,
        ["eu-west-1", "eu-west-1", "us-east-1", "us-east-1"],
        "two recipes, and nobody else's"
    );
    assert!(
        amis.iter()
            .all(|ami| ami.shared == with(&["222222222222"], &[])),
        "{amis:?}"
    );
}

#[tokio::test]
async fn permissions_are_given_and_taken_where_the_ami_is() {
    let world = World::settled().await;
    for ami in [&amis(&world).await[0], &amis(&world).await[3]] {
        let more = with(&["444444444444"], &[ORGANIZATION, UNIT]);
        world
            .make(Action::Share(permissions(ami, more.clone())))
            .await;
        let told = attribute(&world, ami).await;
        for permission in [
            "<userId>444444444444</userId>",
            &format!("<organizationArn>{ORGANIZATION}</organizationArn>"),
            &format!("<organizationalUnitArn>{UNIT}</organizationalUnitArn>"),
        ] {
            assert!(told.contains(permission), "{told}");
        }
        let all = with(&["222222222222", "444444444444"], &[ORGANIZATION, UNIT]);
        let standing = amis(&world)
            .await
            .into_iter()
            .find(|found| found.id == ami.id)
            .expect("the AMI");
        assert_eq!(standing.shared, all);

        let former = with(&["222222222222", "444444444444"], &[UNIT]);
        world.make(Action::Withdraw(permissions(ami, former))).await;
        let standing = amis(&world)
            .await
            .into_iter()
            .find(|found| found.id == ami.id)
            .expect("the AMI");
        assert_eq!(standing.shared, with(&[], &[ORGANIZATION]));
    }
}

#[tokio::test]
async fn a_public_ami_is_found_and_made_private() {
    let world = World::settled().await;
    let open = json!({"id": "ami-0aaaaaaaaaaaaaaaa", "owner": ACCOUNT, "public": true,
                      "tags": {"goldsmith:environment": "nonprod"}});
    world
        .emulator
        .seed(&serde_json::from_value(json!({"images": [open]})).expect("a seed"));
    let found = amis(&world)
        .await
        .into_iter()
        .find(|ami| ami.shared.everybody)
        .expect("it is open");
    world
        .make(Action::Withdraw(permissions(&found, found.shared.clone())))
        .await;
    assert!(amis(&world).await.iter().all(|ami| !ami.shared.everybody));
}

#[tokio::test]
async fn an_ami_that_vanishes_between_list_and_look_is_left_out() {
    let world = World::settled().await;
    let all = amis(&world).await;
    let (emulator, gone) = (world.emulator.clone(), all[0].clone());
    world
        .transport
        .interrupt("ec2:DescribeImageAttribute", async move {
            ec2(
                &emulator,
                gone.region.as_str(),
                &format!("Action=DeregisterImage&ImageId={}", gone.id),
            )
            .await;
        });
    assert_eq!(amis(&world).await, all[1..]);
}

#[tokio::test]
async fn of_an_ami_that_is_gone_nothing_can_be_withdrawn_and_nothing_has_to_be() {
    let world = World::settled().await;
    let ami = amis(&world).await[0].clone();
    deregister(&world, &ami).await;
    world
        .make(Action::Withdraw(permissions(&ami, ami.shared.clone())))
        .await;
    let applied = world
        .attempt(Action::Share(permissions(
            &ami,
            with(&["444444444444"], &[]),
        )))
        .await;
    assert!(
        failed(&applied).contains("InvalidAMIID.NotFound"),
        "{applied:?}"
    );
}

#[tokio::test]
async fn a_region_that_is_not_enabled_has_no_amis_of_ours() {
    let world = World::settled().await;
    let refuse = |status, code: &str| {
        let answer = FaultAnswer {
            status,
            code: code.to_owned(),
            message: "as asked".to_owned(),
        };
        let region = Some("eu-west-1".to_owned());
        // Our AMIs are listed, and beside that those whose snapshots are looked at.
        let matching = Matching {
            region,
            times: 2,
            ..Matching::next("ec2:DescribeImages")
        };
        world
            .emulator
            .add_faults([Fault::Answer { matching, answer }]);
    };
    refuse(401, "AuthFailure");
    let found = amis(&world).await;
    assert!(
        found.len() == 2 && found.iter().all(|ami| ami.region.as_str() == "us-east-1"),
        "{found:?}"
    );

    // Who may not look must not take it for nothing there.
    refuse(403, "UnauthorizedOperation");
    let aws = world.aws();
    let wanted = desired(&aws).await;
    let observed = observe(&aws, &wanted, Depth::Content).await;
    let unread = Unreadable {
        what: Subject::OwnAmis(parsed("eu-west-1")),
        code: "UnauthorizedOperation".to_owned(),
    };
    assert_eq!(observed.expect("a look").unreadable, [unread]);
}

#[tokio::test]
async fn more_than_a_page_of_amis_is_read() {
    let world = World::settled().await;
    let image = |n: usize| {
        json!({"id": format!("ami-{n:017x}"), "owner": ACCOUNT, "public": false,
               "tags": {"goldsmith:environment": "nonprod"}})
    };
    let images: Vec<_> = (0..1001).map(image).collect();
    world
        .emulator
        .seed(&serde_json::from_value(json!({"images": images})).expect("a seed"));
    let aws = world.aws();
    let wanted = desired(&aws).await;
    let found = observe(&aws, &wanted, Depth::Content)
        .await
        .expect("a look")
        .amis
        .expect("a close look");
    assert_eq!(found.len(), 1001 + 4);
    // Beside the three configurations, what is published of two recipes, the deployment, and grants: two pages
    // here and one there, and each AMI; two recipes, a component, and what is published by snapshots and origin.
    assert_eq!(
        aws.take_drift_calls(),
        3 + 9 + 18 + 2 + 2 + 1 + 1005 + 3 + 6 + 2
    );
}
