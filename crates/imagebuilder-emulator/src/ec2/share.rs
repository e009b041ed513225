//! Launch permissions: how requests write them, and which EC2 refuses.

use super::{Ami, AmiState, Ec2, LaunchPermission, Snapshot, query::Query, refused};
use crate::{caller, refusal::Refusal};

impl Ec2 {
    /// Adds launch permissions to an AMI. A public AMI becomes deprecated two years after its
    /// creation at the latest (User Guide, "Deprecate an Amazon EC2 AMI").
    pub fn share(&mut self, id: &str, add: Vec<LaunchPermission>) -> Result<(), Refusal> {
        if add.is_empty() {
            return Ok(());
        }
        self.check_share(id, &add)?;
        let ami = self.ami_mut(id)?;
        ami.permissions.extend(add);
        if ami.is_public() {
            let limit = ami.latest_public_deprecation();
            ami.deprecated = Some(ami.deprecated.map_or(limit, |at| at.min(limit)));
        }
        Ok(())
    }

    fn check_share(&self, id: &str, add: &[LaunchPermission]) -> Result<(), Refusal> {
        let Some(ami) = self.amis.get(id) else {
            return Ok(());
        };
        if ami.state == AmiState::Disabled {
            return Err(refused(
                "InvalidAMIID.Unavailable",
                format!("The image ID '{id}' is disabled"),
            ));
        }
        if self.snapshots_of(ami).any(Snapshot::has_default_key) {
            let message = "Snapshots encrypted with the AWS Managed CMK can't be shared";
            return Err(refused("InvalidParameter", message));
        }
        if add.contains(&LaunchPermission::All) {
            self.check_public(ami)
        } else {
            Ok(())
        }
    }

    /// An AMI stays private if its account blocks public access, if its snapshots are encrypted, or
    /// if it has a product code. Only the first text is recorded.
    fn check_public(&self, ami: &Ami) -> Result<(), Refusal> {
        if self.blocks_public_access(&ami.owner, &ami.region) {
            let message = "You can’t publicly share this image because block public access for AMIs is \
                           enabled for this account. To publicly share the image, you must call the \
                           DisableImageBlockPublicAccess API.";
            return Err(refused("OperationNotPermitted", message));
        }
        if self.snapshots_of(ami).any(|snapshot| snapshot.encrypted) {
            let message = "Images with encrypted snapshots cannot be made public.";
            return Err(refused("OperationNotPermitted", message));
        }
        if !ami.product_codes.is_empty() {
            let message = "Images with an AWS Marketplace product code cannot be made public.";
            return Err(refused("OperationNotPermitted", message));
        }
        Ok(())
    }

    /// The snapshots that an AMI is made of, as far as they still exist.
    pub fn snapshots_of<'a>(&'a self, ami: &'a Ami) -> impl Iterator<Item = &'a Snapshot> {
        ami.snapshots().filter_map(|id| self.snapshots.get(id))
    }
}

/// A change of permissions, of an AMI's or of a snapshot's.
pub(super) struct Change {
    pub add: Vec<LaunchPermission>,
    pub remove: Vec<LaunchPermission>,
}

impl Change {
    /// Reads either form: `<attribute>.Add.n` and `.Remove.n`, or the older one with `UserId.n`,
    /// `UserGroup.n` and so on under an `OperationType`.
    pub fn of(query: &Query, attribute: &str) -> Result<Self, Refusal> {
        let permissions = |operation: &str| {
            let items = query.items(&format!("{attribute}.{operation}"));
            items
                .iter()
                .map(|item| permission(item, attribute))
                .collect::<Result<Vec<_>, _>>()
        };
        let mut change = Self {
            add: permissions("Add")?,
            remove: permissions("Remove")?,
        };
        let flat = flat(query, attribute)?;
        match query.text("OperationType") {
            Some("add") => change.add.extend(flat),
            Some("remove") => change.remove.extend(flat),
            Some(_) | None if flat.is_empty() => {}
            Some(_) | None => {
                query.required("OperationType")?;
                query.one_of("OperationType", &["add", "remove"])?;
            }
        }
        Ok(change)
    }
}

fn permission(item: &Query, attribute: &str) -> Result<LaunchPermission, Refusal> {
    if let Some(user) = item.text("UserId") {
        return account(user);
    }
    let organization = item.text("OrganizationArn").map(str::to_owned);
    let unit = item.text("OrganizationalUnitArn").map(str::to_owned);
    let organization = organization.map(LaunchPermission::Organization);
    let unit = unit.map(LaunchPermission::OrganizationalUnit);
    organization
        .or(unit)
        .or_else(|| everybody(item.text("Group")))
        .ok_or_else(|| invalid_item(attribute))
}

fn everybody(group: Option<&str>) -> Option<LaunchPermission> {
    (group == Some("all")).then_some(LaunchPermission::All)
}

fn invalid_item(attribute: &str) -> Refusal {
    refused(
        "InvalidAMIAttributeItemValue",
        format!("Invalid attribute item value for {attribute}"),
    )
}

fn account(user: &str) -> Result<LaunchPermission, Refusal> {
    if caller::is_account(user) {
        return Ok(LaunchPermission::User(user.to_owned()));
    }
    let message = format!("Invalid attribute item value \"{user}\" for userId item type.");
    Err(refused("InvalidAMIAttributeItemValue", message))
}

fn flat(query: &Query, attribute: &str) -> Result<Vec<LaunchPermission>, Refusal> {
    let mut found = query
        .list("UserId")
        .iter()
        .map(|user| account(user))
        .collect::<Result<Vec<_>, _>>()?;
    for group in query.list("UserGroup") {
        found.push(everybody(Some(&group)).ok_or_else(|| invalid_item(attribute))?);
    }
    found.extend(
        query
            .list("OrganizationArn")
            .into_iter()
            .map(LaunchPermission::Organization),
    );
    found.extend(
        query
            .list("OrganizationalUnitArn")
            .into_iter()
            .map(LaunchPermission::OrganizationalUnit),
    );
    Ok(found)
}
