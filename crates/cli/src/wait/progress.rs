//! How far a build is, in a line.

use std::time::Duration;

use goldsmith_aws::operator::Build;
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::{ImageState, Pipeline};
use goldsmith_domain::plan::PUBLISHED_TAG;

use crate::status::state;

/// How far the newest build of a recipe is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    version: String,
    state: ImageState,
    /// The Regions that have an AMI of it.
    regions: Vec<String>,
    /// What failed of its distribution, by Region.
    failed: Vec<String>,
    is_published: bool,
    /// Whether it may still be published: the pipeline builds this recipe version, and no later build of it is
    /// published.
    is_current: bool,
    reason: Option<String>,
}

impl Step {
    /// The step of a build.
    pub fn of(build: &Build, pipeline: &Pipeline) -> Self {
        let image = &build.image;
        let arn = image.arn.to_string();
        let published = pipeline.tags.get(PUBLISHED_TAG);
        let is_current = pipeline.recipe.as_ref().is_some_and(|recipe| {
            let later = published.and_then(|published| published.parse().ok());
            let is_later = |other: ImageArn| other.is_of(recipe) && other > image.arn;
            image.arn.is_of(recipe) && !later.is_some_and(is_later)
        });
        Self {
            version: format!("{}/{}", image.arn.version(), image.arn.build()),
            state: image.state.clone(),
            regions: image.amis.keys().map(ToString::to_string).collect(),
            failed: image
                .failed_targets
                .iter()
                .map(|target| target.region.clone())
                .collect(),
            is_published: published == Some(&arn),
            is_current,
            reason: image.reason.clone(),
        }
    }

    /// What a sentence about its image has in it: the end of the ARN.
    pub fn mark(&self) -> String {
        format!("/{} ", self.version)
    }

    /// Whether it still builds.
    pub fn is_building(&self) -> bool {
        matches!(self.state, ImageState::Running(_))
    }

    /// Whether it ended without an image.
    pub fn has_failed(&self) -> bool {
        matches!(self.state, ImageState::Failed | ImageState::Cancelled)
    }

    /// Whether nothing more happens to it.
    pub fn is_final(&self) -> bool {
        match self.state {
            ImageState::Running(_) => false,
            ImageState::Available => self.is_published || !self.is_current,
            ImageState::Failed
            | ImageState::Cancelled
            | ImageState::Retired
            | ImageState::Unrecognized(_) => true,
        }
    }

    /// `110304 1.0.0/2: DISTRIBUTING, in us-east-1; the last build took 21 min`.
    pub fn line(&self, name: &RecipeName, estimate: Option<Duration>) -> String {
        let Self { version, .. } = self;
        let regions = match self.regions.as_slice() {
            [] => String::new(),
            regions => format!(", in {}", regions.join(", ")),
        };
        let failed = match self.failed.as_slice() {
            [] => String::new(),
            failed => format!(", not in {}", failed.join(", ")),
        };
        let published = if self.is_published { ", published" } else { "" };
        let reason = self.reason.as_deref().filter(|_| self.has_failed());
        let reason = reason
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        let estimate = estimate
            .map(|estimate| format!("; the last build took {}", told(estimate)))
            .unwrap_or_default();
        let state = state(&self.state);
        format!("{name} {version}: {state}{regions}{failed}{published}{reason}{estimate}")
    }
}

/// A duration in its largest unit.
fn told(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples::parsed;

    fn step(state: ImageState) -> Step {
        Step {
            version: "1.0.0/2".to_owned(),
            state,
            regions: Vec::new(),
            failed: Vec::new(),
            is_published: false,
            is_current: true,
            reason: None,
        }
    }

    #[test]
    fn a_step_is_a_line_with_state_regions_and_estimate() {
        let name = parsed("110304");
        let building = step(ImageState::from("BUILDING"));
        assert_eq!(
            building.line(&name, Some(Duration::from_secs(1250))),
            "110304 1.0.0/2: BUILDING; the last build took 21 min"
        );
        let published = Step {
            regions: vec!["eu-west-1".to_owned(), "us-east-1".to_owned()],
            is_published: true,
            ..step(ImageState::Available)
        };
        assert_eq!(
            published.line(&name, None),
            "110304 1.0.0/2: AVAILABLE, in eu-west-1, us-east-1, published"
        );
        let failed = Step {
            failed: vec!["eu-west-1".to_owned()],
            reason: Some("no key".to_owned()),
            ..step(ImageState::Failed)
        };
        assert_eq!(
            failed.line(&name, None),
            "110304 1.0.0/2: FAILED, not in eu-west-1: no key"
        );
    }

    #[test]
    fn an_image_is_waited_for_until_it_is_published_or_has_failed() {
        let available = step(ImageState::Available);
        assert!(!available.is_final());
        let former = Step {
            is_current: false,
            ..available
        };
        assert!(former.is_final(), "another version is built by now");
        assert!(step(ImageState::Failed).is_final() && step(ImageState::Failed).has_failed());
        let building = step(ImageState::from("TESTING"));
        assert!(building.is_building() && !building.is_final());
    }
}
