//! Which images are compared, and how that is shown.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::sbom::Package;

use super::*;

fn image(version: &str, is_promoted: bool) -> Image {
    let arn =
        format!("arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/{version}");
    let tag = is_promoted.then(|| (PROMOTED_TAG.to_owned(), "yes".to_owned()));
    Image {
        arn: arn.parse().expect("an image"),
        state: ImageState::Available,
        reason: None,
        amis: BTreeMap::new(),
        copies: Vec::new(),
        failed_targets: Vec::new(),
        failed_in: None,
        created: None,
        failure: None,
        tags: tag.into_iter().collect(),
    }
}

#[test]
fn an_image_is_compared_with_the_last_one_that_was_promoted_before_it() {
    let images = [
        image("1.0.0/1", true),
        image("1.0.0/2", true),
        image("1.0.0/3", false),
        image("1.0.1/1", true),
    ];
    let before = |index: usize| {
        let found = promoted_before(&images, &images[index])?;
        images.iter().position(|image| image.arn == found.arn)
    };
    assert_eq!([0, 1, 2, 3].map(before), [None, Some(0), Some(1), Some(1)]);
    let newest = chosen(&images, None).expect("an image");
    assert_eq!(newest.arn, images[3].arn);
    let asked = chosen(&images, Some(&images[1].arn)).expect("an image");
    assert_eq!(asked.arn, images[1].arn);
    assert!(matches!(chosen(&[], None), Err(SbomError::Nothing)));
    let other = chosen(&images[..1], Some(&images[1].arn));
    assert!(matches!(other, Err(SbomError::NoImage(_))));
}

#[test]
fn what_changed_is_shown_with_a_sign() {
    let packages = |all: &[(&str, &str)]| -> BTreeSet<Package> {
        let all = all.iter();
        all.filter_map(|(name, version)| Package::new(name, version))
            .collect()
    };
    let before = packages(&[("gone", "1"), ("up", "1")]);
    let after = packages(&[("new", "3"), ("up", "2")]);
    let shown = |difference| {
        text::comparison(&Comparison {
            image: "B".to_owned(),
            before: "A".to_owned(),
            difference,
        })
    };
    assert_eq!(
        shown(difference(&before, &after)),
        "B, compared with A\n  + new 3\n  - gone 1\n  ~ up 1 -> 2\n"
    );
    assert_eq!(
        shown(difference(&after, &after)),
        "B, compared with A\n  the same packages\n"
    );
}
