//! The builder `amazon-ebs`: how it builds, and for whom (Packer, "Amazon EBS Builder").

mod instances;
mod regions;
mod volumes;

use super::ami_name;
use super::base::base;
use super::template::{Block, Template};
use crate::draft::tags::{self, Tags};
use crate::draft::{Consumer, Draft, Entry, Grant, agree};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::LeftKind;
use crate::settings::Settings;
use crate::short::short;
use crate::valid;

const LOGIN: &str = "Image Builder logs in by Systems Manager";
const CREDENTIALS: &str = "the stack's roles give access";
const REPLACED: &str = "every build has a name of its own, and nothing is replaced";

/// Settings that log in to the instance, or that say where Packer runs.
const LOGINS: [&str; 18] = [
    "communicator",
    "ssh_username",
    "ssh_timeout",
    "ssh_interface",
    "ssh_pty",
    "ssh_port",
    "ssh_agent_auth",
    "ssh_handshake_attempts",
    "ssh_clear_authorized_keys",
    "winrm_username",
    "winrm_use_ssl",
    "winrm_insecure",
    "winrm_timeout",
    "winrm_port",
    "temporary_key_pair_type",
    "temporary_security_group_source_cidrs",
    "session_manager_port",
    "pause_before_ssm",
];

/// Adds what a builder says, and returns its image.
pub(super) fn read(
    builder: &Block,
    name: &str,
    template: &Template,
    settings: &Settings,
    draft: &mut Draft,
    ledger: &mut Ledger,
) -> Entry {
    let mut fields = Fields::new(&builder.settings, &builder.place);
    let is_windows = fields
        .take("communicator")
        .is_some_and(|word| word.text() == Ok("winrm".to_owned()));
    regions::read(&mut fields, settings, draft, ledger);
    let base = base(&mut fields, template, draft, ledger);
    instances::read(&mut fields, draft, ledger);
    instances::network(&mut fields, draft, ledger);
    volumes::read(&mut fields, draft, ledger);
    let grants = grants(&mut fields, ledger);
    let tags = all_tags(&mut fields, ledger);
    let pattern = ami_name::pattern(&mut fields, name, ledger);
    let place = fields.place("ami_name");
    agree(
        &mut draft.shared.ami_name,
        pattern,
        &place,
        Clone::clone,
        ledger,
    );
    let description = description(&mut fields, ledger);
    what_else(&mut fields, ledger);
    fields.finish(ledger);
    Entry {
        name: name.to_owned(),
        place: builder.place.clone(),
        base,
        is_windows,
        description,
        is_scheduled: true,
        grants,
        tags,
        ..Entry::default()
    }
}

fn grants(fields: &mut Fields<'_>, ledger: &mut Ledger) -> Vec<Grant> {
    let accounts = fields.all_valid("ami_users", &valid::ACCOUNT, ledger);
    let accounts = accounts
        .into_iter()
        .map(|id| Consumer::Account { id, copy: false });
    let mut consumers: Vec<Consumer> = accounts.collect();
    let organizations = fields.all_valid("ami_org_arns", &valid::ORGANIZATION, ledger);
    consumers.extend(organizations.into_iter().map(Consumer::Organization));
    fields.unsupported(
        &["ami_ou_arns"],
        "a unit needs its path below the organization, which the template does not say",
        "add a consumer with `organizational-unit` and `path`",
        ledger,
    );
    fields.unsupported(
        &["ami_groups"],
        "an encrypted image cannot be made public",
        "add the accounts or the organization to `consumers`",
        ledger,
    );
    let by_themselves = "snapshots are not shared by themselves";
    fields.unneeded(
        &["snapshot_users", "snapshot_groups"],
        by_themselves,
        ledger,
    );
    let grant = |consumer| Grant {
        consumer,
        region: None,
    };
    consumers.into_iter().map(grant).collect()
}

fn all_tags(fields: &mut Fields<'_>, ledger: &mut Ledger) -> Tags {
    let mut all = Tags::new();
    for key in [
        "tags",
        "run_tags",
        "run_volume_tags",
        "snapshot_tags",
        "spot_tags",
        "fleet_tags",
    ] {
        tags::read(fields, key, &mut all, ledger);
    }
    all
}

fn description(fields: &mut Fields<'_>, ledger: &mut Ledger) -> Option<String> {
    let text = fields.text("ami_description", ledger)?;
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_fit = (1..=1024).contains(&line.chars().count()) && !line.contains(char::is_control);
    if !is_fit {
        let why = "expected a description of 1 to 1024 characters";
        let place = fields.place("ami_description");
        ledger.left(LeftKind::Invalid, &place, &short(&text), why);
    }
    is_fit.then_some(line)
}

fn what_else(fields: &mut Fields<'_>, ledger: &mut Ledger) {
    fields.unneeded(&LOGINS, LOGIN, ledger);
    let credentials = ["profile", "assume_role", "shared_credentials_file"];
    fields.unneeded(&credentials, CREDENTIALS, ledger);
    let replaced = ["force_deregister", "force_delete_snapshot"];
    fields.unneeded(&replaced, REPLACED, ledger);
    let of_base = [
        "ena_support",
        "sriov_support",
        "ami_virtualization_type",
        "boot_mode",
    ];
    let from_base = "Image Builder takes it from the base AMI";
    fields.unneeded(&of_base, from_base, ledger);
    let end = ["shutdown_behavior", "disable_stop_instance", "aws_polling"];
    fields.unneeded(&end, "Image Builder ends the instance", ledger);
    fields.unneeded(&["availability_zone"], "the subnet decides", ledger);
    fields.unsupported(
        &["user_data", "user_data_file"],
        "instances of a build have no user data of yours",
        "make a component of it",
        ledger,
    );
    fields.unsupported(
        &["skip_create_ami"],
        "every build makes an AMI",
        "leave the recipe out of ami-versions.json",
        ledger,
    );
    let spot = [
        "spot_price",
        "spot_instance_types",
        "spot_allocation_strategy",
    ];
    let types = "list instance types in `instance-types`, in order of preference";
    fields.unsupported(&spot, "builds run on demand", types, ledger);
}
