//! DescribeInstanceTypes: which types there are, and the architectures of their processors.
//!
//! The name of a type has the family, and the family decides the processor. A `g` after the
//! generation is AWS Graviton (EC2 instance types guide, "Amazon EC2 instance type naming
//! conventions"). Every Region has the same types here, and nothing else is known of them.

use std::borrow::Cow;

use crate::{
    api::ec2::request::Ec2Request,
    common::{ec2_error::client_error, error::ApiError},
    wire::{
        ec2_answer::{self, Answer},
        ec2_filter::{Filterable, Filters},
        xml::Xml,
    },
};

/// Families, by what comes before the dot (EC2 instance types guide,
/// "Specifications for Amazon EC2 general purpose instances" and its like).
const FAMILIES: [&str; 40] = [
    "c5", "c5a", "c5n", "c6a", "c6g", "c6gn", "c6i", "c6in", "c7a", "c7g", "c7gn", "c7i", "c8g",
    "m4", "m5", "m5a", "m5n", "m6a", "m6g", "m6gd", "m6i", "m6in", "m7a", "m7g", "m7gd", "m7i",
    "m8g", "r5", "r5a", "r6a", "r6g", "r6i", "r7a", "r7g", "r7i", "r8g", "t2", "t3", "t3a", "t4g",
];

/// The sizes of the burstable families.
const BURSTABLE_SIZES: [&str; 7] = [
    "nano", "micro", "small", "medium", "large", "xlarge", "2xlarge",
];

/// The sizes of every other family here.
const SIZES: [&str; 4] = ["large", "xlarge", "2xlarge", "4xlarge"];

/// An instance type.
struct InstanceType {
    name: String,
    architectures: &'static [&'static str],
}

impl InstanceType {
    fn view(&self) -> Xml {
        let architectures = self
            .architectures
            .iter()
            .map(|name| Xml::leaf("item", *name));
        let processor =
            Xml::new("processorInfo").child(Xml::list("supportedArchitectures", architectures));
        Xml::new("item")
            .text("instanceType", &self.name)
            .child(processor)
    }
}

impl Filterable for InstanceType {
    const NAMES: &'static [&'static str] =
        &["instance-type", "processor-info.supported-architecture"];

    fn field(&self, name: &str, _account: &str) -> Vec<Cow<'_, str>> {
        match name {
            "instance-type" => vec![Cow::from(&self.name)],
            "processor-info.supported-architecture" => {
                self.architectures.iter().copied().map(Cow::from).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Every type, in the order of their names.
fn all() -> Vec<InstanceType> {
    let of_family = |family: &&'static str| {
        let sizes: &[&str] = if family.starts_with('t') {
            &BURSTABLE_SIZES
        } else {
            &SIZES
        };
        let (family, architectures) = (*family, architectures(family));
        sizes.iter().map(move |size| InstanceType {
            name: format!("{family}.{size}"),
            architectures,
        })
    };
    let mut types: Vec<InstanceType> = FAMILIES.iter().flat_map(of_family).collect();
    types.sort_by(|a, b| a.name.cmp(&b.name));
    types
}

/// Only the old t2 also runs 32-bit images, as the API reference's example of t2.micro shows.
fn architectures(family: &str) -> &'static [&'static str] {
    let attributes = family
        .trim_start_matches(char::is_alphabetic)
        .trim_start_matches(char::is_numeric);
    match family {
        "t2" => &["i386", "x86_64"],
        _ if attributes.starts_with('g') => &["arm64"],
        _ => &["x86_64"],
    }
}

/// Refuses a type that does not exist, or whose processor does not run an AMI's architecture.
pub(crate) fn check_runs(name: &str, architecture: &str) -> Result<(), ApiError> {
    let Some(found) = all().into_iter().find(|one| one.name == name) else {
        return Err(client_error(
            "InvalidParameterValue",
            format!("Invalid value '{name}' for InstanceType."),
        ));
    };
    if found.architectures.contains(&architecture) {
        return Ok(());
    }
    let message = format!(
        "The architecture '{}' of the specified instance type does not match the architecture \
         '{architecture}' of the specified AMI. Specify an instance type and an AMI that have matching \
         architectures, and try again.",
        found.architectures.join(",")
    );
    Err(client_error("InvalidParameterValue", message))
}

/// DescribeInstanceTypes: of those that are named, all must be there.
pub(crate) fn describe_instance_types(request: &mut Ec2Request<'_>) -> Answer {
    let all = all();
    let wanted = request.query.list("InstanceType");
    if let Some(unknown) = wanted
        .iter()
        .find(|name| all.iter().all(|one| one.name != **name))
    {
        let message = format!("The following supplied instance types do not exist: [{unknown}]");
        return Err(client_error("InvalidInstanceType", message));
    }
    let filters = Filters::of::<InstanceType>(&request.query)?;
    let account = &request.caller.account;
    let found = all.iter().filter(|one| {
        (wanted.is_empty() || wanted.contains(&one.name)) && filters.admit(*one, account)
    });
    ec2_answer::limited_page(
        &request.query,
        "instanceTypeSet",
        found.map(InstanceType::view).collect(),
        5,
    )
}
