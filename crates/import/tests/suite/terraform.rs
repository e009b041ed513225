//! Resources of Image Builder in a state, and as `terraform show -json` prints them.

use serde_json::json;

use crate::run::{example, import, json, left, problems, settings, text};

#[test]
fn a_state_becomes_an_environment() {
    let imported = import(&example("terraform-state"), &settings("x"));
    assert_eq!(problems(&imported), [""; 0]);
    let versions = json(&imported, "ami-versions.json");
    let base = "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x";
    assert_eq!(versions["ami-version"][0]["aminame"], base);
    let agent = "arn:aws:imagebuilder:us-east-1:444455556666:component/agent/2.1.0";
    let web = json!({
        "aminame": "recipe:base", "recipename": "Web_Server", "description": "Web_Server image",
        "components": [
            { "component": "components/motd.yml", "parameters": { "Message": "welcome" } },
            { "component": agent, "parameters": { "Region": "us-east-1" } }
        ]
    });
    assert_eq!(versions["ami-version"][1], web);
    // The pipeline of the second recipe is disabled.
    assert_eq!(
        versions["ami-scheduled"],
        json!([{ "recipenames": "base" }])
    );
}

#[test]
fn what_all_recipes_of_a_state_share_is_the_environments() {
    let imported = import(&example("terraform-state"), &settings("x"));
    let agent = "arn:aws:imagebuilder:us-east-1:444455556666:component/agent/2.1.0";
    let environment = json(&imported, "environment.json");
    let (update, boot) = (
        "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x",
        "arn:aws:imagebuilder:us-east-1:aws:component/simple-boot-test-linux/x.x.x",
    );
    let expected = [
        ("schedule", json!("cron(0 6 ? * SUN *)")),
        ("instance-types", json!(["m6i.large", "m6a.large"])),
        // A set has no order, and the root volume comes first.
        (
            "volumes",
            json!([{ "size-gib": 30, "type": "gp3" }, { "size-gib": 100, "type": "gp3" }]),
        ),
        ("build-components", json!([update, "components/harden.yml"])),
        ("test-components", json!(["components/check.yml", boot])),
        ("allowed-components", json!(["components/motd.yml", agent])),
        (
            "component-owners",
            json!(["self", "amazon", "444455556666"]),
        ),
        ("tags", json!({ "Owner": "ccoe", "Product": "Base" })),
        // The second image went to one Region only, and so does each consumer of both.
        (
            "consumers",
            json!([
                { "account-id": "222222222222", "roles": "any", "regions": ["us-east-1"] },
                { "account-id": "333333333333", "roles": "any", "serve": "copy", "regions": ["us-east-1"] }
            ]),
        ),
    ];
    for (member, value) in expected {
        assert_eq!(environment[member], value, "{member}");
    }
    assert_eq!(
        environment["regions"]["us-east-1"]["ssm-parameters"],
        json!(["/imagebuilder/{recipename}/ami-id"])
    );
    assert_eq!(
        environment["instances"]["log-bucket"],
        json!({ "name": "acme-build-logs", "prefix": "images" })
    );
    assert!(text(&imported, "components/harden.yml").contains("tcp_syncookies"));
}

#[test]
fn what_a_state_leaves_is_reported_one_by_one() {
    let imported = import(&example("terraform-state"), &settings("x"));
    let of_base = "aws_imagebuilder_distribution_configuration.base.distribution[0]";
    let of_web = "aws_imagebuilder_distribution_configuration.web.distribution[0]";
    let images = "module.images.aws_imagebuilder_image_recipe.this";
    let topic = "arn:aws:sns:us-east-1:111122223333:images";
    let key = "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321";
    assert_eq!(
        left(&imported),
        [
            "Unneeded aws_imagebuilder_image_pipeline.base.schedule: a condition for new dependencies".to_owned(),
            "Unneeded aws_imagebuilder_image_pipeline.web.schedule: a condition for new dependencies".to_owned(),
            "Secret aws_imagebuilder_component.licensed.data: data".to_owned(),
            "Unneeded aws_imagebuilder_image_recipe.old: 1.1.0".to_owned(),
            format!("Secret {images}[web].component[3]: Token"),
            format!("Unsupported {images}[web].user_data_base64: user data, which may hold a secret"),
            format!("Unsupported aws_imagebuilder_infrastructure_configuration.standard.sns_topic_arn: {topic}"),
            format!("Unneeded {of_base}.ami_distribution_configuration.launch_permission: 111122223333"),
            format!("Unsupported {of_web}.ami_distribution_configuration.name: acme-base-{{recipename}}"),
            format!("Unsupported {of_web}.fast_launch_configuration: a list of 1"),
            "Unneeded aws_imagebuilder_component.unused: unused".to_owned(),
            "Unsupported aws_imagebuilder_container_recipe.box: container_recipe".to_owned(),
            "Unsupported aws_imagebuilder_lifecycle_policy.old: lifecycle_policy".to_owned(),
            "Unneeded aws_imagebuilder_image.first: image".to_owned(),
            format!("Unsupported regions.us-east-1: {key}"),
            "Missing regions.us-west-2: us-west-2".to_owned(),
            format!("Unsupported {images}[base]: 222222222222 in eu-west-1"),
            format!("Unsupported {images}[base]: 222222222222 in us-west-2"),
            format!("Unsupported {images}[base]: 555555555555"),
        ]
    );
}

#[test]
fn what_terraform_prints_becomes_an_environment() {
    let imported = import(&example("terraform-show"), &settings("x"));
    assert_eq!(problems(&imported), [""; 0]);
    let versions = json(&imported, "ami-versions.json");
    let entry =
        json!({ "aminame": "ssm:/golden/base", "recipename": "mstr", "description": "mstr image" });
    assert_eq!(versions["ami-version"], json!([entry]));
    let environment = json(&imported, "environment.json");
    assert_eq!(
        environment["volumes"],
        json!([{ "size-gib": 60, "type": "gp3", "iops": 3000, "throughput": 250 }])
    );
    let organization = "arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5";
    let consumers = json!([
        { "organization": organization },
        { "account-id": "222222222222", "roles": "any", "serve": "copy" }
    ]);
    assert_eq!(environment["consumers"], consumers);
    let images = "module.factory.aws_imagebuilder_distribution_configuration.mstr.distribution[0].ami_distribution_configuration";
    assert_eq!(
        left(&imported),
        [
            "Unsupported module.factory.aws_imagebuilder_image_pipeline.mstr.schedule: Europe/Berlin".to_owned(),
            format!("Unsupported {images}.launch_permission.user_groups: a list of 1"),
            "Unsupported aws_imagebuilder_workflow.w: workflow".to_owned(),
            "Unsupported regions.us-east-1: arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"
                .to_owned(),
        ]
    );
}
