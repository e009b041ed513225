use super::*;
use crate::consumers::{DeliveryMode, GrantAdmin, LaunchPlace, Roles};

const IMAGE: &str = "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/1";

fn image() -> ImageArn {
    IMAGE.parse().expect("an image")
}

fn target(region: &str) -> Target {
    Target {
        account: "444444444444".parse().expect("an account"),
        region: region.parse().expect("a Region"),
    }
}

fn key(region: &str) -> KeyArn {
    let key = format!("arn:aws:kms:{region}:444444444444:key/11111111-2222-4333-8444-0000000000aa");
    key.parse().expect("a key")
}

fn role(name: &str) -> RoleArn {
    let role = format!("arn:aws:iam::444444444444:role/{name}");
    role.parse().expect("a role")
}

fn published(region: &str, parameter_role: Option<RoleArn>) -> PublishedCopy {
    let copy = Copy {
        target: target(region),
        ami: "ami-0aaaaaaaaaaaaaaaa".parse().expect("an AMI"),
    };
    PublishedCopy {
        copy,
        parameter_role,
    }
}

/// An account with nothing that may be left out.
fn bare() -> Account {
    Account {
        id: "444444444444".parse().expect("an account"),
        roles: Roles::Any,
        regions: BTreeSet::new(),
        serve: DeliveryMode::Share,
        keys: BTreeMap::new(),
        grant_admin: None,
        parameter_role: None,
        rebuild: None,
        places: BTreeMap::new(),
    }
}

/// An account with everything.
fn full() -> Account {
    let regions = ["us-east-1", "eu-west-1"].map(|region| region.parse().expect("a Region"));
    Account {
        keys: regions
            .clone()
            .map(|region: Region| (region.clone(), key(region.as_str())))
            .into(),
        places: regions
            .clone()
            .map(|region| (region, LaunchPlace::default()))
            .into(),
        regions: regions.into(),
        serve: DeliveryMode::Copy,
        grant_admin: Some(GrantAdmin {
            role: role("grants"),
            grantees: BTreeSet::new(),
        }),
        parameter_role: Some(role("parameters")),
        rebuild: Some(Rebuild {
            role: role("rebuild"),
            instance_profile: "goldsmith-nonprod-rebuild".to_owned(),
        }),
        ..bare()
    }
}

#[test]
fn the_texts_of_tokens_stay() {
    let pipeline = "arn:aws:imagebuilder:us-east-1:111122223333:image-pipeline/mstr-nonprod-110304";
    let pipeline = pipeline.parse().expect("a pipeline");
    let recipe =
        "arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/mstr-nonprod-110304/1.0.0";
    let recipe = recipe.parse().expect("a recipe");
    assert_eq!(
        BuildTokenV1::new(&pipeline, &recipe, "first").text(),
        r#"["arn:aws:imagebuilder:us-east-1:111122223333:image-pipeline/mstr-nonprod-110304","arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/mstr-nonprod-110304/1.0.0","first"]"#
    );
    assert_eq!(
        RetryTokenV1::new(&image(), 2).text(),
        format!(r#"["{IMAGE}","retry",2]"#)
    );
    assert_eq!(RebuildAttemptDigestV1("ab", 1).text(), r#"["ab",1]"#);
    assert_eq!(RebuildTokenV1("ab", -1).text(), r#"["ab",-1]"#);
}

#[test]
fn the_text_of_a_batch_of_copies_stays() {
    let text = |targets| CopiesTokenV1::new(&image(), "ours", &targets, 3).text();
    assert_eq!(text(BTreeMap::new()), format!(r#"["{IMAGE}","ours",[],3]"#));
    let targets = ["us-east-1", "eu-west-1"].map(|region| (target(region), key(region)));
    assert_eq!(
        text(targets.into()),
        format!(
            r#"["{IMAGE}","ours",[[{{"account":"444444444444","region":"eu-west-1"}},"arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-4333-8444-0000000000aa"],[{{"account":"444444444444","region":"us-east-1"}},"arn:aws:kms:us-east-1:444444444444:key/11111111-2222-4333-8444-0000000000aa"]],3]"#
        )
    );
}

#[test]
fn the_text_of_published_copies_stays() {
    let copies = [
        published("us-east-1", Some(role("parameters"))),
        published("eu-west-1", None),
    ];
    assert_eq!(
        PublishedCopiesDigestV1::new(&copies).text(),
        r#"[[{"target":{"account":"444444444444","region":"us-east-1"},"ami":"ami-0aaaaaaaaaaaaaaaa"},"arn:aws:iam::444444444444:role/parameters"],[{"target":{"account":"444444444444","region":"eu-west-1"},"ami":"ami-0aaaaaaaaaaaaaaaa"},null]]"#
    );
}

#[test]
fn the_text_of_a_rebuild_stays() {
    assert_eq!(
        RebuildDigestV1::new(&image(), &bare()).text(),
        format!(r#"["{IMAGE}","444444444444",null,[],{{}}]"#)
    );
    assert_eq!(
        RebuildDigestV1::new(&image(), &full()).text(),
        format!(
            r#"["{IMAGE}","444444444444","goldsmith-nonprod-rebuild",["eu-west-1","us-east-1"],{{"eu-west-1":"arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-4333-8444-0000000000aa","us-east-1":"arn:aws:kms:us-east-1:444444444444:key/11111111-2222-4333-8444-0000000000aa"}}]"#
        )
    );
}

#[test]
fn the_text_of_published_rebuilds_stays() {
    let (bare, full) = (bare(), full());
    let digests = [&bare, &full].map(|account| rebuild(&image(), account));
    assert_eq!(
        RebuiltDigestV1::new(&image(), [&bare, &full]).text(),
        format!(
            r#"[["{}",null],["{}","arn:aws:iam::444444444444:role/parameters"]]"#,
            digests[0], digests[1]
        )
    );
}
