//! Whether an image may become what consumers launch: what a person decided about it, and what the documents ask
//! for first.
//!
//! A decision is kept in tags of the image, so that every list of images shows it and no run has to remember it.
//! Anybody who may tag images can decide: docs/gates.md says whom to give that right.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::arn::{ImageArn, Version};
use crate::names::NameError;
use crate::tags::Tags;

/// The image's tag with the verdict.
pub const VERDICT_TAG: &str = "goldsmith:verdict";
/// The image's tag with who gave it: the ARN of a caller, as STS names it.
pub const DECIDED_BY_TAG: &str = "goldsmith:decided-by";
/// The image's tag with when that was, in UTC.
pub const DECIDED_AT_TAG: &str = "goldsmith:decided-at";
/// The tag of an image that is or was published: it has passed everything that was asked for.
///
/// It has no time in it: two runs that publish the same image after a failure write the same.
pub const PROMOTED_TAG: &str = "goldsmith:promoted";
/// The image's tag with why.
pub const REASON_TAG: &str = "goldsmith:decision-reason";

/// The value of that tag where no reason was given: Image Builder keeps a tag until it is deleted.
const NO_REASON: &str = "none";

/// The most characters of a tag's value (Image Builder API reference, `TagResource`).
pub const LONGEST_TAG: usize = 256;

/// What the documents ask for before an image of a recipe is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Promotion {
    /// Whether a person has to approve it.
    pub approval: Approval,
    /// The image that the documents approve, if they name one.
    pub approved: Option<ImageVersion>,
    /// Whether the documents limit what its results may say.
    pub has_limits: bool,
}

/// Whether a person has to approve an image before it is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Approval {
    /// Every image that its tests let through is published.
    #[default]
    None,
    /// An image waits until a person approves it.
    Required,
}

/// The version and build of an image, such as `1.0.3/2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageVersion {
    version: Version,
    build: u32,
}

impl From<&ImageArn> for ImageVersion {
    fn from(image: &ImageArn) -> Self {
        let (version, build) = (image.version(), image.build());
        Self { version, build }
    }
}

impl FromStr for ImageVersion {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let parsed = || {
            let (version, build) = text.split_once('/')?;
            let build = build.parse().ok().filter(|_| is_number(build))?;
            let version = version.parse().ok()?;
            Some(Self { version, build }).filter(|image| image.build > 0)
        };
        parsed().ok_or_else(|| NameError {
            found: text.to_owned(),
            expected: "the version and build of an image, such as `1.0.3/2`",
        })
    }
}

impl fmt::Display for ImageVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.version, self.build)
    }
}

/// What a person decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may be published.
    Approved,
    /// It must not be published, and is no more if it is.
    Rejected,
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// A person's decision about an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub verdict: Verdict,
    /// Who decided it; empty if no tag says so.
    pub by: String,
    /// When.
    pub at: Option<Timestamp>,
    /// Why, if a reason was given.
    pub reason: Option<String>,
}

impl fmt::Display for Decision {
    /// As a sentence goes on after "the image was": the verdict, by whom, when, and why.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verdict.as_str())?;
        if !self.by.is_empty() {
            write!(f, " by {}", self.by)?;
        }
        if let Some(at) = self.at {
            write!(f, " at {at}")?;
        }
        let reason = self.reason.as_deref().unwrap_or("no reason given");
        write!(f, " ({reason})")
    }
}

impl Decision {
    /// The decision that the tags of an image carry. A verdict of another spelling is none.
    pub fn of(tags: &Tags) -> Option<Self> {
        let given = tags.get(VERDICT_TAG)?;
        let verdicts = [Verdict::Approved, Verdict::Rejected];
        let verdict = verdicts
            .into_iter()
            .find(|verdict| verdict.as_str() == given)?;
        Some(Self {
            verdict,
            by: tags.get(DECIDED_BY_TAG).cloned().unwrap_or_default(),
            at: tags.get(DECIDED_AT_TAG).and_then(|at| at.parse().ok()),
            reason: tags
                .get(REASON_TAG)
                .filter(|why| *why != NO_REASON)
                .cloned(),
        })
    }

    /// The tags that carry it; a long text is cut to what a tag takes.
    pub fn tags(&self) -> Tags {
        let cut = |text: &str| text.chars().take(LONGEST_TAG).collect::<String>();
        let mut tags: Tags = [
            (VERDICT_TAG, self.verdict.as_str().to_owned()),
            (DECIDED_BY_TAG, cut(&self.by)),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
        tags.extend(
            self.at
                .map(|at| (DECIDED_AT_TAG.to_owned(), at.to_string())),
        );
        // A reason of an earlier decision must not stand beside this one.
        let reason = self.reason.as_deref().unwrap_or(NO_REASON);
        tags.insert(REASON_TAG.to_owned(), cut(reason));
        tags
    }
}

/// Whether a person has taken an image out of use.
pub fn is_rejected(tags: &Tags) -> bool {
    Decision::of(tags).is_some_and(|decision| decision.verdict == Verdict::Rejected)
}

/// Whether a person has approved an image.
pub fn is_approved(tags: &Tags) -> bool {
    Decision::of(tags).is_some_and(|decision| decision.verdict == Verdict::Approved)
}

/// What keeps an available image from being published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// Its results were not looked at.
    Unjudged,
    /// Its results do not let it pass, with the reasons.
    Results(Vec<String>),
    /// A person has to approve it first.
    Approval,
    /// A person has rejected it.
    Rejected(Decision),
}

/// What keeps an available image with these tags from being published; nothing if it may be. `objections` are
/// those of its results, if somebody has looked.
///
/// A rejection counts for more than a line of the documents: it is the later word about one image. What was published
/// once is not judged again: it is what people go back to. A person's approval replaces no waiver.
pub fn hold(
    promotion: &Promotion,
    image: &ImageArn,
    tags: &Tags,
    objections: Option<&[String]>,
) -> Option<Hold> {
    let decision = Decision::of(tags);
    if let Some(decision) = &decision
        && decision.verdict == Verdict::Rejected
    {
        return Some(Hold::Rejected(decision.clone()));
    }
    if tags.contains_key(PROMOTED_TAG) {
        return None;
    }
    let of_results = promotion.has_limits.then(|| held_by_results(objections));
    of_results.flatten().or_else(|| {
        let approved = decision.is_some() || promotion.approved == Some(image.into());
        (promotion.approval == Approval::Required && !approved).then_some(Hold::Approval)
    })
}

fn held_by_results(objections: Option<&[String]>) -> Option<Hold> {
    match objections {
        None => Some(Hold::Unjudged),
        Some([]) => None,
        Some(reasons) => Some(Hold::Results(reasons.to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(verdict: &str) -> Tags {
        [(VERDICT_TAG.to_owned(), verdict.to_owned())].into()
    }

    #[test]
    fn a_decision_is_read_from_the_tags_that_carry_it() {
        let decision = Decision {
            verdict: Verdict::Rejected,
            by: "arn:aws:sts::111122223333:assumed-role/operator/jane".to_owned(),
            at: "2026-11-30T10:00:00Z".parse().ok(),
            reason: Some("the agent does not start".to_owned()),
        };
        assert_eq!(Decision::of(&decision.tags()), Some(decision.clone()));
        let long = Decision {
            reason: Some("ä".repeat(300)),
            ..decision
        };
        let lengths = long.tags().into_values().map(|value| value.chars().count());
        assert_eq!(lengths.max(), Some(LONGEST_TAG));
    }

    #[test]
    fn an_image_waits_for_the_approval_that_the_documents_ask_for() {
        let image: ImageArn =
            "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.3/2"
                .parse()
                .expect("an ARN");
        let required = |approved: Option<&str>| Promotion {
            approval: Approval::Required,
            approved: approved.map(|text| text.parse().expect("a version")),
            has_limits: false,
        };
        let held = |promotion, verdict: Option<&str>| {
            let tags = verdict.map(tags).unwrap_or_default();
            hold(&promotion, &image, &tags, None)
        };
        assert_eq!(held(Promotion::default(), None), None);
        assert_eq!(held(required(None), None), Some(Hold::Approval));
        assert_eq!(held(required(Some("1.0.3/1")), None), Some(Hold::Approval));
        assert_eq!(held(required(Some("1.0.3/2")), None), None);
        assert_eq!(held(required(None), Some("approved")), None);
        for promotion in [Promotion::default(), required(Some("1.0.3/2"))] {
            let held = held(promotion, Some("rejected"));
            assert!(matches!(held, Some(Hold::Rejected(_))), "{promotion:?}");
        }
    }

    #[test]
    fn results_hold_an_image_back_until_they_pass_or_it_was_published_before() {
        let image: ImageArn =
            "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.3/2"
                .parse()
                .expect("an ARN");
        let limits = Promotion {
            has_limits: true,
            ..Promotion::default()
        };
        let held = |tags: &Tags, objections| hold(&limits, &image, tags, objections);
        let (none, bad) = (Tags::new(), ["1 failed".to_owned()]);
        assert_eq!(held(&none, None), Some(Hold::Unjudged));
        assert_eq!(held(&none, Some(&[])), None);
        assert_eq!(held(&none, Some(&bad)), Some(Hold::Results(bad.to_vec())));
        assert_eq!(
            held(&tags("approved"), Some(&bad)),
            Some(Hold::Results(bad.to_vec())),
            "an approval is no waiver"
        );
        let promoted: Tags = [(PROMOTED_TAG.to_owned(), "nothing".to_owned())].into();
        assert_eq!(held(&promoted, Some(&bad)), None);
    }

    #[test]
    fn the_version_of_an_image_has_a_build() {
        let read = |text: &str| text.parse::<ImageVersion>().ok();
        assert_eq!(
            read("1.0.3/12").map(|image| image.to_string()),
            Some("1.0.3/12".to_owned())
        );
        for text in [
            "1.0.3",
            "1.0.3/",
            "1.0.3/0",
            "1.0.3/+1",
            "1.0/1",
            "1.x.x/1",
            "1.0.3/1/1",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_verdict_of_another_spelling_is_no_decision() {
        for verdict in ["", "Approved", "approved ", "yes", "REJECTED"] {
            assert_eq!(Decision::of(&tags(verdict)), None, "{verdict:?}");
        }
        assert!(is_rejected(&tags("rejected")) && !is_rejected(&tags("approved")));
    }
}
