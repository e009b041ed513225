//! Launch permissions: DescribeImageAttribute and ModifyImageAttribute.

use super::{
    Ami, Ec2, LaunchPermission,
    answer::{self, Answer},
    describe::unknown_image,
    query::{Ec2Request, Query},
    refused,
    xml::Xml,
};
use crate::{caller, refusal::Refusal};

/// DescribeImageAttribute, of the attribute `launchPermission`.
pub(crate) fn describe_image_attribute(request: &mut Ec2Request<'_>) -> Answer {
    only_launch_permission(request.query.required("Attribute")?)?;
    let id = owned(request)?;
    let permissions = request.ec2.amis.get(&id).into_iter().flat_map(|ami| &ami.permissions);
    let items = permissions.map(|permission| match permission {
        LaunchPermission::All => Xml::new("item").text("group", "all"),
        LaunchPermission::User(user) => Xml::new("item").text("userId", user),
        LaunchPermission::Organization(arn) => Xml::new("item").text("organizationArn", arn),
        LaunchPermission::OrganizationalUnit(arn) => Xml::new("item").text("organizationalUnitArn", arn),
    });
    Ok(vec![Xml::leaf("imageId", &id), Xml::list("launchPermission", items)])
}

/// ModifyImageAttribute, of the attribute `launchPermission`, in either of its two forms.
pub(crate) fn modify_image_attribute(request: &mut Ec2Request<'_>) -> Answer {
    only_launch_permission(request.query.text("Attribute").unwrap_or("launchPermission"))?;
    let id = owned(request)?;
    let change = Change::of(&request.query)?;
    if !change.add.is_empty() {
        check_keys(request.ec2, &id)?;
    }
    if let Some(ami) = request.ec2.amis.get_mut(&id) {
        change.apply(ami);
    }
    Ok(answer::done())
}

/// EC2 refuses to share an AMI whose snapshots are encrypted with the account's default key.
pub(crate) fn check_keys(ec2: &Ec2, id: &str) -> Result<(), Refusal> {
    let snapshots = ec2.amis.get(id).into_iter().flat_map(Ami::snapshots);
    let mut snapshots = snapshots.filter_map(|id| ec2.snapshots.get(id));
    if snapshots.any(super::Snapshot::has_default_key) {
        let message = "Snapshots encrypted with the AWS Managed CMK can't be shared";
        return Err(refused("InvalidParameter", message));
    }
    Ok(())
}

struct Change {
    add: Vec<LaunchPermission>,
    remove: Vec<LaunchPermission>,
}

impl Change {
    fn of(query: &Query) -> Result<Self, Refusal> {
        let permissions = |list| query.items(list).iter().map(permission).collect::<Result<Vec<_>, _>>();
        let mut add = permissions("LaunchPermission.Add")?;
        let mut remove = permissions("LaunchPermission.Remove")?;
        match query.text("OperationType") {
            Some("add") => add.extend(flat(query)?),
            Some("remove") => remove.extend(flat(query)?),
            Some(_) | None => {}
        }
        Ok(Self { add, remove })
    }

    fn apply(self, ami: &mut Ami) {
        ami.permissions.extend(self.add);
        for permission in self.remove {
            ami.permissions.remove(&permission);
        }
    }
}

fn permission(item: &Query) -> Result<LaunchPermission, Refusal> {
    if let Some(user) = item.text("UserId") {
        return account(user);
    }
    let organization = item.text("OrganizationArn").map(str::to_owned);
    let unit = item.text("OrganizationalUnitArn").map(str::to_owned);
    let organization = organization.map(LaunchPermission::Organization);
    let unit = unit.map(LaunchPermission::OrganizationalUnit);
    let everybody = (item.text("Group") == Some("all")).then_some(LaunchPermission::All);
    organization.or(unit).or(everybody).ok_or_else(|| {
        refused("InvalidAMIAttributeItemValue", "Invalid attribute item value for launchPermission")
    })
}

fn account(user: &str) -> Result<LaunchPermission, Refusal> {
    if caller::is_account(user) {
        return Ok(LaunchPermission::User(user.to_owned()));
    }
    let message = format!("Invalid attribute item value \"{user}\" for userId item type.");
    Err(refused("InvalidAMIAttributeItemValue", message))
}

/// The older form, with `UserId.n` and `UserGroup.n`.
fn flat(query: &Query) -> Result<Vec<LaunchPermission>, Refusal> {
    let groups = query.list("UserGroup").into_iter().filter(|group| group == "all");
    let groups = groups.map(|_| Ok(LaunchPermission::All));
    query.list("UserId").iter().map(|user| account(user)).chain(groups).collect()
}

fn only_launch_permission(attribute: &str) -> Result<(), Refusal> {
    if attribute == "launchPermission" {
        return Ok(());
    }
    Err(Refusal::not_emulated(&format!("image attribute '{attribute}'")))
}

/// The AMI's id, if the caller owns it.
pub(crate) fn owned(request: &Ec2Request<'_>) -> Result<String, Refusal> {
    let id = request.query.required("ImageId")?;
    Query::check_id(id, "ami", "InvalidAMIID.Malformed")?;
    let caller = request.caller;
    let ami = request.ec2.visible(id, &caller.region, &caller.account);
    if ami.ok_or_else(|| unknown_image(id))?.owner == caller.account {
        return Ok(id.to_owned());
    }
    Err(refused("AuthFailure", format!("Not authorized for image:{id}")))
}
