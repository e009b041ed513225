//! ARNs of components and images, compared with the Regions of the environment.

use std::fmt::Display;

use super::entry::{Base, Entry};
use super::reference::{Reference, Target};
use super::region_names::RegionNames;
use super::spelling::quoted;
use crate::desired::BaseImage;
use crate::names::Region;
use crate::problem::{Place, Problem};

/// The components and images that cannot be in the building Region, because the document has no such Region.
/// Image Builder refuses a recipe with them (user guide, "Create a new version of an image recipe").
///
/// Which of several Regions is the building one, only the stack knows; the plan looks at that.
pub(super) fn problems<'a>(
    regions: &RegionNames,
    references: impl Iterator<Item = &'a Reference>,
    entries: &'a [Entry],
) -> Vec<Problem> {
    let used = entries.iter().flat_map(|entry| &entry.components);
    let components = references.chain(used).filter_map(component);
    let bases = entries
        .iter()
        .filter_map(|entry| image(entry.base.as_ref()?));
    components
        .chain(bases)
        .filter_map(|arn| arn.misfit(regions))
        .collect()
}

/// An ARN of Image Builder, and where the document has it.
struct Placed<'a> {
    arn: &'a dyn Display,
    partition: &'a str,
    region: &'a str,
    place: &'a Place,
}

fn component(reference: &Reference) -> Option<Placed<'_>> {
    let Target::Arn(arn) = &reference.target else {
        return None;
    };
    Some(Placed {
        arn,
        partition: arn.partition(),
        region: arn.region(),
        place: &reference.place,
    })
}

fn image(base: &Base) -> Option<Placed<'_>> {
    let BaseImage::Image(arn) = &base.image else {
        return None;
    };
    Some(Placed {
        arn,
        partition: arn.partition(),
        region: arn.region(),
        place: &base.place,
    })
}

impl Placed<'_> {
    fn misfit(&self, regions: &RegionNames) -> Option<Problem> {
        let known = regions.all()?;
        let problem = |expected: String| self.place.problem(self.arn.to_string(), expected);
        let Some(region) = known.iter().find(|region| region.as_str() == self.region) else {
            let known = quoted(known.iter().map(Region::as_str));
            let problem = problem(format!("an ARN of a Region of environment.json: {known}"));
            return Some(problem.hint(
                "Image Builder takes what is in its own Region; list the building Region in `regions`",
            ));
        };
        let partition = region.partition();
        (self.partition != partition).then(|| {
            problem(format!(
                "an ARN of the partition `{partition}`, where {region} is"
            ))
            .hint(format!("write `arn:{partition}:` at its beginning"))
        })
    }
}
