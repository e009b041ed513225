//! What a builder starts, and where: instance type, profile, metadata and network.

use crate::draft::{Draft, Network, agree};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::valid;

pub(super) fn read(fields: &mut Fields<'_>, draft: &mut Draft, ledger: &mut Ledger) {
    let shared = &mut draft.shared;
    let types = fields.valid("instance_type", &valid::INSTANCE_TYPE, ledger);
    let place = fields.place("instance_type");
    agree(
        &mut shared.instance_types,
        types.map(|one| vec![one]),
        &place,
        |all| all.join(", "),
        ledger,
    );
    let profile = fields.valid("iam_instance_profile", &valid::INSTANCE_PROFILE, ledger);
    let place = fields.place("iam_instance_profile");
    agree(&mut shared.profile, profile, &place, Clone::clone, ledger);
    let pair = fields.valid("ssh_keypair_name", &valid::KEY_PAIR, ledger);
    let place = fields.place("ssh_keypair_name");
    agree(&mut shared.key_pair, pair, &place, Clone::clone, ledger);
    let public = fields.flag("associate_public_ip_address", ledger);
    let place = fields.place("associate_public_ip_address");
    agree(
        &mut shared.public_ip,
        public,
        &place,
        ToString::to_string,
        ledger,
    );
    let Some(options) = fields.take("metadata_options") else {
        return;
    };
    let place = fields.place("metadata_options");
    let mut options = Fields::new(options, &place);
    let tokens = options.text("http_tokens", ledger);
    let tokens = tokens.filter(|word| ["required", "optional"].contains(&word.as_str()));
    agree(&mut shared.tokens, tokens, &place, Clone::clone, ledger);
    let hops = options.number("http_put_response_hop_limit", ledger);
    let hops = hops.filter(|hops| (1..=64).contains(hops));
    agree(
        &mut shared.hop_limit,
        hops,
        &place,
        ToString::to_string,
        ledger,
    );
    options.unneeded(
        &["http_endpoint"],
        "instances always reach their metadata",
        ledger,
    );
    options.finish(ledger);
}

pub(super) fn network(fields: &mut Fields<'_>, draft: &mut Draft, ledger: &mut Ledger) {
    let subnet = fields.valid("subnet_id", &valid::SUBNET, ledger);
    let mut groups = fields.all_valid("security_group_ids", &valid::SECURITY_GROUP, ledger);
    for group in fields.all_valid("security_group_id", &valid::SECURITY_GROUP, ledger) {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    fields.unneeded(
        &["vpc_id"],
        "instances start in the VPC of the subnet",
        ledger,
    );
    fields.unsupported(
        &["vpc_filter", "subnet_filter", "security_group_filter"],
        "documents name a subnet and security groups by their ids",
        "add `subnet` and `security-groups` to `instances`",
        ledger,
    );
    if subnet.is_none() && groups.is_empty() {
        return;
    }
    let network = Some(Network { subnet, groups });
    let show = |network: &Network| {
        let subnet = network.subnet.iter().chain(&network.groups);
        subnet.cloned().collect::<Vec<_>>().join(" with ")
    };
    let place = fields.place("subnet_id");
    agree(&mut draft.shared.network, network, &place, show, ledger);
}
