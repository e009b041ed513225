//! Entries of `ami-version`: everything beside the base AMI and the name.

use super::*;
use crate::desired::BaseImage;

const ALLOWED: &str = r#""tags": { "Owner": "ccoe", "Product": "MSTR" },
  "allowed-components": [
    "arn:aws:imagebuilder:us-east-1:aws:component/hello-world-linux/x.x.x",
    { "component": "components/motd.yml", "parameters": { "Place": "/etc/issue" } }
  ]"#;

const MOTD: &str = "
schemaVersion: 1.0
parameters:
  - Text: { type: string }
  - Place: { type: string, default: /etc/motd }
phases:
  - name: build
    steps:
      - { name: Write, action: ExecuteBash, inputs: { commands: [ 'echo {{ Text }} > {{ Place }}' ] } }
";

/// The sample with other entries, and components that they may choose.
fn with_entries(entries: &str) -> Desired {
    let versions = format!(r#"{{ "ami-version": [{entries}], "ami-scheduled": [] }}"#);
    let environment = environment(r#""tags": { "Owner": "ccoe", "Product": "MSTR" }"#, ALLOWED);
    sample_with(&[
        (AMI_VERSIONS, &versions),
        (ENVIRONMENT, &environment),
        ("components/motd.yml", MOTD),
    ])
}

fn bases(desired: &Desired) -> Vec<String> {
    desired
        .recipes
        .iter()
        .map(|recipe| recipe.base.to_string())
        .collect()
}

#[test]
fn an_image_is_built_on_any_of_four_things() {
    let image = "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x";
    let desired = with_entries(&format!(
        r#"{{ "aminame": "ami-08bd941ae380bd3cd", "recipename": "base" }},
           {{ "aminame": "ssm:/golden/base", "recipename": "1" }},
           {{ "aminame": "{image}", "recipename": "2" }},
           {{ "aminame": "recipe:base", "recipename": "3" }}"#
    ));
    assert_eq!(
        bases(&desired),
        [
            "ami-08bd941ae380bd3cd",
            "ssm:/golden/base",
            image,
            "recipe:base"
        ]
    );
    assert!(matches!(desired.recipes[3].base, BaseImage::Recipe(_)));
}

#[test]
fn a_recipe_may_be_built_on_one_further_down_and_takes_its_spelling() {
    let desired = with_entries(
        r#"{ "aminame": "recipe:BASE-9", "recipename": "110304" },
           { "aminame": "ami-08bd941ae380bd3cd", "recipename": "Base_9" }"#,
    );
    assert_eq!(bases(&desired), ["recipe:Base_9", "ami-08bd941ae380bd3cd"]);
}

#[test]
fn thirty_two_recipes_may_stand_on_one_another_in_any_order() {
    let entry = |n: usize| match n {
        0 => r#"{ "aminame": "ami-08bd941ae380bd3cd", "recipename": "n0" }"#.to_owned(),
        n => format!(
            r#"{{ "aminame": "recipe:n{}", "recipename": "n{n}" }}"#,
            n - 1
        ),
    };
    let upwards: Vec<String> = (0..32).map(entry).collect();
    let downwards: Vec<String> = (0..32).rev().map(entry).collect();
    assert_eq!(with_entries(&upwards.join(",")).recipes.len(), 32);
    assert_eq!(with_entries(&downwards.join(",")).recipes.len(), 32);
}

#[test]
fn an_entry_brings_platform_description_and_tags() {
    let desired = with_entries(
        r#"{ "aminame": "ami-08bd941ae380bd3cd", "recipename": "110304", "platform": "Linux",
             "description": "MSTR 11.3.4", "tags": { "Team": "bi" } },
           { "aminame": "ami-08bd941ae380bd3cd", "recipename": "110302" }"#,
    );
    let [full, bare] = &desired.recipes[..] else {
        panic!("{:?}", desired.recipes)
    };
    assert_eq!(full.platform, Some(Platform::Linux));
    assert_eq!(full.description.as_deref(), Some("MSTR 11.3.4"));
    assert_eq!(full.tags, [("Team".to_owned(), "bi".to_owned())].into());
    assert!(bare.platform.is_none() && bare.description.is_none() && bare.tags.is_empty());
}

#[test]
fn an_allowed_component_keeps_what_the_platform_team_has_fixed() {
    let desired = with_entries(
        r#"{ "aminame": "ami-08bd941ae380bd3cd", "recipename": "110304", "components": [
             "arn:aws:imagebuilder:us-east-1:aws:component/hello-world-linux/x.x.x",
             { "component": "components/motd.yml", "parameters": { "Text": "hello" } }
           ] }"#,
    );
    let [hello, motd] = &desired.recipes[0].components[..] else {
        panic!("{:?}", desired.recipes)
    };
    assert!(matches!(hello.component, ComponentRef::Arn(_)) && hello.parameters.is_empty());
    assert!(matches!(&motd.component, ComponentRef::Document(document) if document.stem == "motd"));
    let parameters: Vec<_> = motd
        .parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(parameters, ["Place=/etc/issue", "Text=hello"]);
}

#[test]
fn scheduled_names_may_be_a_list() {
    let versions = r#"{
      "ami-version": [],
      "ami-scheduled": [ { "recipenames": ["110304", "110302"] }, { "recipenames": "110301" }, { "recipenames": [] } ],
      "$schema": "../schema/ami-versions.schema.json"
    }"#;
    let desired = sample_with(&[(AMI_VERSIONS, versions)]);
    assert_eq!(
        texts(desired.scheduled.iter().map(|name| &name.name)),
        "110304 110302 110301"
    );
    let place = &desired.scheduled[1].place;
    assert_eq!(
        (place.line, place.column, place.pointer.as_str()),
        (3, 54, "/ami-scheduled/0/recipenames/1")
    );
}
