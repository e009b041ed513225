//! How far an image got in a Region, as conditions in the sense of Kubernetes. They depend on nothing
//! but what was observed.

use goldsmith_domain::names::Region;
use goldsmith_domain::observed::{Image, ImageState};
use serde::Serialize;

/// One condition of an image in a Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// What it is about.
    pub kind: ConditionKind,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// Why it does not hold, or is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ConditionKind {
    /// The AMI exists.
    Built,
    /// The tests of the image passed.
    Tested,
    /// The image is in this Region.
    Distributed,
}

impl ConditionKind {
    /// Every kind, in the order of a build.
    pub const ALL: [Self; 3] = [Self::Built, Self::Tested, Self::Distributed];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Built => "Built",
            Self::Tested => "Tested",
            Self::Distributed => "Distributed",
        }
    }
}

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It is not known yet.
    Unknown,
}

impl ConditionStatus {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

/// The stages of a build, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Building,
    Testing,
    Distributing,
    Done,
}

/// The conditions of the newest image of a recipe in `region`.
pub fn conditions(image: Option<&Image>, region: &Region) -> Vec<Condition> {
    ConditionKind::ALL
        .into_iter()
        .map(|kind| condition(kind, image, region))
        .collect()
}

fn condition(kind: ConditionKind, image: Option<&Image>, region: &Region) -> Condition {
    let (status, reason) = match (kind, image) {
        (_, None) => (
            ConditionStatus::False,
            Some("nothing was built yet".to_owned()),
        ),
        (ConditionKind::Built, Some(image)) => passed(Stage::Building, image),
        (ConditionKind::Tested, Some(image)) => passed(Stage::Testing, image),
        (ConditionKind::Distributed, Some(image)) => distributed(image, region),
    };
    Condition {
        kind,
        status,
        reason,
    }
}

/// Whether the build has passed a stage.
fn passed(wanted: Stage, image: &Image) -> (ConditionStatus, Option<String>) {
    match &image.state {
        ImageState::Available | ImageState::Retired => (ConditionStatus::True, None),
        ImageState::Running(state) => match reached(state) {
            Some(reached) if reached > wanted => (ConditionStatus::True, None),
            Some(_) | None => (
                ConditionStatus::Unknown,
                Some(format!("the image is {state}")),
            ),
        },
        // The AMI is listed only after it was made. The list does not say which later stage failed.
        ImageState::Failed | ImageState::Cancelled
            if wanted == Stage::Building && !image.amis.is_empty() =>
        {
            (ConditionStatus::True, None)
        }
        ImageState::Failed if wanted == Stage::Building => {
            (ConditionStatus::False, Some(why(image, "the build failed")))
        }
        ImageState::Failed => (
            ConditionStatus::Unknown,
            Some(why(image, "the build failed")),
        ),
        ImageState::Cancelled => (
            ConditionStatus::False,
            Some(why(image, "the build was cancelled")),
        ),
        ImageState::Unrecognized(state) => unrecognized(state),
    }
}

fn distributed(image: &Image, region: &Region) -> (ConditionStatus, Option<String>) {
    let there = image.amis.contains_key(region);
    match &image.state {
        ImageState::Available | ImageState::Retired if there => (ConditionStatus::True, None),
        ImageState::Available | ImageState::Retired => (
            ConditionStatus::False,
            Some(format!("the image has no AMI in {region}")),
        ),
        ImageState::Running(state) => match reached(state) {
            Some(Stage::Done) if there => (ConditionStatus::True, None),
            Some(_) | None => (
                ConditionStatus::Unknown,
                Some(format!("the image is {state}")),
            ),
        },
        ImageState::Failed => (ConditionStatus::False, Some(why(image, "the build failed"))),
        ImageState::Cancelled => (
            ConditionStatus::False,
            Some(why(image, "the build was cancelled")),
        ),
        ImageState::Unrecognized(state) => unrecognized(state),
    }
}

fn unrecognized(state: &str) -> (ConditionStatus, Option<String>) {
    (
        ConditionStatus::Unknown,
        Some(format!("this release does not know the state `{state}`")),
    )
}

fn why(image: &Image, otherwise: &str) -> String {
    image.reason.clone().unwrap_or_else(|| otherwise.to_owned())
}

/// The stage that a running build is in (`ImageStatus` of the API reference).
fn reached(state: &str) -> Option<Stage> {
    match state {
        "PENDING" | "CREATING" | "BUILDING" => Some(Stage::Building),
        "TESTING" => Some(Stage::Testing),
        "DISTRIBUTING" => Some(Stage::Distributing),
        "INTEGRATING" => Some(Stage::Done),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str =
        "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/1";

    fn image(state: ImageState, reason: Option<&str>, regions: &[&str]) -> Image {
        let ami = |region: &&str| {
            (
                region.parse().expect("a Region"),
                "ami-12345678".parse().expect("an id"),
            )
        };
        Image {
            arn: ARN.parse().expect("an ARN"),
            state,
            reason: reason.map(str::to_owned),
            amis: regions.iter().map(ami).collect(),
            copies: Vec::new(),
            failed_targets: Vec::new(),
            tags: std::collections::BTreeMap::new(),
        }
    }

    /// The statuses of `Built`, `Tested` and `Distributed` as letters.
    fn statuses(image: Option<&Image>) -> String {
        conditions(image, &"us-east-1".parse().expect("a Region"))
            .iter()
            .map(|condition| condition.status.as_str().chars().next().expect("a letter"))
            .collect()
    }

    #[test]
    fn a_build_goes_from_stage_to_stage() {
        let running = |state: &str, regions: &[&str]| image(ImageState::from(state), None, regions);
        assert_eq!(statuses(None), "FFF");
        assert_eq!(statuses(Some(&running("PENDING", &[]))), "UUU");
        assert_eq!(statuses(Some(&running("BUILDING", &[]))), "UUU");
        assert_eq!(statuses(Some(&running("TESTING", &[]))), "TUU");
        assert_eq!(
            statuses(Some(&running("DISTRIBUTING", &["us-east-1"]))),
            "TTU"
        );
        assert_eq!(
            statuses(Some(&running("INTEGRATING", &["us-east-1"]))),
            "TTT"
        );
        assert_eq!(statuses(Some(&running("AVAILABLE", &["us-east-1"]))), "TTT");
        assert_eq!(
            statuses(Some(&running("DEPRECATED", &["us-east-1"]))),
            "TTT"
        );
    }

    #[test]
    fn an_image_that_is_not_in_the_region_is_not_distributed_there() {
        assert_eq!(
            statuses(Some(&image(ImageState::Available, None, &["eu-west-1"]))),
            "TTF"
        );
    }

    #[test]
    fn a_failed_build_keeps_the_conditions_that_it_reached() {
        assert_eq!(
            statuses(Some(&image(ImageState::Failed, Some("a step failed"), &[]))),
            "FUF"
        );
        assert_eq!(
            statuses(Some(&image(ImageState::Failed, None, &["us-east-1"]))),
            "TUF"
        );
        assert_eq!(
            statuses(Some(&image(ImageState::Cancelled, None, &[]))),
            "FFF"
        );
        let failed = image(ImageState::Failed, Some("a step failed"), &[]);
        let built = &conditions(Some(&failed), &"us-east-1".parse().expect("a Region"))[0];
        assert_eq!(built.reason.as_deref(), Some("a step failed"));
    }

    #[test]
    fn an_unknown_state_leaves_every_condition_unknown() {
        assert_eq!(
            statuses(Some(&image(
                ImageState::from("MELTING"),
                None,
                &["us-east-1"]
            ))),
            "UUU"
        );
    }
}
