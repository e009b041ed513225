//! DescribeInstances and TerminateInstances.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;

use crate::{
    api::ec2::{launch::reservation_view, request::Ec2Request},
    common::{
        ec2_error::{client_error, unknown_instance},
        error::ApiError,
    },
    records::ec2::instance::Instance,
    wire::{
        ec2_answer::{self, Answer},
        ec2_filter::{self, Filterable, Filters},
        query::Query,
        xml::Xml,
    },
};

/// An instance at a time.
struct Seen<'i>(&'i Instance, Timestamp);

impl Filterable for Seen<'_> {
    const NAMES: &'static [&'static str] = &[
        "architecture",
        "client-token",
        "image-id",
        "instance-id",
        "instance-state-code",
        "instance-state-name",
        "instance-type",
        "owner-id",
        "reservation-id",
        "state-reason-code",
        "subnet-id",
        "vpc-id",
    ];
    const NOT_EMULATED: &'static [&'static str] = &[
        "affinity",
        "availab",
        "block",
        "boot",
        "capacity",
        "current",
        "dns",
        "ebs",
        "enclave",
        "hibern",
        "host",
        "hyper",
        "iam",
        "instance-lifecycle",
        "instance.",
        "ip",
        "kernel",
        "key",
        "launch",
        "maintenance",
        "metadata",
        "monitoring",
        "network",
        "operator",
        "outpost",
        "placement",
        "platform",
        "private",
        "product",
        "ramdisk",
        "reason",
        "requester",
        "root",
        "source",
        "spot",
        "state-reason-m",
        "tenancy",
        "tpm",
        "usage",
        "virtual",
    ];
    const TAGGED: bool = true;

    fn field(&self, name: &str, _account: &str) -> Vec<Cow<'_, str>> {
        let Self(instance, now) = self;
        let text = match name {
            "architecture" => Some(instance.traits.architecture.as_str()),
            "client-token" => instance.token.as_deref(),
            "image-id" => Some(instance.image.as_str()),
            "instance-id" => Some(instance.id.as_str()),
            "instance-state-code" => {
                return vec![Cow::from(instance.state(*now).code().to_string())];
            }
            "instance-state-name" => Some(instance.state(*now).as_str()),
            "instance-type" => Some(instance.kind.as_str()),
            "owner-id" => Some(instance.account.as_str()),
            "reservation-id" => Some(instance.reservation.as_str()),
            "state-reason-code" => instance.reason_code(*now),
            "subnet-id" => instance.network.subnet(),
            _ => instance.network.vpc(),
        };
        text.map(Cow::from).into_iter().collect()
    }

    fn tags(&self, _account: &str) -> Vec<(&str, &str)> {
        ec2_filter::pairs(Some(&self.0.tags))
    }
}

/// DescribeInstances: the account's own in the Region, by reservation; of those that are named, all
/// must be there.
pub(crate) fn describe_instances(request: &mut Ec2Request<'_>) -> Answer {
    let wanted = request.query.list("InstanceId");
    if !wanted.is_empty() && request.query.has("MaxResults") {
        let message = "The parameter instancesSet cannot be used with the parameter maxResults";
        return Err(client_error("InvalidParameterCombination", message));
    }
    let filters = Filters::of::<Seen<'_>>(&request.query)?;
    wanted.iter().try_for_each(|id| check_own(request, id))?;
    let (now, account) = (request.now, &request.caller.account);
    let found = own(request).filter(|one| {
        (wanted.is_empty() || wanted.iter().any(|id| one.id == id.as_str()))
            && filters.admit(&Seen(one, now), account)
    });
    let items = by_reservation(found);
    let items = items
        .iter()
        .map(|of_one| Xml::list("item", reservation_view(of_one, request)))
        .collect();
    ec2_answer::limited_page(&request.query, "reservationSet", items, 5)
}

fn by_reservation<'i>(instances: impl Iterator<Item = &'i Instance>) -> Vec<Vec<&'i Instance>> {
    let mut reservations: BTreeMap<&str, Vec<&Instance>> = BTreeMap::new();
    for instance in instances {
        reservations
            .entry(&instance.reservation)
            .or_default()
            .push(instance);
    }
    let mut reservations: Vec<_> = reservations.into_values().collect();
    for of_one in &mut reservations {
        of_one.sort_by_key(|one| one.index);
    }
    reservations
}

/// TerminateInstances: all of those that are named, or none if one of them is not there.
pub(crate) fn terminate_instances(request: &mut Ec2Request<'_>) -> Answer {
    request.query.refuse_all_but(&["InstanceId"])?;
    let ids = request.query.list("InstanceId");
    if ids.is_empty() {
        request.query.required("InstanceId")?;
    }
    ids.iter().try_for_each(|id| check_own(request, id))?;
    let now = request.now;
    let mut ended = Vec::new();
    for id in &ids {
        if let Some(instance) = request.ec2.instances.get_mut(id) {
            let previous = instance.state(now);
            instance.terminate(now);
            let item = Xml::new("item")
                .text("instanceId", id)
                .child(instance.state(now).view("currentState"));
            ended.push(item.child(previous.view("previousState")));
        }
    }
    Ok(vec![Xml::list("instancesSet", ended)])
}

/// The caller's instances in the Region that are still shown.
fn own<'r>(request: &'r Ec2Request<'_>) -> impl Iterator<Item = &'r Instance> {
    let (caller, now) = (request.caller, request.now);
    request.ec2.instances.values().filter(move |one| {
        one.region == caller.region.as_str()
            && one.account == caller.account.as_str()
            && one.is_shown(now)
    })
}

fn check_own(request: &Ec2Request<'_>, id: &str) -> Result<(), ApiError> {
    Query::check_id(id, "i", "InvalidInstanceID.Malformed")?;
    if own(request).any(|one| one.id == id) {
        return Ok(());
    }
    Err(unknown_instance(id))
}
