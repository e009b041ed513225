//! How an image can be brought to an account, by what it is licensed with: as the documents ask, by
//! building it again there, or not at all.
//!
//! Entry point: [`serve`]. What current documentation does not settle is refused. What an AMI is billed
//! by (`BillingProducts`) cannot be read; it is inferred from the usage operation, whose table is in
//! [`table`](self::table).

mod table;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use self::table::Billing;
use crate::consumers::DeliveryMode;
use crate::desired::Platform;

/// The page "Copy an Amazon EC2 AMI".
const COPYING: &str = "CopyingAMIs";

/// What an AMI says of its licences (EC2 `Image`). An image that is built on it inherits all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Licence {
    /// `UsageOperation`, such as `RunInstances:0002`; empty if it is not known.
    pub usage_operation: String,
    /// `PlatformDetails`, such as `Windows`; empty if it is not known.
    pub platform_details: String,
    /// `Platform`.
    pub platform: Platform,
    /// The kinds of its product codes.
    pub product_codes: BTreeSet<ProductCodeKind>,
}

/// What a product code is of (EC2 `ProductCode`, `ProductCodeType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProductCodeKind {
    /// AWS Marketplace.
    Marketplace,
    /// Amazon `DevPay`, which takes no new products (EC2 user guide, "Paid AMIs").
    Devpay,
    /// A kind that this release does not know.
    Other,
}

impl From<&str> for ProductCodeKind {
    fn from(word: &str) -> Self {
        match word {
            "marketplace" => Self::Marketplace,
            "devpay" => Self::Devpay,
            _ => Self::Other,
        }
    }
}

impl ProductCodeKind {
    /// EC2's word.
    fn as_str(self) -> &'static str {
        match self {
            Self::Marketplace => "marketplace",
            Self::Devpay => "devpay",
            Self::Other => "other",
        }
    }
}

/// How an image can be brought to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As the documents ask.
    AsAsked,
    /// Only by launching it in the account and making an AMI of the instance there.
    Rebuild(Barrier),
    /// Not at all.
    Refused(Barrier),
}

/// Why an image cannot be copied into another account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barrier {
    /// What the image is, such as `Windows (RunInstances:0002)`.
    pub found: String,
    /// Why that is not copied, as a part of a sentence.
    pub reason: &'static str,
    /// How the image can be built again in the account, if that is documented.
    pub rebuild: Option<&'static str>,
    /// The page of the EC2 user guide that decides, by its file name.
    pub page: &'static str,
}

impl fmt::Display for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            found,
            reason,
            rebuild,
            page,
        } = self;
        write!(
            f,
            "{found}, and {reason} (EC2 user guide, {page}); say `\"serve\": \"share\"` for the account, or "
        )?;
        write!(
            f,
            "`\"workload-accounts\": \"share\"` for all workload accounts"
        )?;
        rebuild.map_or(Ok(()), |how| {
            write!(
                f,
                "; or say `rebuild` for the account, with a role, an instance profile and its own "
            )?;
            write!(f, "`kms-keys`, to have the image built again there ({how})")
        })
    }
}

/// What earlier editions of the page on copying, and the current one for Marketplace AMIs, name instead
/// of a copy. The new AMI keeps product codes and billing codes (EC2 API reference, `CreateImage` and
/// `RegisterImage`).
const RELAUNCH: &str = "launch it there and make an AMI of the instance";
/// A launch undoes what Sysprep did: it specializes the image (EC2 user guide, "Create an Amazon EC2 AMI
/// using Windows Sysprep").
const RELAUNCH_SYSPREP: &str =
    "launch it there, generalize the instance with Sysprep once more, and make an AMI of it";

/// How an image with this licence can be brought to an account in the way that is asked for.
///
/// `sysprep` is what the documents declare. A copy of a generalized image is generalized like its source,
/// since copying launches nothing; so it only tells what building again takes.
pub fn serve(licence: &Licence, sysprep: Option<bool>, way: DeliveryMode) -> Verdict {
    match way {
        // Launch permissions ask for ownership and for a key of one's own, whatever the billing code ("Share
        // an AMI with specific AWS accounts"); with a product code an AMI cannot be made public, but shared
        // with accounts ("Make your AMI publicly available"). Who launches needs the subscription.
        DeliveryMode::Share => Verdict::AsAsked,
        DeliveryMode::Copy => copy(licence, sysprep),
    }
}

fn copy(licence: &Licence, sysprep: Option<bool>) -> Verdict {
    let relaunch = relaunch(licence, sysprep);
    if let Some(kind) = licence.product_codes.iter().max() {
        return of_product_code(*kind, licence, relaunch);
    }
    let barrier = |reason, rebuild| Barrier {
        found: licence.found(),
        reason,
        rebuild,
        page: COPYING,
    };
    match table::billing(licence) {
        Some(Billing::None) => Verdict::AsAsked,
        Some(Billing::WithInstance) => Verdict::Rebuild(barrier(
            "nothing says that an AMI whose licence is billed with the instance can be copied into another account, \
             which earlier editions of the user guide rule out",
            Some(relaunch),
        )),
        None => Verdict::Refused(Barrier {
            page: table::PAGE,
            ..barrier(unlisted(licence), None)
        }),
    }
}

fn relaunch(licence: &Licence, sysprep: Option<bool>) -> &'static str {
    match (licence.platform, sysprep) {
        (Platform::Windows, Some(true)) => RELAUNCH_SYSPREP,
        (Platform::Windows, Some(false) | None) | (Platform::Linux, _) => RELAUNCH,
    }
}

/// Of several codes the one with the least documented way out decides.
fn of_product_code(kind: ProductCodeKind, licence: &Licence, relaunch: &'static str) -> Verdict {
    let found = format!(
        "{} with a product code of the kind {}",
        licence.found(),
        kind.as_str()
    );
    let barrier = |reason, rebuild| Barrier {
        found,
        reason,
        rebuild,
        page: COPYING,
    };
    match kind {
        ProductCodeKind::Marketplace => Verdict::Rebuild(barrier(
            "an AMI from AWS Marketplace, or made of one, cannot be copied into another account",
            Some(relaunch),
        )),
        ProductCodeKind::Devpay | ProductCodeKind::Other => Verdict::Refused(barrier(
            "nothing says that an AMI with such a code can be copied into another account",
            None,
        )),
    }
}

fn unlisted(licence: &Licence) -> &'static str {
    if licence.is_known() {
        "the table of billing codes does not have that"
    } else {
        "neither its base image nor its own AMI tells a usage operation"
    }
}

impl Licence {
    /// The licence of an AMI that cannot be seen.
    pub fn unknown() -> Self {
        let (usage_operation, platform_details) = (String::new(), String::new());
        Self {
            usage_operation,
            platform_details,
            platform: Platform::Linux,
            product_codes: BTreeSet::new(),
        }
    }

    /// Whether it is known.
    pub fn is_known(&self) -> bool {
        !self.usage_operation.is_empty()
    }

    fn found(&self) -> String {
        if !self.is_known() {
            return "the image's licence is not known".to_owned();
        }
        let details = if self.platform_details.is_empty() {
            "an image"
        } else {
            &self.platform_details
        };
        format!("the image is {details} ({})", self.usage_operation)
    }

    /// The licence as a part of a tag's value; none if it is not known.
    pub(crate) fn to_tag(&self) -> Option<String> {
        let Self {
            usage_operation,
            platform_details,
            platform,
            product_codes,
        } = self;
        let codes: Vec<&str> = product_codes.iter().map(|kind| kind.as_str()).collect();
        let parts = [
            usage_operation.as_str(),
            platform.as_str(),
            &codes.join("+"),
            platform_details,
        ];
        self.is_known()
            .then(|| parts.join("/").chars().map(allowed).collect())
    }

    /// What [`to_tag`](Self::to_tag) made of a licence.
    pub(crate) fn from_tag(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '/');
        let mut next = || parts.next();
        let (usage_operation, platform, codes) = (next()?, next()?, next()?);
        let codes = codes.split('+').filter(|word| !word.is_empty());
        let platform = Platform::ALL
            .into_iter()
            .find(|known| known.as_str() == platform)?;
        Some(Self {
            usage_operation: usage_operation.to_owned(),
            platform,
            product_codes: codes.map(ProductCodeKind::from).collect(),
            // The last part, since `Linux/UNIX` holds the separator.
            platform_details: next()?.to_owned(),
        })
        .filter(Self::is_known)
    }
}

/// What a tag's value may hold (General reference, "Tag naming limits"); everything else becomes `_`.
fn allowed(character: char) -> char {
    if character.is_ascii_alphanumeric() || " +-=._:/@".contains(character) {
        character
    } else {
        '_'
    }
}

#[cfg(test)]
mod tests;
