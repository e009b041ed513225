//! What a consumer has to make, as text.

use goldsmith_domain::consumers::GrantAdmin;
use goldsmith_domain::names::{RecipeName, Region};
use serde_json::Value;

use super::commands;
use super::roles::{Role, roles};
use super::served::Served;

/// All of it.
pub fn text(served: &Served) -> String {
    let blocks = [
        head(served),
        "To create it by hand, follow the sections below.\n".to_owned(),
    ];
    let roles = roles(served).iter().map(role).collect::<Vec<_>>();
    let rest = [scaling(served), reads(served)];
    blocks
        .into_iter()
        .chain(roles)
        .chain(rebuilding(served))
        .chain(rest)
        .collect::<Vec<_>>()
        .join("\n")
}

/// What it takes to have images built again that cannot be copied, where the documents say so.
fn rebuilding(served: &Served) -> Option<String> {
    let command = commands::deploy_rebuild(served)?;
    Some(format!(
        "Images that AWS does not copy\n  They are rebuilt here. A second stack creates the role and the instance profile for that:\n\n{}",
        indented(&command)
    ))
}

fn head(served: &Served) -> String {
    let (account, environment) = (served.account(), &served.environment);
    let regions: Vec<&str> = served.consumer.regions.iter().map(Region::as_str).collect();
    let how = if served.copies() {
        format!("gets its own copies of the images of {environment}")
    } else {
        format!("may launch the images of {environment} that the building account owns")
    };
    let regions = match regions.as_slice() {
        [] => "no Region yet".to_owned(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    };
    let command = indented(&commands::deploy(served));
    let early = "\nLeave out AutoScaling=true until the documents are merged: until then, the key refuses the grants.\n";
    let early = if served.stack_grants() { early } else { "" };
    format!(
        "Account {account} {how}, in {regions}.\n\n\
         To create everything at once, with credentials of account {account}:\n\n{command}{early}"
    )
}

fn role(role: &Role) -> String {
    let purpose = role.purpose.iter().map(|line| format!("  {line}\n"));
    let trust = role
        .trust
        .iter()
        .map(|trust| document("Trust policy", trust));
    let inline = role
        .inline
        .iter()
        .map(|(name, policy)| document(&format!("Inline policy {name}"), policy));
    let lines: String = purpose.chain(trust).chain(inline).collect();
    format!("{}\n{lines}", role.title)
}

fn document(title: &str, policy: &Value) -> String {
    format!("  {title}:\n{}", indented(&format!("{policy:#}")))
}

fn scaling(served: &Served) -> String {
    let what = match &served.consumer.grant_admin {
        Some(admin) => grants(served, admin),
        None => undeclared(served),
    };
    format!("Grants for Auto Scaling\n{what}")
}

fn grants(served: &Served, admin: &GrantAdmin) -> String {
    let commands = commands::grants(served, admin);
    let commands: Vec<String> = commands.iter().map(|command| indented(command)).collect();
    let by_hand = match (served.stack_grants(), admin.grantees.len()) {
        (true, 1) => "To make them by hand, as",
        (true, _) => {
            "The stack makes the grants for the first role. To make the others by hand, as"
        }
        (false, _) => "The stack makes none: only the declared role may. To make them by hand, as",
    };
    format!("  {by_hand} {}:\n\n{}", admin.role, commands.join("\n"))
}

fn undeclared(served: &Served) -> String {
    let admin = served.role(&served.name("grant-admin"));
    format!(
        "  None: the documents declare no grant-admin for this account. Without it, Auto Scaling groups cannot launch\n  \
           images that are encrypted under our keys. To have one, declare\n  \
           {admin},\n  \
           which the stack creates with AutoScaling=true.\n"
    )
}

fn reads(served: &Served) -> String {
    let recipes: Vec<&str> = served.recipes.iter().map(RecipeName::as_str).collect();
    let home = served
        .home
        .as_ref()
        .map_or("BUILDING_REGION", Region::as_str);
    let bucket = format!(
        "goldsmith-{}-output-{}-{home}",
        served.environment, served.building
    );
    format!(
        "What the account reads\n  Recipes: {}\n  Objects in the bucket {bucket}, for roles whose own policy allows s3:GetObject:\n{}{}",
        recipes.join(", "),
        objects(served),
        parameters(served)
    )
}

/// The objects that name its AMIs: those of its copies, or those that everybody reads.
fn objects(served: &Served) -> String {
    let folder = if served.copies() {
        format!("{}/", served.account())
    } else {
        String::new()
    };
    let all = (!served.copies()).then(|| "    images/<recipename>/image.json\n".to_owned());
    let by_region = served.consumer.regions.iter();
    let by_region =
        by_region.map(|region| format!("    images/<recipename>/{folder}image-{region}.json\n"));
    all.into_iter().chain(by_region).collect()
}

fn parameters(served: &Served) -> String {
    let name = format!("/goldsmith/{}/<recipename>/ami-id", served.environment);
    let role = served.role(&served.name("parameters"));
    match (served.copies(), &served.consumer.parameter_role) {
        (false, _) => {
            "  Parameters: none; only accounts with their own copies get them.\n".to_owned()
        }
        (true, Some(_)) => {
            format!("  Parameters in this account, in each of its Regions:\n    {name}\n")
        }
        (true, None) => format!(
            "  Parameters: none; declare {role} as its parameter-role,\n  which the stack creates with WriteParameters=true.\n"
        ),
    }
}

/// Each line, four spaces further in.
fn indented(text: &str) -> String {
    text.lines().flat_map(|line| ["    ", line, "\n"]).collect()
}
