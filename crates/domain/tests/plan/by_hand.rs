//! What somebody does to pipelines and to the rule by hand.

use goldsmith_domain::desired::Desired;
use goldsmith_domain::digest;
use goldsmith_domain::observed::{Grant, PipelineStatus};
use goldsmith_domain::stack::RECIPENAME_TAG;
use insta::assert_snapshot;

use crate::plan::{plan, settled, short};
use crate::world::{AMI_B, World, desired, entry, stack};

#[test]
fn a_pipeline_disabled_by_hand_is_enabled_again() {
    let mut world = settled(&desired());
    let whole = world.clone();
    world.pipelines[0].status = PipelineStatus::Disabled;
    assert_snapshot!(plan(&world, &desired()), @"change  update-pipeline image-pipeline/mstr-nonprod-110304: status: disabled, wanted enabled");
    world.run(&desired());
    assert_eq!(world, whole);
}

#[test]
fn a_rule_disabled_by_hand_is_enabled_again_whatever_the_documents_say_of_the_schedule() {
    for schedule in [desired().schedule, None] {
        let wanted = Desired {
            schedule,
            ..desired()
        };
        let mut world = settled(&wanted);
        world.rule.state = Some("DISABLED".to_owned());
        let said = plan(&world, &wanted);
        assert_eq!(
            said,
            "change  put-rule build: state: DISABLED, wanted ENABLED\n"
        );
        world.run(&wanted);
        assert_eq!(world.rule.state.as_deref(), Some("ENABLED"));
        assert!(world.plan(&wanted).changes.is_empty());
    }
}

/// `EventBridge` has a third state, in which a rule fires as well.
#[test]
fn a_rule_in_another_state_that_fires_is_left_as_it_is() {
    let wanted = desired();
    let mut world = settled(&wanted);
    world.rule.state = Some("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS".to_owned());
    assert!(world.plan(&wanted).changes.is_empty());
}

/// Somebody tags a pipeline of their own, so that its images count as ours.
#[test]
fn a_pipeline_with_our_tags_and_another_name_is_left_alone_and_reported() {
    let wanted = desired();
    let mut world = settled(&wanted);
    let mut foreign = world.pipelines[0].clone();
    foreign.arn = format!("{}-mine", foreign.arn).parse().expect("an ARN");
    world.pipelines.push(foreign.clone());
    foreign
        .tags
        .insert(RECIPENAME_TAG.to_owned(), "110399".to_owned());
    foreign.arn = format!("{}-too", foreign.arn).parse().expect("an ARN");
    world.pipelines.push(foreign);
    assert_snapshot!(plan(&world, &wanted), @r"
    refused image-pipeline/mstr-nonprod-110304-mine: it carries the tags of this environment, and the documents give no pipeline this name; nothing of it is built or published: if the family was changed, delete it, or else find out who made it
    refused image-pipeline/mstr-nonprod-110304-mine-too: it carries the tags of this environment, and the documents give no pipeline this name; nothing of it is built or published: if the family was changed, delete it, or else find out who made it
    ");
}

#[test]
fn a_pipeline_repointed_by_hand_is_pointed_back() {
    let mut world = settled(&desired());
    let mut other = desired();
    other.recipes[0] = entry("110304", AMI_B);
    let first = world.pipeline("110304").recipe.clone();
    world.settle(&other);
    world.pipelines[0].recipe = first;
    assert_snapshot!(plan(&world, &other), @"change  update-pipeline image-pipeline/mstr-nonprod-110304: recipe: image-recipe/mstr-nonprod-110304/1.0.0, wanted image-recipe/mstr-nonprod-110304/1.0.1");
}

/// It is not revoked: it may be of a volume of an account that left.
#[test]
fn a_grant_of_an_account_that_nobody_names_is_reported_by_a_deep_scan() {
    let wanted = desired();
    let mut world = settled(&wanted);
    let key = stack().key;
    let grant = |account: &str| Grant {
        id: format!("grant-{account}"),
        grantee: format!("arn:aws:iam::{account}:role/x"),
    };
    let grants = ["999999999999", stack().account.as_str()].map(grant);
    world.grants.insert(key.clone(), grants.into());
    assert!(
        world.plan(&wanted).refused.is_empty(),
        "only a deep scan looks"
    );
    let plan = world.close_plan(&wanted);
    assert!(plan.changes.is_empty(), "{plan}");
    let expected = "refused key/11111111-2222-4333-8444-000000001234: account 999999999999 holds the grant grant-999999999999, and is in no document; \
                    its volumes may still be in use: if nobody knows it, run `aws kms revoke-grant`\n";
    assert_eq!(short(&plan.to_string()), expected);

    // A statement of somebody else names the account.
    let foreign = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"kms:Decrypt","Resource":"*"}"#;
    world.key_policy = world.key_policy.replacen(
        r#""Statement":["#,
        &format!(r#""Statement":[{foreign},"#),
        1,
    );
    assert!(world.close_plan(&wanted).refused.is_empty());
}

#[test]
fn a_published_ami_that_is_gone_is_named() {
    let wanted = desired();
    let mut world = settled(&wanted);
    let gone = world.amis.remove(0);
    let plan = world.close_plan(&wanted);
    assert!(plan.changes.is_empty(), "{plan}");
    let expected = format!(
        "the AMI {} in {} is deregistered or disabled, or has lost its tag goldsmith:environment; consumers cannot \
         launch it: build the recipe again with `goldsmith build`, and find out who did it",
        gone.id, gone.region
    );
    let refused: Vec<_> = plan
        .refused
        .iter()
        .map(|(_, why)| why.to_string())
        .collect();
    assert_eq!(refused, [expected]);
}

/// Somebody made a component under our name before us, with the digest that the next document will have.
#[test]
fn a_component_that_carries_a_documents_digest_and_says_something_else_is_not_used() {
    let wanted = desired();
    let mut world = World::new();
    world.run(&wanted);
    let squatted = world.catalog.components[0].arn.clone();
    let other = digest::of_bytes(b"something else");
    world.catalog.component_data.insert(squatted.clone(), other);
    // The pipeline was made by hand of it as well, so that everything has to be made again.
    world.pipelines.clear();
    world.catalog.recipes.clear();
    let plan = world.plan(&wanted);
    let text = short(&plan.to_string());
    assert!(
        text.contains("change  create-component component/mstr-nonprod-harden/1.0.1/1"),
        "{text}"
    );
    let refused = "refused component/mstr-nonprod-harden/1.0.0/1: it carries the digest of components/harden.yml";
    assert!(text.contains(refused), "{text}");
    world.run(&wanted);
    assert!(world.plan(&wanted).changes.is_empty(), "made once");
}
