//! What is true of an image in a Region: a function of what was observed, nothing else.

use goldsmith_domain::names::Region;
use goldsmith_domain::observed::{Image, ImageState};
use serde::Serialize;

/// One statement about an image in a Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// What is stated.
    pub kind: Kind,
    /// Whether it is so.
    pub status: Truth,
    /// Why, if that does not go without saying.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// An AMI was made.
    Built,
    /// Its tests passed.
    Tested,
    /// It is in this Region.
    Distributed,
    /// The consumers may launch it there.
    Launchable,
    /// It was released to those that come later.
    Promoted,
}

impl Kind {
    /// Every statement, in the order in which an image gets there.
    pub const ALL: [Self; 5] = [
        Self::Built,
        Self::Tested,
        Self::Distributed,
        Self::Launchable,
        Self::Promoted,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Built => "Built",
            Self::Tested => "Tested",
            Self::Distributed => "Distributed",
            Self::Launchable => "Launchable",
            Self::Promoted => "Promoted",
        }
    }
}

/// Whether something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Truth {
    /// It is.
    True,
    /// It is not.
    False,
    /// Nobody can tell yet.
    Unknown,
}

impl Truth {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

/// How far a build has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Building,
    Testing,
    Distributing,
    Done,
}

/// Everything that is stated of the newest image of a recipe in `region`.
pub fn conditions(image: Option<&Image>, region: &Region) -> Vec<Condition> {
    Kind::ALL
        .into_iter()
        .map(|kind| condition(kind, image, region))
        .collect()
}

fn condition(kind: Kind, image: Option<&Image>, region: &Region) -> Condition {
    let (status, reason) = match (kind, image) {
        (Kind::Launchable | Kind::Promoted, _) => (
            Truth::Unknown,
            Some("not looked at by this release".to_owned()),
        ),
        (Kind::Built | Kind::Tested | Kind::Distributed, None) => {
            (Truth::False, Some("nothing was built yet".to_owned()))
        }
        (Kind::Built, Some(image)) => passed(Stage::Building, image),
        (Kind::Tested, Some(image)) => passed(Stage::Testing, image),
        (Kind::Distributed, Some(image)) => distributed(image, region),
    };
    Condition {
        kind,
        status,
        reason,
    }
}

/// Whether the build has left a stage behind.
fn passed(wanted: Stage, image: &Image) -> (Truth, Option<String>) {
    match &image.state {
        ImageState::Available | ImageState::Retired => (Truth::True, None),
        ImageState::Running(state) => match reached(state) {
            Some(reached) if reached > wanted => (Truth::True, None),
            Some(_) | None => (Truth::Unknown, Some(format!("it is {state}"))),
        },
        // An AMI of ours is listed only once it was made; which later stage failed is not in the list.
        ImageState::Failed | ImageState::Cancelled
            if wanted == Stage::Building && !image.amis.is_empty() =>
        {
            (Truth::True, None)
        }
        ImageState::Failed if wanted == Stage::Building => {
            (Truth::False, Some(why(image, "the build failed")))
        }
        ImageState::Failed => (Truth::Unknown, Some(why(image, "the build failed"))),
        ImageState::Cancelled => (Truth::False, Some(why(image, "the build was cancelled"))),
        ImageState::Unrecognized(state) => unrecognized(state),
    }
}

fn distributed(image: &Image, region: &Region) -> (Truth, Option<String>) {
    let there = image.amis.contains_key(region);
    match &image.state {
        ImageState::Available | ImageState::Retired if there => (Truth::True, None),
        ImageState::Available | ImageState::Retired => {
            (Truth::False, Some(format!("it has no AMI in {region}")))
        }
        ImageState::Running(state) => match reached(state) {
            Some(Stage::Done) if there => (Truth::True, None),
            Some(_) | None => (Truth::Unknown, Some(format!("it is {state}"))),
        },
        ImageState::Failed => (Truth::False, Some(why(image, "the build failed"))),
        ImageState::Cancelled => (Truth::False, Some(why(image, "the build was cancelled"))),
        ImageState::Unrecognized(state) => unrecognized(state),
    }
}

fn unrecognized(state: &str) -> (Truth, Option<String>) {
    (
        Truth::Unknown,
        Some(format!(
            "its state is `{state}`, which this release does not know"
        )),
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

    /// `Built Tested Distributed` as letters; the other two are always unknown.
    fn told(image: Option<&Image>) -> String {
        let all = conditions(image, &"us-east-1".parse().expect("a Region"));
        assert!(
            all[3..]
                .iter()
                .all(|condition| condition.status == Truth::Unknown && condition.reason.is_some())
        );
        all[..3]
            .iter()
            .map(|condition| condition.status.as_str().chars().next().expect("a letter"))
            .collect()
    }

    #[test]
    fn a_build_goes_from_stage_to_stage() {
        let running = |state: &str, regions: &[&str]| image(ImageState::from(state), None, regions);
        assert_eq!(told(None), "FFF");
        assert_eq!(told(Some(&running("PENDING", &[]))), "UUU");
        assert_eq!(told(Some(&running("BUILDING", &[]))), "UUU");
        assert_eq!(told(Some(&running("TESTING", &[]))), "TUU");
        assert_eq!(told(Some(&running("DISTRIBUTING", &["us-east-1"]))), "TTU");
        assert_eq!(told(Some(&running("INTEGRATING", &["us-east-1"]))), "TTT");
        assert_eq!(told(Some(&running("AVAILABLE", &["us-east-1"]))), "TTT");
        assert_eq!(told(Some(&running("DEPRECATED", &["us-east-1"]))), "TTT");
    }

    #[test]
    fn an_image_that_is_not_in_the_region_is_not_distributed_there() {
        assert_eq!(
            told(Some(&image(ImageState::Available, None, &["eu-west-1"]))),
            "TTF"
        );
    }

    #[test]
    fn a_failed_build_tells_what_is_known() {
        assert_eq!(
            told(Some(&image(ImageState::Failed, Some("a step failed"), &[]))),
            "FUF"
        );
        assert_eq!(
            told(Some(&image(ImageState::Failed, None, &["us-east-1"]))),
            "TUF"
        );
        assert_eq!(told(Some(&image(ImageState::Cancelled, None, &[]))), "FFF");
        let failed = image(ImageState::Failed, Some("a step failed"), &[]);
        let built = &conditions(Some(&failed), &"us-east-1".parse().expect("a Region"))[0];
        assert_eq!(built.reason.as_deref(), Some("a step failed"));
    }

    #[test]
    fn a_state_that_is_not_known_tells_nothing() {
        assert_eq!(
            told(Some(&image(
                ImageState::from("MELTING"),
                None,
                &["us-east-1"]
            ))),
            "UUU"
        );
    }
}
