//! What a recipe is built on: the AMI behind it, and whether it fits.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::arn::VersionArn;
use crate::desired::{BaseImage, RecipeEntry};
use crate::licence::Licence;
use crate::names::{AmiId, RecipeName};
use crate::observed::{BaseAmi, Catalog, Subject};
use crate::owners::Owner;
use crate::plan::change::EncryptedDevice;
use crate::plan::devices::overlay;
use crate::plan::reason::{Blocked, Refused, Waiting};
use crate::plan::record::Plan;
use crate::plan::view::View;
use crate::resources;

/// What a recipe is built on.
pub(super) struct Base<'a> {
    /// As `parentImage` has it.
    pub(super) parent: String,
    /// The AMI in the building Region.
    ami: AmiId,
    /// What is known of it.
    known: &'a BaseAmi,
}

/// What a recipe is to those that are built on it.
pub(super) enum AsParent {
    /// They can be built on its newest image of this version, which is this AMI.
    Image(VersionArn, AmiId),
    /// They wait, for this reason.
    Lacks(String),
}

/// What the recipes planned so far are to those that are built on them, by folded name.
#[derive(Default)]
pub(super) struct Parents(BTreeMap<String, AsParent>);

impl Parents {
    pub(super) fn insert(&mut self, name: &RecipeName, as_parent: AsParent) {
        self.0.insert(name.folded(), as_parent);
    }

    /// The version and AMI to build on; parents are planned before those that are built on them.
    fn get(&self, name: &RecipeName) -> Result<(&VersionArn, &AmiId), Waiting> {
        let waiting = |reason: &str| Waiting::Parent {
            parent: name.clone(),
            reason: reason.to_owned(),
        };
        match self.0.get(&name.folded()) {
            Some(AsParent::Image(recipe, ami)) => Ok((recipe, ami)),
            Some(AsParent::Lacks(reason)) => Err(waiting(reason)),
            None => Err(waiting("is not planned yet")),
        }
    }

    /// What there is to wait for before an image is built on `base`, which only another recipe's image
    /// makes necessary.
    pub(super) fn blocks(&self, base: &BaseImage) -> Option<Waiting> {
        let BaseImage::Recipe(name) = base else {
            return None;
        };
        self.get(name).err()
    }
}

/// What `entry` is built on today.
pub(super) fn base<'a>(
    view: View<'a>,
    entry: &RecipeEntry,
    catalog: &'a Catalog,
    parents: &Parents,
) -> Result<Base<'a>, Blocked> {
    let (parent, ami) = match &entry.base {
        BaseImage::Ami(ami) => (ami.to_string(), ami.clone()),
        BaseImage::Parameter(name) => {
            let none = || Refused::Parameter(name.clone());
            let ami = catalog.parameters.get(name).ok_or_else(none)?;
            (entry.base.to_string(), ami.clone())
        }
        BaseImage::Image(arn) => {
            view.check_read(&Subject::ParentImage(arn.clone()))?;
            let missing = || Refused::ParentImageMissing(arn.clone());
            let ami = catalog.parents.get(arn).ok_or_else(missing)?;
            (arn.to_string(), ami.clone())
        }
        BaseImage::Recipe(name) => {
            let (recipe, ami) = parents.get(name)?;
            (recipe.of_images(), ami.clone())
        }
    };
    let known = base_ami(view, &ami, catalog).map_err(|reason| of_parameter(entry, reason))?;
    Ok(Base { parent, ami, known })
}

/// The reason, with the parameter that names the AMI: whoever wrote the document knows no AMI id.
fn of_parameter(entry: &RecipeEntry, reason: Refused) -> Refused {
    match &entry.base {
        BaseImage::Parameter(parameter) => {
            Refused::OfParameter(parameter.clone(), Box::new(reason))
        }
        BaseImage::Ami(_) | BaseImage::Image(_) | BaseImage::Recipe(_) => reason,
    }
}

/// Refuses a base of an owner that the documents do not allow. What another recipe has built is this
/// account's, and no other list says so.
pub(super) fn check_owner(
    view: View<'_>,
    entry: &RecipeEntry,
    base: &Base<'_>,
) -> Result<(), Refused> {
    let owners = match &entry.base {
        BaseImage::Recipe(_) => [Owner::Myself].into_iter().collect(),
        BaseImage::Ami(_) | BaseImage::Parameter(_) | BaseImage::Image(_) => {
            view.desired.base_owners.clone()
        }
    };
    let provenance = &base.known.provenance;
    if owners.allow(&provenance.owners(&view.stack.account)) {
        return Ok(());
    }
    let reason = Refused::BaseOwner {
        ami: base.ami.clone(),
        provenance: provenance.to_string(),
        owners,
    };
    Err(of_parameter(entry, reason))
}

/// The AMI that a parameter or an Image Builder image means today, with the time at which it was made. None if the entry is
/// built on something else, if it cannot be seen in this run, or if it is not allowed: nothing is built on that.
pub(in crate::plan) fn moving_base(
    view: View<'_>,
    entry: &RecipeEntry,
) -> Option<(AmiId, Timestamp)> {
    match entry.base {
        BaseImage::Ami(_) | BaseImage::Recipe(_) => return None,
        BaseImage::Parameter(_) | BaseImage::Image(_) => {}
    }
    let base = base(view, entry, view.catalog()?, &Parents::default()).ok()?;
    check_owner(view, entry, &base).ok()?;
    Some((base.ami.clone(), base.known.provenance.created?))
}

/// The licence of what `entry` is built on, if that can be seen in this run.
pub(super) fn base_licence(
    view: View<'_>,
    entry: &RecipeEntry,
    parents: &Parents,
) -> Option<Licence> {
    let base = base(view, entry, view.catalog()?, parents).ok()?;
    Some(base.known.licence()).filter(Licence::is_known)
}

/// Says that a base is deprecated, if it is by now.
pub(super) fn warn_of_deprecation(
    view: View<'_>,
    entry: &RecipeEntry,
    parents: &Parents,
    plan: &mut Plan,
) {
    let base = view
        .catalog()
        .and_then(|catalog| base(view, entry, catalog, parents).ok());
    let Some(Base { ami, known, .. }) = base else {
        return;
    };
    if let Some(since) = known
        .deprecated
        .filter(|since| *since <= view.observed.time)
    {
        plan.wait(&entry.name, Waiting::Deprecated { ami, since });
    }
}

/// Every device of the image, or why the base cannot be built on.
pub(super) fn devices(
    view: View<'_>,
    entry: &RecipeEntry,
    base: &Base<'_>,
) -> Result<Vec<EncryptedDevice>, Refused> {
    check_platform(view, entry, base)?;
    view.check_instance_types([(&base.ami, base.known)])?;
    overlay(&base.ami, base.known, &view.desired.volumes, view.stack)
}

fn check_platform(view: View<'_>, entry: &RecipeEntry, base: &Base<'_>) -> Result<(), Refused> {
    let (ami, ami_platform) = (base.ami.clone(), base.known.platform.as_str());
    if let Some(declared) = entry
        .platform
        .filter(|declared| *declared != base.known.platform)
    {
        return Err(Refused::DeclaredPlatform {
            declared: declared.as_str(),
            ami,
            ami_platform,
        });
    }
    let hardened_as = resources::platform(view.desired, entry);
    if view.desired.compliance.is_some() && hardened_as != base.known.platform {
        return Err(Refused::DeclaredPlatform {
            declared: hardened_as.as_str(),
            ami,
            ami_platform,
        });
    }
    match resources::component_documents(view.desired, entry)
        .find(|document| document.platform != base.known.platform)
    {
        None => Ok(()),
        Some(document) => Err(Refused::Platform {
            component: document.key.clone(),
            component_platform: document.platform.as_str(),
            ami,
            ami_platform,
        }),
    }
}

fn base_ami<'a>(view: View<'_>, ami: &AmiId, catalog: &'a Catalog) -> Result<&'a BaseAmi, Refused> {
    view.check_read(&Subject::Ami(ami.clone()))?;
    match catalog.base_amis.get(ami) {
        None => Err(Refused::BaseAmiMissing(ami.clone())),
        Some(found) if !found.available => Err(Refused::BaseAmiUnavailable(ami.clone())),
        Some(found) => Ok(found),
    }
}
