//! Which files are looked up, in which order.

/// The files with variables in `folders`, each overriding those before it: in each folder what is for every
/// cloud, then what is for AWS, then what is for the Region.
pub fn variable_files(folders: &[String], region: Option<&str>) -> Vec<String> {
    let of_region = region
        .filter(|region| is_region(region))
        .map(|region| format!("aws.{region}.vars.json"));
    let names = ["vars.json".to_owned(), "aws.vars.json".to_owned()];
    let names: Vec<String> = names.into_iter().chain(of_region).collect();
    let in_folder = |folder: &String| {
        let path = |name: &String| format!("{folder}{name}");
        names.iter().map(path).collect::<Vec<_>>()
    };
    folders.iter().flat_map(in_folder).collect()
}

/// The names under which `folder` may have the workload accounts of a Region, in groups. The first group with a
/// file counts; two files of one group contradict each other.
///
/// A file without a Region in its name is for the Region that builds.
pub fn account_files(folder: &str, region: &str, builds: bool) -> Vec<Vec<String>> {
    let spellings = [
        "workload_accounts",
        "workload-accounts",
        "workload_account",
        "workload-account",
    ];
    let of_region = spellings.map(|name| format!("{folder}{name}.{region}.json"));
    let mut groups = vec![of_region.to_vec()];
    if builds {
        groups.push(
            spellings
                .map(|name| format!("{folder}{name}.json"))
                .to_vec(),
        );
    }
    groups
}

/// The key of the document with the workload accounts of a Region.
pub fn accounts_document(region: &str) -> String {
    format!("workload_accounts.{region}.json")
}

/// Whether a text can be the name of a Region, and so part of a file's name.
pub fn is_region(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=32).contains(&text.len()) && text.chars().all(allowed) && !text.starts_with('-')
}
