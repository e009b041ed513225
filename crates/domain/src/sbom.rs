//! The software list of an image, as Image Builder has it of the inventory of Systems Manager (API reference,
//! `ListImagePackages`), and as `CycloneDX` 1.5.
//!
//! An instance on which other people's components run as root writes that inventory. So the list is what the image says
//! of itself: its texts are made printable, and their number is bounded by the reader.

mod difference;
mod purl;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

pub use self::difference::{Changed, Difference, difference};
use crate::arn::ImageArn;
use crate::digest;
use crate::escape::printable;
use crate::names::{AmiId, RecipeName, Region};

/// The largest stored list that is read.
pub const LARGEST: usize = 8 << 20;

/// What `CycloneDX` calls a list of which something is known to be missing.
const INCOMPLETE: &str = "incomplete";

/// How much of a name or a version is kept.
const LONGEST: usize = 256;

/// Where the software list of an image is in the output bucket, by its AMI in the building Region.
///
/// It is not below `results/`: build instances write there, and only functions write here.
pub fn key(ami: &AmiId) -> String {
    format!("sboms/{ami}.cdx.json")
}

/// A package that is installed in an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Its name, as the package manager has it.
    pub name: String,
    /// Its version; may be empty.
    pub version: String,
}

impl Package {
    /// A package as it is kept: printable and short. None without a name.
    pub fn new(name: &str, version: &str) -> Option<Self> {
        let kept = |text: &str| printable(&text.trim().chars().take(LONGEST).collect::<String>());
        let package = Self {
            name: kept(name),
            version: kept(version),
        };
        Some(package).filter(|package| !package.name.is_empty())
    }
}

/// The software list of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Software {
    /// The recipe.
    pub recipe: RecipeName,
    /// The image.
    pub image: ImageArn,
    /// Its AMIs.
    pub amis: BTreeMap<Region, AmiId>,
    /// Its operating system, in Image Builder's words.
    pub os: Option<String>,
    /// When it was built.
    pub built: Option<Timestamp>,
    /// Its packages.
    pub packages: BTreeSet<Package>,
    /// Whether they are all that Image Builder lists.
    pub is_whole: bool,
}

impl Software {
    /// The list as a document of `CycloneDX` 1.5 (its specification, JSON). The same list is always the same
    /// document: nothing in it says when it was written.
    pub fn cyclonedx(&self) -> Value {
        let image = self.image.to_string();
        let components: Vec<Value> = self
            .packages
            .iter()
            .map(|package| self.component(package))
            .collect();
        let aggregate = if self.is_whole { "unknown" } else { INCOMPLETE };
        json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "serialNumber": serial_number(&image),
            "version": 1,
            "metadata": self.metadata(&image),
            "components": components,
            "compositions": [{ "aggregate": aggregate, "assemblies": [image] }],
        })
    }

    fn metadata(&self, image: &str) -> Value {
        let (version, build) = (self.image.version(), self.image.build());
        let amis = self.amis.iter().map(|(region, ami)| {
            json!({ "name": format!("goldsmith:ami:{region}"), "value": ami.as_str() })
        });
        let os = self.os.iter();
        let os = os.map(|os| json!({ "name": "goldsmith:os", "value": printable(os) }));
        let properties: Vec<Value> = amis.chain(os).collect();
        let mut metadata = json!({
            "tools": { "components": [{
                "type": "application", "name": "goldsmith", "version": env!("CARGO_PKG_VERSION"),
            }] },
            "component": {
                "type": "operating-system",
                "bom-ref": image,
                "name": self.recipe.to_string(),
                "version": format!("{version}/{build}"),
                "properties": properties,
            },
        });
        if let Some(built) = self.built {
            metadata["timestamp"] = json!(built.to_string());
        }
        metadata
    }

    fn component(&self, package: &Package) -> Value {
        let Package { name, version } = package;
        let mut component = json!({
            "type": "library",
            "bom-ref": format!("{name}@{version}"),
            "name": name,
        });
        if !version.is_empty() {
            component["version"] = json!(version);
        }
        if let Some(purl) = self.os.as_deref().and_then(|os| purl::of(os, package)) {
            component["purl"] = json!(purl);
        }
        component
    }
}

/// A serial number that only this image has: of its ARN, in the form of RFC 9562, version 8.
fn serial_number(image: &str) -> String {
    let hash = digest::of_bytes(image.as_bytes()).to_string();
    let [first, second, third, fourth, fifth] =
        [0..8, 8..12, 13..16, 17..20, 20..32].map(|range| hash.get(range).unwrap_or_default());
    format!("urn:uuid:{first}-{second}-8{third}-8{fourth}-{fifth}")
}

/// The members of a stored document that are read back.
#[derive(Deserialize)]
struct Stored {
    #[serde(rename = "bomFormat")]
    format: String,
    components: Vec<StoredComponent>,
    #[serde(default)]
    compositions: Vec<StoredComposition>,
}

#[derive(Deserialize)]
struct StoredComposition {
    aggregate: String,
}

#[derive(Deserialize)]
struct StoredComponent {
    name: String,
    #[serde(default)]
    version: String,
}

/// The packages in a stored document, and whether they are all that Image Builder listed.
///
/// Errors: why it is no software list, as a sentence.
pub fn packages_in(bytes: &[u8]) -> Result<(BTreeSet<Package>, bool), String> {
    if bytes.len() > LARGEST {
        return Err(format!("it has more than {} MiB", LARGEST >> 20));
    }
    let stored: Stored = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if stored.format != "CycloneDX" {
        return Err(format!("its format is {}", printable(&stored.format)));
    }
    let components = stored.components.iter();
    let package = |one: &StoredComponent| Package::new(&one.name, &one.version);
    let mut compositions = stored.compositions.iter();
    let is_whole = !compositions.any(|one| one.aggregate == INCOMPLETE);
    Ok((components.filter_map(package).collect(), is_whole))
}
