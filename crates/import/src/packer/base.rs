//! What a builder bakes its image on: an AMI id, a parameter, or a search whose result nobody knows before it runs.

use super::template::{Block, Template};
use crate::draft::Draft;
use crate::fields::{Fields, fitting};
use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};
use crate::valid;
use crate::value::{Data, Trouble, Value};

/// Searches that AWS or the publisher answers by a public parameter: a part of the AMI's name, and the parameter
/// (Systems Manager user guide, "Discovering public parameters"; Ubuntu on AWS, "Find Ubuntu images").
const PARAMETERS: [(&str, &str); 9] = [
    (
        "al2023-ami-",
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    ),
    (
        "amzn2-ami-",
        "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2",
    ),
    (
        "ubuntu-noble-24.04-amd64",
        "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id",
    ),
    (
        "ubuntu-jammy-22.04-amd64",
        "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id",
    ),
    (
        "ubuntu-focal-20.04-amd64",
        "/aws/service/canonical/ubuntu/server/20.04/stable/current/amd64/hvm/ebs-gp2/ami-id",
    ),
    (
        "debian-12-amd64",
        "/aws/service/debian/release/12/latest/amd64",
    ),
    (
        "Windows_Server-2025-English-Full-Base",
        "/aws/service/ami-windows-latest/Windows_Server-2025-English-Full-Base",
    ),
    (
        "Windows_Server-2022-English-Full-Base",
        "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base",
    ),
    (
        "Windows_Server-2019-English-Full-Base",
        "/aws/service/ami-windows-latest/Windows_Server-2019-English-Full-Base",
    ),
];

/// The base of a builder, as `aminame` has it; none if the template does not say it.
pub(super) fn base(
    fields: &mut Fields<'_>,
    template: &Template,
    draft: &mut Draft,
    ledger: &mut Ledger,
) -> Option<String> {
    let place = fields.place("source_ami_filter");
    if let Some(filter) = fields.take("source_ami_filter") {
        searched(filter, &place, draft, ledger);
    }
    let value = fields.take("source_ami")?;
    let place = fields.place("source_ami");
    match value.text() {
        Ok(text) => fitting(with_colon(&text), &valid::BASE, &place, ledger),
        Err(trouble) => {
            if let Some(block) = data(value, template) {
                return of_data(block, &place, draft, ledger);
            }
            ledger.trouble(&place, &trouble);
            None
        }
    }
}

/// Packer also takes `resolve:ssm:<parameter>`, as EC2 does.
fn with_colon(text: &str) -> String {
    text.strip_prefix("resolve:").unwrap_or(text).to_owned()
}

/// The data source that a value comes from.
fn data<'t>(value: &Value, template: &'t Template) -> Option<&'t Block> {
    let Err(Trouble::Unknown(unknown)) = value.text() else {
        return None;
    };
    let (kind, rest) = unknown.what.strip_prefix("data.")?.split_once('.')?;
    let name = rest.split('.').next()?;
    let mut blocks = template.data.iter();
    blocks.find(|block| block.kind == kind && block.name == name)
}

fn of_data(block: &Block, place: &Place, draft: &mut Draft, ledger: &mut Ledger) -> Option<String> {
    match block.kind.as_str() {
        "amazon-parameterstore" => {
            let mut fields = Fields::new(&block.settings, &block.place);
            let name = fields.text("name", ledger)?;
            let base = fitting(format!("ssm:{name}"), &valid::BASE, &block.place, ledger)?;
            let why =
                "the data source names this parameter, and Image Builder reads it in each build";
            ledger.decided(Some(place), "aminame", &base, why);
            Some(base)
        }
        "amazon-ami" => {
            searched(&block.settings, &block.place, draft, ledger);
            None
        }
        kind => {
            let why = "its value is only known when Packer runs";
            ledger.left(LeftKind::Computed, place, kind, why);
            None
        }
    }
}

/// A search for an AMI. Its owners are whom the template trusts.
fn searched(filter: &Value, place: &Place, draft: &mut Draft, ledger: &mut Ledger) {
    let mut fields = Fields::new(filter, place);
    for owner in fields.texts("owners", ledger) {
        let is_new =
            !["self", "amazon"].contains(&owner.as_str()) && !draft.base_owners.contains(&owner);
        let is_owner = (valid::ACCOUNT.fits)(&owner) || owner == "aws-marketplace";
        if is_new && is_owner {
            let why = "the search for the base AMI trusts this owner";
            ledger.decided(Some(&fields.place("owners")), "base-owners", &owner, why);
            draft.base_owners.push(owner);
        }
    }
    let name = fields.take("filters").and_then(name_of);
    let name = name.unwrap_or_else(|| filter.summary());
    let known = PARAMETERS.iter().find(|(part, _)| name.contains(part));
    let hint = match known {
        Some((_, parameter)) => {
            format!("the newest of these is `--base ssm:{parameter}`; for arm64 its name differs")
        }
        None => "name the base with --base: an AMI id, or ssm: and a parameter that holds one"
            .to_owned(),
    };
    let why = "Image Builder searches no AMI, and the one that Packer would find is not known";
    ledger.hinted(LeftKind::Computed, place, &name, why, &hint);
}

fn name_of(filters: &Value) -> Option<String> {
    match &filters.data {
        Data::Object(_) => filters.get("name")?.text().ok(),
        Data::Null | Data::Flag(_) | Data::Number(_) | Data::Text(_) | Data::List(_) => None,
    }
}
