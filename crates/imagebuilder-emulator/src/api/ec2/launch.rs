//! RunInstances: whether the caller may launch an AMI, of which type and where, and the instances.

use std::collections::BTreeSet;

use crate::{
    api::ec2::{instance_type, request::Ec2Request, tags, token},
    common::{
        ec2_error::{client_error, unknown_image},
        error::ApiError,
        tags::Tags,
        text::Text,
    },
    records::ec2::{
        ami::{Ami, AmiState},
        instance::{End, Instance},
        key_denial::KeyDenial,
        network::Network,
    },
    state::ec2::Ec2,
    wire::{ec2_answer::Answer, query::Query, xml::Xml},
};

/// The parameters that are looked at. Each other one would change the launch, and is refused.
const PARAMETERS: &[&str] = &[
    "ClientToken",
    "ImageId",
    "InstanceType",
    "MaxCount",
    "MinCount",
    "SecurityGroupId",
    "SubnetId",
    "TagSpecification",
];

/// What EC2 also tags at a launch, and the emulator does not have.
const OTHER_TAGGED: &[&str] = &[
    "elastic-gpu",
    "network-interface",
    "spot-instances-request",
    "volume",
];

/// The most instances of a launch here; EC2 limits an account's virtual processors instead.
const MOST: u32 = 100;

/// RunInstances. A key that the account is denied shows only later, on the instance. Neither the
/// answer nor a dry run shows it (User Guide, "Troubleshoot Amazon EC2 instance launch issues").
pub(crate) fn run_instances(request: &mut Ec2Request<'_>) -> Answer {
    request.query.refuse_all_but(PARAMETERS)?;
    if let Some(reservation) = token::recalled(request)? {
        return Ok(reserved(request, &reservation));
    }
    let launch = Launch::asked(request)?;
    let now = request.now;
    request
        .ec2
        .instances
        .retain(|_, instance| instance.is_shown(now));
    let reservation = request.ec2.new_id("r");
    for index in 0..launch.count {
        let instance = launch.instance(request, &reservation, index);
        request
            .ec2
            .instances
            .insert(instance.id.to_string(), instance);
    }
    request.ec2.ami_mut(&launch.ami.id)?.last_launched = Some(now);
    token::remember(request, &reservation);
    Ok(reserved(request, &reservation))
}

/// The reservation as RunInstances shows it.
fn reserved(request: &Ec2Request<'_>, reservation: &str) -> Vec<Xml> {
    let instances = request
        .ec2
        .instances
        .values()
        .filter(|one| one.reservation == reservation);
    let mut instances: Vec<&Instance> = instances.collect();
    instances.sort_by_key(|one| one.index);
    reservation_view(&instances, request)
}

/// A reservation's elements, of its instances.
pub(crate) fn reservation_view(instances: &[&Instance], request: &Ec2Request<'_>) -> Vec<Xml> {
    let reservation = instances
        .first()
        .map(|one| Xml::leaf("reservationId", &one.reservation));
    let set = Xml::list(
        "instancesSet",
        instances.iter().map(|one| one.view(request.now)),
    );
    let owner = Xml::leaf("ownerId", &request.caller.account);
    reservation
        .into_iter()
        .chain([owner, Xml::new("groupSet"), set])
        .collect()
}

/// A launch that nothing speaks against.
struct Launch {
    ami: Ami,
    kind: String,
    count: u32,
    network: Network,
    tags: Tags,
}

impl Launch {
    fn asked(request: &Ec2Request<'_>) -> Result<Self, ApiError> {
        let query = &request.query;
        let count = count(query)?;
        let ami = launchable(request)?.clone();
        let Some(kind) = query.text("InstanceType") else {
            return Err(ApiError::not_emulated(
                "RunInstances without an InstanceType, which is m1.small",
            ));
        };
        instance_type::check_runs(kind, &ami.architecture)?;
        let network = Network::asked(request)?;
        Ok(Self {
            kind: kind.to_owned(),
            count,
            network,
            tags: instance_tags(query)?,
            ami,
        })
    }

    fn instance(&self, request: &mut Ec2Request<'_>, reservation: &Text, index: u32) -> Instance {
        let caller = request.caller;
        let denied = request.ec2.is_denied_a_key_of(&self.ami, &caller.account);
        Instance {
            id: request.ec2.new_id("i"),
            reservation: reservation.clone(),
            index,
            account: caller.account.as_str().into(),
            region: caller.region.as_str().into(),
            image: self.ami.id.clone(),
            traits: self.ami.traits.clone(),
            kind: self.kind.clone(),
            network: self.network.clone(),
            token: request.query.text("ClientToken").map(str::to_owned),
            tags: self.tags.clone(),
            launched: request.now,
            end: denied.then(|| End::of_a_launch_without_key(request.now)),
        }
    }
}

/// How many: as many as may be, since there is room for all here.
fn count(query: &Query) -> Result<u32, ApiError> {
    let number = |name: &str| {
        query.required(name)?;
        query.number(name)
    };
    let (least, most) = (
        number("MinCount")?.unwrap_or_default(),
        number("MaxCount")?.unwrap_or_default(),
    );
    if least == 0 || most < least {
        let message = "MinCount must be at least 1, and MaxCount at least MinCount";
        return Err(client_error("InvalidParameterValue", message));
    }
    if most > MOST {
        return Err(ApiError::not_emulated(&format!(
            "a launch of more than {MOST} instances"
        )));
    }
    Ok(most)
}

/// The AMI, if the caller may launch it.
fn launchable<'r>(request: &'r Ec2Request<'_>) -> Result<&'r Ami, ApiError> {
    let id = request.query.required("ImageId")?;
    let (region, account) = (&request.caller.region, &request.caller.account);
    Query::check_id(id, "ami", "InvalidAMIID.Malformed")?;
    let ami = request
        .ec2
        .visible(id, region, account)
        .ok_or_else(|| unknown_image(id))?;
    if ami.state != AmiState::Available {
        let message = format!("The image ID '{id}' is {}", ami.state.as_str());
        return Err(client_error("InvalidAMIID.Unavailable", message));
    }
    check_subscribed(request, ami)?;
    Ok(ami)
}

/// Product codes of AWS Marketplace are launched by subscribers only, also from an AMI of one's own.
fn check_subscribed(request: &Ec2Request<'_>, ami: &Ami) -> Result<(), ApiError> {
    let account = request.ec2.accounts.get(&request.caller.account);
    let none = BTreeSet::new();
    let subscriptions = account.map_or(&none, |account| &account.subscriptions);
    let of_marketplace = ami
        .product_codes
        .iter()
        .filter(|code| code.kind == "marketplace");
    match of_marketplace
        .map(|code| &code.id)
        .find(|code| !subscriptions.contains(*code))
    {
        Some(code) => {
            let message = format!(
                "In order to use this AWS Marketplace product you need to accept terms and subscribe. To do \
                 so please visit https://aws.amazon.com/marketplace/pp?sku={code}"
            );
            Err(ApiError::new(401, "OptInRequired", message))
        }
        None => Ok(()),
    }
}

fn instance_tags(query: &Query) -> Result<Tags, ApiError> {
    let specified = query.items("TagSpecification");
    let mut kinds = specified
        .iter()
        .filter_map(|item| item.text("ResourceType"));
    if let Some(other) = kinds.find(|kind| OTHER_TAGGED.contains(kind)) {
        return Err(ApiError::not_emulated(&format!(
            "tags of the resource type '{other}' at a launch"
        )));
    }
    Ok(tags::specified(query, "instance", &["instance"])?
        .into_iter()
        .collect())
}

impl Ec2 {
    /// Whether a snapshot of an AMI is encrypted with a key that the account is denied.
    fn is_denied_a_key_of(&self, ami: &Ami, account: &str) -> bool {
        let denied = |key: &Text| {
            let denial = KeyDenial {
                key_arn: key.to_string(),
                account: account.to_owned(),
            };
            self.denied_keys.contains(&denial)
        };
        self.snapshots_of(ami)
            .any(|snapshot| snapshot.kms_key.as_ref().is_some_and(denied))
    }
}
