//! `workload_accounts.<region>.json`, as users have it from the image framework: named accounts,
//! with where they launch.

use std::str::FromStr;

use super::fields::{Fields, Keys};
use super::json;
use super::reader::{Cursor, Source};
use super::schema_reference_of;
use super::tree::Node;
use crate::consumers::LaunchPlace;
use crate::names::{AccountId, Region};
use crate::problem::{Place, Problem};

/// What users keep beside the account id; read so that a wrong type is told.
pub(super) const NOTES: [&str; 4] = ["vpc_id", "subnet_id", "sg_id", "owner"];

/// The keys that a Region's document may have: users have either spelling, and some keep it below
/// `amis/`.
pub(super) fn keys(region: &Region) -> [String; 4] {
    [
        "workload_accounts",
        "workload-accounts",
        "amis/workload_accounts",
        "amis/workload-accounts",
    ]
    .map(|name| format!("{name}.{region}.json"))
}

/// The Region whose document has this key.
pub(super) fn region(key: &str) -> Option<Region> {
    let name = key.strip_suffix(".json")?;
    let region: Region = name.rsplit_once('.')?.1.parse().ok()?;
    let is_its = keys(&region).iter().any(|known| known == key);
    is_its.then_some(region)
}

/// The tree of a document. The page that its users copy from prints the sample without its first brace.
pub(super) fn tree<'a>(source: &Source<'a>) -> Result<Node<'a>, Box<Problem>> {
    let lacks_brace = source.text().trim_start().starts_with('"');
    let hint = "begin with `{`: the sample of the MSTR page lacks it";
    json::tree(source).map_err(|problem| {
        if lacks_brace {
            Box::new(problem.hint(hint))
        } else {
            problem
        }
    })
}

/// The problem with documents that stand beside `first` for the same Region: either could be the
/// older one, and whoever it lacks would lose access.
pub(super) fn beside(first: &str, other: &str) -> Problem {
    let problem =
        Place::start_of(other).problem(other, "one document of workload accounts for a Region");
    problem.hint(format!("`{first}` exists too; keep one of them"))
}

/// An account, and where it launches.
#[derive(Debug)]
pub(super) struct Workload {
    pub(super) id: AccountId,
    pub(super) launch: LaunchPlace,
    /// Where the document names the account.
    pub(super) place: Place,
}

/// The accounts by the order of their names; an account may go by two.
pub(super) fn read(at: Cursor<'_>) -> Vec<Workload> {
    let mut entries = at.entries().unwrap_or_default();
    entries.retain(|(name, content)| !schema_reference_of(*name, *content));
    entries.sort_by_key(|(name, _)| name.as_text());
    entries
        .into_iter()
        .filter_map(|(_name, workload)| account(workload))
        .collect()
}

fn account(at: Cursor<'_>) -> Option<Workload> {
    let fields = at.object(Keys::AmongOthers)?;
    for note in NOTES {
        fields.optional(note, Cursor::text);
    }
    let launch = LaunchPlace {
        subnet: id(&fields, "subnet_id"),
        security_group: id(&fields, "sg_id"),
    };
    let account = fields.required("account_id", |at| Some((at.parsed()?, at.place())));
    let (id, place) = account?;
    Some(Workload { id, launch, place })
}

/// An id, if it is one: these documents have been written for others, and are read as they are.
fn id<T: FromStr>(fields: &Fields<'_>, key: &str) -> Option<T> {
    fields.entry(key)?.1.as_text()?.parse().ok()
}
