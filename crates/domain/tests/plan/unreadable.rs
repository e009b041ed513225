//! Whatever single read fails for good: what the documents take away is taken away, and what needed the
//! read is refused.

use std::collections::BTreeSet;

use goldsmith_domain::consumers::Consumers;
use goldsmith_domain::desired::{BaseImage, Desired, RegionSettings};
use goldsmith_domain::names::{KeyArn, Region};
use goldsmith_domain::observed::{Depth, Grant, Observed, Subject, Unreadable};
use goldsmith_domain::plan::Plan;
use insta::assert_snapshot;

use crate::plan::settled;
use crate::world::{AMI_A, AMI_B, World, desired, entry, parent_image, plan_of, stack};

const FURTHER_KEY: &str =
    "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678";

fn further_key() -> KeyArn {
    FURTHER_KEY.parse().expect("a key")
}

/// The sample, with a further Region and a subnet.
fn before() -> Desired {
    let mut wanted = desired();
    let settings = RegionSettings {
        kms_key: Some(further_key()),
        ..RegionSettings::default()
    };
    let ireland: Region = "eu-west-1".parse().expect("a Region");
    wanted.consumers.accounts[0].regions.insert(ireland.clone());
    wanted.regions.insert(ireland, settings);
    wanted.instances.subnet = Some("subnet-1".to_owned());
    wanted
}

/// The consumer leaves, and recipes come and change that need every fact there is.
fn after() -> Desired {
    let mut wanted = before();
    wanted.consumers = Consumers::default();
    wanted.recipes[0] = entry("110304", AMI_B);
    wanted.recipes.push(entry("110305", AMI_A));
    wanted
        .recipes
        .push(crate::world::based("image", parent_image()));
    wanted
}

/// Everything is built, and the consumer's Auto Scaling holds a grant on each key.
fn world() -> World {
    let mut world = settled(&before());
    let role = "arn:aws:iam::222222222222:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    for key in [stack().key, further_key()] {
        let grant = Grant {
            id: "of-auto-scaling".to_owned(),
            grantee: role.to_owned(),
        };
        world.grants.insert(key, vec![grant]);
    }
    world
}

/// What takes something away: changes that revoke, and configurations that share with fewer.
fn taken(plan: &Plan) -> BTreeSet<String> {
    let takes = plan
        .changes
        .iter()
        .filter(|change| change.may_take_access() || change.kind() == "put-bucket-policy");
    let text = |target: String| crate::plan::short(&target);
    takes
        .map(|change| text(format!("{} {}", change.kind(), change.target())))
        .collect()
}

/// The observation of a run that cannot read `what`.
fn without(observed: &Observed, what: &Subject) -> Observed {
    let mut observed = observed.clone();
    let catalog = observed.catalog.as_mut().expect("a catalog");
    match what {
        Subject::Pipelines => observed.pipelines.clear(),
        Subject::Images => observed.images.clear(),
        Subject::InfrastructureConfigurations => observed.infrastructure.clear(),
        Subject::DistributionConfigurations => observed.distributions.clear(),
        Subject::Configuration(arn) => {
            let mut all = observed.distributions.iter_mut();
            all.find(|one| one.arn == *arn)
                .expect("it is there")
                .content = None;
        }
        Subject::Rule => observed.rule = goldsmith_domain::observed::Rule::default(),
        Subject::BucketPolicy => observed.bucket_policy.clear(),
        Subject::KeyPolicy(key) if *key == stack().key => observed.key_policy.clear(),
        Subject::KeyPolicy(key) => drop(observed.further_key_policies.remove(key)),
        Subject::Grants(key) => drop(observed.grants.remove(key)),
        Subject::Components => catalog.components.clear(),
        Subject::ComponentBuild(arn) => drop(catalog.component_data.remove(arn)),
        Subject::Recipes => catalog.recipes.clear(),
        Subject::RecipeVersion(arn) => drop(catalog.contents.remove(arn)),
        Subject::ParentImage(arn) => drop(catalog.parents.remove(arn)),
        Subject::Ami(ami) => drop(catalog.base_amis.remove(ami)),
        Subject::InstanceProfile(_) => observed.facts.instance_profiles.clear(),
        Subject::InstanceTypes => observed.facts.instance_types.clear(),
        Subject::Instances => observed.kept_instances.clear(),
        Subject::Regions => observed.facts.regions.clear(),
        Subject::Subnet(_) => observed.facts.subnets.clear(),
        Subject::OwnAmis(region) => {
            let amis = observed.amis.as_mut().expect("AMIs");
            amis.retain(|ami| ami.region != *region);
        }
        Subject::LaunchPermissions(ami, _) => {
            observed
                .amis
                .as_mut()
                .expect("AMIs")
                .retain(|own| own.id != *ami);
        }
        Subject::Quarantine => observed.quarantined.clear(),
    }
    observed.unreadable.push(Unreadable {
        what: what.clone(),
        code: "AccessDeniedException".to_owned(),
    });
    observed
}

/// Every read, with what it shows that is taken away: that alone cannot be.
fn reads(world: &World) -> Vec<(Subject, &'static str)> {
    let recipe = world.pipeline("110304").recipe.clone().expect("a recipe");
    let distribution = world
        .pipeline("110304")
        .distribution
        .clone()
        .expect("it has one");
    let BaseImage::Image(image) = parent_image() else {
        panic!("{} is no image", parent_image())
    };
    let component = world.catalog.components[0].arn.clone();
    let ami = world.amis[0].clone();
    vec![
        (Subject::Pipelines, "-"),
        (Subject::Images, "-"),
        (Subject::InfrastructureConfigurations, "-"),
        (
            Subject::DistributionConfigurations,
            "update-distribution-configuration",
        ),
        (Subject::Configuration(distribution), "-"),
        (Subject::Rule, "-"),
        (Subject::BucketPolicy, "put-bucket-policy"),
        (
            Subject::KeyPolicy(stack().key),
            "key/11111111-2222-4333-8444-000000001234",
        ),
        (
            Subject::KeyPolicy(further_key()),
            "key/11111111-2222-4333-8444-000000005678",
        ),
        (Subject::Grants(stack().key), "revoke-grant"),
        (Subject::Grants(further_key()), "revoke-grant"),
        (Subject::Components, "-"),
        (Subject::ComponentBuild(component), "-"),
        (Subject::Recipes, "-"),
        (Subject::RecipeVersion(recipe), "-"),
        (Subject::ParentImage(image), "-"),
        (Subject::Ami(AMI_B.parse().expect("an AMI")), "-"),
        (Subject::InstanceProfile("golden".to_owned()), "-"),
        (Subject::InstanceTypes, "-"),
        (Subject::Instances, "-"),
        (Subject::Regions, "-"),
        (Subject::Subnet("subnet-1".to_owned()), "-"),
        (Subject::OwnAmis(ami.region.clone()), "ami-"),
        (Subject::LaunchPermissions(ami.id, ami.region), "ami-"),
        (Subject::Quarantine, "-"),
    ]
}

#[test]
fn whatever_single_read_fails_for_good_every_revocation_is_still_planned() {
    let (world, wanted) = (world(), after());
    let observed = world.observe_to(&wanted, Depth::Digest);
    let all = taken(&plan_of(&wanted, &observed));
    for expected in [
        "put-key-policy key/11111111-2222-4333-8444-000000001234",
        "put-key-policy arn:aws:kms:eu-west-1",
        "revoke-grant",
        "put-bucket-policy",
        "update-distribution-configuration",
        "withdraw-ami",
    ] {
        assert!(
            all.iter().any(|change| change.starts_with(expected)),
            "{expected} in {all:#?}"
        );
    }
    for (what, shown) in reads(&world) {
        let plan = plan_of(&wanted, &without(&observed, &what));
        let still = taken(&plan);
        let lost: Vec<&String> = all
            .difference(&still)
            .filter(|change| !change.contains(shown))
            .collect();
        assert!(
            lost.is_empty(),
            "without {what} these are not taken away: {lost:#?}\n{plan}"
        );
    }
}

#[test]
fn what_needed_an_unread_thing_is_refused_and_nothing_else() {
    let (world, wanted) = (world(), after());
    let observed = world.observe_to(&wanted, Depth::Digest);
    let refused = |what: &Subject| {
        let plan = plan_of(&wanted, &without(&observed, what));
        let refused = plan.refused.iter();
        let lines: Vec<String> = refused
            .map(|(subject, why)| format!("{subject}: {why}"))
            .collect();
        crate::plan::short(&lines.join("\n"))
    };
    assert_snapshot!(refused(&Subject::Ami(AMI_B.parse().expect("an AMI"))), @r"
    110304: the AMI ami-0bbbbbbbbbbbbbbbb could not be read: AccessDeniedException
    image: the AMI ami-0bbbbbbbbbbbbbbbb could not be read: AccessDeniedException
    ");
    assert_snapshot!(refused(&Subject::InstanceTypes), @r"
    110304: the list of instance types could not be read: AccessDeniedException
    110305: the list of instance types could not be read: AccessDeniedException
    image: the list of instance types could not be read: AccessDeniedException
    ");
    assert_snapshot!(refused(&Subject::Rule), @"the build rule: the build rule could not be read: AccessDeniedException");
    assert_snapshot!(refused(&Subject::Regions), @"eu-west-1: Region eu-west-1 cannot be used: the list of Regions could not be read: AccessDeniedException; no distribution to it is set up while that is so");
    assert_snapshot!(refused(&Subject::KeyPolicy(further_key())), @r"
    the policy of key arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678: the policy of key arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678 could not be read: AccessDeniedException
    eu-west-1: Region eu-west-1 cannot be used: the policy of key arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678 could not be read: AccessDeniedException; no distribution to it is set up while that is so
    ");
    assert_snapshot!(refused(&Subject::Pipelines), @r"
    the list of image pipelines: the list of image pipelines could not be read: AccessDeniedException
    110304: the list of image pipelines could not be read: AccessDeniedException
    110302: the list of image pipelines could not be read: AccessDeniedException
    110305: the list of image pipelines could not be read: AccessDeniedException
    image: the list of image pipelines could not be read: AccessDeniedException
    ");
}

/// An empty list must not read as an empty account, where everything would be made again.
#[test]
fn nothing_is_made_beside_what_an_unread_list_hides() {
    let (world, wanted) = (world(), before());
    let mut close = wanted.clone();
    close.recipes.push(entry("110305", AMI_A));
    let observed = world.observe_to(&close, Depth::Digest);
    for what in [
        Subject::Pipelines,
        Subject::Images,
        Subject::DistributionConfigurations,
        Subject::InfrastructureConfigurations,
        Subject::Recipes,
    ] {
        let plan = plan_of(&close, &without(&observed, &what));
        let doubles = plan.changes.iter().filter(|change| {
            let target = change.target();
            change.kind().starts_with("create")
                && target.contains("11030")
                && !target.contains("110305")
                || change.kind() == "start-build" && !target.contains("110305")
                || change.kind() == "create-infrastructure-configuration"
        });
        let doubles: Vec<String> = doubles.map(ToString::to_string).collect();
        assert!(doubles.is_empty(), "without {what}: {doubles:?}");
    }
}
