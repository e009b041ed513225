//! Scans by Amazon Inspector: a pipeline is brought to what the documents say, and no image is built for it.

use goldsmith_domain::desired::{Desired, Drift};
use goldsmith_domain::scan::{HighestSeverity, ImageScan, ScanCondition};
use insta::{allow_duplicates, assert_snapshot};

use crate::plan::{plan, settled};
use crate::world::{World, desired};

const TAG: &str = "goldsmith:scan";

fn scanning(scan: ImageScan) -> Desired {
    Desired {
        image_scan: Some(scan),
        ..desired()
    }
}

fn condition(highest: HighestSeverity) -> ImageScan {
    ImageScan::Ami(Some(ScanCondition {
        highest,
        only_with_fix: true,
    }))
}

/// Somebody switches scans off where `wanted` has them.
fn switched_off(wanted: &Desired) -> World {
    let mut world = settled(wanted);
    world.pipelines[0].others.clear();
    world
}

#[test]
fn documents_that_say_nothing_of_scans_leave_no_tag() {
    let world = settled(&desired());
    assert!(!world.pipelines[0].tags.contains_key(TAG));
}

#[test]
fn a_scan_is_switched_on_changed_and_off_and_nothing_is_built_for_it() {
    let mut world = settled(&desired());
    let images = world.images.clone();
    // Also where what somebody changed by hand is only told: the documents changed, and nobody else.
    for drift in [Drift::Report, Drift::Repair] {
        let said = |scan| Desired {
            drift,
            ..scanning(scan)
        };
        let on = said(ImageScan::TestInstance);
        allow_duplicates! { assert_snapshot!(plan(&world, &on), @r"
        change  update-pipeline image-pipeline/mstr-nonprod-110304
        change  tag-pipeline image-pipeline/mstr-nonprod-110304
        change  update-pipeline image-pipeline/mstr-nonprod-110302
        change  tag-pipeline image-pipeline/mstr-nonprod-110302
        ") }
        world.run(&on);
        assert_eq!(plan(&world, &on), "");
        let strict = said(condition(HighestSeverity::High));
        world.run(&strict);
        assert_eq!(
            world.pipelines[0].others["scans"],
            "of the AMI, findings with a fix up to high"
        );
        assert_eq!(plan(&world, &strict), "");
        let off = Desired { drift, ..desired() };
        world.run(&off);
        assert_eq!(plan(&world, &off), "");
        assert!(world.pipelines[0].others.is_empty());
    }
    assert_eq!(world.images, images);
}

#[test]
fn a_scan_that_somebody_switched_off_is_switched_on_again_or_told() {
    let wanted = scanning(condition(HighestSeverity::Low));
    assert_snapshot!(plan(&switched_off(&wanted), &wanted), @"change  update-pipeline image-pipeline/mstr-nonprod-110304: scans: none, wanted of the AMI, findings with a fix up to low");
    let told = Desired {
        drift: Drift::Report,
        ..wanted.clone()
    };
    assert_snapshot!(plan(&switched_off(&wanted), &told), @"waiting 110304: image-pipeline/mstr-nonprod-110304 was changed by hand and is not repaired, because `drift` is `report`: scans: none, wanted of the AMI, findings with a fix up to low");
}
