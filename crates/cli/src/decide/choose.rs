//! Which image a decision is about.

use goldsmith_domain::observed::{Image, ImageState};
use goldsmith_domain::promotion::{Decision, ImageVersion, PROMOTED_TAG, Verdict};

/// No image can be decided about.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// The recipe has no such image.
    #[error("the recipe has no image {0}")]
    Unknown(ImageVersion),
    /// It has another state.
    #[error("image {image} is {state}, and only an AVAILABLE image can be approved or rejected")]
    NotAvailable {
        /// The image.
        image: ImageVersion,
        /// Its state, as the service spells it.
        state: String,
    },
    /// There is none.
    #[error("the recipe has no available image that is not rejected")]
    None,
    /// The published image is the only one.
    #[error("no other image of the recipe could take the place of {0}")]
    NoOther(ImageVersion),
    /// There is nothing to go back from.
    #[error("nothing of the recipe is published")]
    NothingPublished,
}

/// The builds of a recipe.
#[derive(Debug, Clone, Copy)]
pub struct Builds<'a> {
    images: &'a [Image],
    slug: &'a str,
}

impl<'a> Builds<'a> {
    /// Those among `images` that have the recipe's folded name.
    pub fn new(images: &'a [Image], slug: &'a str) -> Self {
        Self { images, slug }
    }

    /// The newest first.
    fn all(self) -> Vec<&'a Image> {
        let own = self.images.iter();
        let mut own: Vec<_> = own.filter(|image| image.arn.slug() == self.slug).collect();
        own.sort_by(|a, b| b.arn.cmp(&a.arn));
        own
    }

    /// The image that is named, or the newest available one that nobody has rejected.
    pub fn chosen(self, named: Option<ImageVersion>) -> Result<&'a Image, ChoiceError> {
        let Some(version) = named else {
            return self.usable().next().ok_or(ChoiceError::None);
        };
        let mut all = self.all().into_iter();
        let found = all.find(|image| ImageVersion::from(&image.arn) == version);
        let image = found.ok_or(ChoiceError::Unknown(version))?;
        if image.state == ImageState::Available {
            return Ok(image);
        }
        Err(ChoiceError::NotAvailable {
            image: version,
            state: crate::status::state(&image.state).to_owned(),
        })
    }

    /// The image that takes the place of the published one: one that was published before, if there is one.
    pub fn instead_of(self, published: &Image) -> Result<&'a Image, ChoiceError> {
        let before = || self.usable().filter(|image| image.arn < published.arn);
        let mut promoted = before().filter(|image| image.tags.contains_key(PROMOTED_TAG));
        let found = promoted.next().or_else(|| before().next());
        found.ok_or_else(|| ChoiceError::NoOther((&published.arn).into()))
    }

    fn usable(self) -> impl Iterator<Item = &'a Image> {
        let all = self.all().into_iter();
        all.filter(|image| {
            image.state == ImageState::Available && verdict(image) != Some(Verdict::Rejected)
        })
    }
}

/// What a person has decided about an image.
pub fn verdict(image: &Image) -> Option<Verdict> {
    Decision::of(&image.tags).map(|decision| decision.verdict)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use goldsmith_domain::promotion::VERDICT_TAG;

    use super::*;

    fn image(version: &str, state: ImageState, verdict: Option<&str>) -> Image {
        let arn = format!("arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-x/{version}");
        let tags = verdict.map(|verdict| (VERDICT_TAG.to_owned(), verdict.to_owned()));
        Image {
            arn: arn.parse().expect("an ARN"),
            state,
            reason: None,
            amis: BTreeMap::new(),
            copies: Vec::new(),
            failed_targets: Vec::new(),
            failed_in: None,
            created: None,
            failure: None,
            tags: tags.into_iter().collect(),
        }
    }

    fn history() -> Vec<Image> {
        vec![
            image("1.0.0/2", ImageState::Available, None),
            image("1.0.0/10", ImageState::Available, None),
            image("1.0.0/11", ImageState::Available, Some("rejected")),
            image("1.0.0/12", ImageState::Failed, None),
        ]
    }

    fn version(text: &str) -> ImageVersion {
        text.parse().expect("a version")
    }

    #[test]
    fn without_a_name_it_is_the_newest_available_image_that_nobody_has_rejected() {
        let images = history();
        let builds = Builds::new(&images, "mstr-x");
        let chosen = builds.chosen(None).map(|image| image.arn.build());
        assert_eq!(chosen, Ok(10));
        let named = builds.chosen(Some(version("1.0.0/11")));
        assert_eq!(
            named.map(|image| image.arn.build()),
            Ok(11),
            "to approve it after all"
        );
        let others = Builds::new(&images, "mstr-y");
        assert_eq!(
            others.chosen(None).map(|image| image.arn.build()),
            Err(ChoiceError::None)
        );
    }

    #[test]
    fn an_image_that_cannot_be_published_is_not_chosen() {
        let images = history();
        let builds = Builds::new(&images, "mstr-x");
        let failed = builds
            .chosen(Some(version("1.0.0/12")))
            .expect_err("it failed");
        assert_eq!(
            failed.to_string(),
            "image 1.0.0/12 is FAILED, and only an AVAILABLE image can be approved or rejected"
        );
        let unknown = builds
            .chosen(Some(version("1.0.0/3")))
            .expect_err("there is none");
        assert_eq!(unknown, ChoiceError::Unknown(version("1.0.0/3")));
    }

    #[test]
    fn the_image_before_the_published_one_takes_its_place() {
        let images = history();
        let builds = Builds::new(&images, "mstr-x");
        let before = builds.instead_of(&images[1]).map(|image| image.arn.build());
        assert_eq!(before, Ok(2));
        let none = builds.instead_of(&images[0]).map(|image| image.arn.build());
        assert_eq!(none, Err(ChoiceError::NoOther(version("1.0.0/2"))));
    }
}
