//! The documents of an environment, and what people do to them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use local_stack::workspace_root;
use serde_json::{Value, json};

/// The base AMI of every recipe of the sample: one volume, `/dev/xvda`.
pub const BASE: &str = "ami-08bd941ae380bd3cd";

/// Another base AMI that exists from the start: `/dev/sda1` and a data volume.
pub const OTHER_BASE: &str = "ami-0a1b2c3d4e5f60718";

/// The account that the sample's images are shared with.
pub const CONSUMER: &str = "222222222222";

const AMI_VERSIONS: &str = "ami-versions.json";
const ENVIRONMENT: &str = "environment.json";

/// A folder `ami-versions/<environment>`.
#[derive(Debug, Clone)]
pub struct Documents {
    ami_versions: Value,
    environment: Value,
    others: BTreeMap<String, Vec<u8>>,
}

impl Documents {
    /// Sets `pause`.
    #[must_use]
    pub fn paused(mut self, pause: bool) -> Self {
        self.environment["pause"] = pause.into();
        self
    }

    /// What this repository has in `ami-versions/nonprod`: 110304 and 110302, both scheduled.
    pub fn sample() -> Self {
        Self {
            ami_versions: sample_json(AMI_VERSIONS),
            environment: sample_json(ENVIRONMENT),
            others: [(
                "components/harden.yml".to_owned(),
                sample_file("components/harden.yml"),
            )]
            .into(),
        }
    }

    /// Makes the sample's component longer than the 16,000 characters that Image Builder takes inline.
    #[must_use]
    pub fn with_long_component(mut self) -> Self {
        let component = self.others.get_mut("components/harden.yml");
        let remark = "# Why it is so.\n".repeat(1_200);
        component.expect("a component").extend(remark.bytes());
        self
    }

    /// The sample with `recipes` alone, all on [`BASE`] and none scheduled.
    pub fn of_recipes<'a>(recipes: impl IntoIterator<Item = &'a str>) -> Self {
        let mut documents = Self::sample().scheduled("");
        documents.ami_versions["ami-version"] = json!([]);
        recipes.into_iter().fold(documents, |documents, recipe| {
            documents.with_recipe(recipe, BASE)
        })
    }

    /// Adds an entry to `ami-version`, or gives the one that is there another base AMI.
    #[must_use]
    pub fn with_recipe(mut self, recipe: &str, base_ami: &str) -> Self {
        let entries = list(&mut self.ami_versions["ami-version"]);
        match entries
            .iter_mut()
            .find(|entry| entry["recipename"] == recipe)
        {
            Some(entry) => entry["aminame"] = base_ami.into(),
            None => entries.push(json!({ "aminame": base_ami, "recipename": recipe })),
        }
        self
    }

    /// Removes an entry from `ami-version`.
    #[must_use]
    pub fn without_recipe(mut self, recipe: &str) -> Self {
        list(&mut self.ami_versions["ami-version"]).retain(|entry| entry["recipename"] != recipe);
        self
    }

    /// Replaces `ami-scheduled`; the names are separated by `;`.
    #[must_use]
    pub fn scheduled(mut self, recipes: &str) -> Self {
        let blocks = if recipes.is_empty() {
            json!([])
        } else {
            json!([{ "recipenames": recipes }])
        };
        self.ami_versions["ami-scheduled"] = blocks;
        self
    }

    /// Sets the schedule of the build rule.
    #[must_use]
    pub fn with_schedule(mut self, expression: &str) -> Self {
        self.environment["schedule"] = expression.into();
        self
    }

    /// Adds a consumer account whose role `mstr-launch` launches.
    #[must_use]
    pub fn with_consumer(self, account: &str) -> Self {
        let role = format!("arn:aws:iam::{account}:role/mstr-launch");
        self.with_consumer_entry(json!({ "account-id": account, "roles": [role] }))
    }

    /// Adds a consumer account that gets copies, which its role `mstr-launch` launches.
    #[must_use]
    pub fn with_copies_for(self, account: &str) -> Self {
        let role = format!("arn:aws:iam::{account}:role/mstr-launch");
        self.with_consumer_entry(json!({ "account-id": account, "roles": [role], "serve": "copy" }))
    }

    /// Adds an entry to `consumers`, as it is.
    #[must_use]
    pub fn with_consumer_entry(mut self, entry: Value) -> Self {
        list(&mut self.environment["consumers"]).push(entry);
        self
    }

    /// Shares with the workload accounts instead of copying for them.
    #[must_use]
    pub fn sharing_with_workload_accounts(mut self) -> Self {
        self.environment["workload-accounts"] = "share".into();
        self
    }

    /// Lets what `verify` cannot find out stand in the way.
    #[must_use]
    pub fn blocking_what_is_unknown(mut self) -> Self {
        self.environment["verify"] = json!({ "unknown-blocks": true });
        self
    }

    /// Removes a consumer account.
    #[must_use]
    pub fn without_consumer(mut self, account: &str) -> Self {
        list(&mut self.environment["consumers"])
            .retain(|consumer| consumer["account-id"] != account);
        self
    }

    /// Sets a member of `environment.json`.
    #[must_use]
    pub fn with_setting(mut self, member: &str, value: Value) -> Self {
        self.environment[member] = value;
        self
    }

    /// Adds a Region, with or without a key for the copies.
    #[must_use]
    pub fn with_region(mut self, region: &str, kms_key: Option<&str>) -> Self {
        let settings = kms_key.map_or_else(|| json!({}), |key| json!({ "kms-key": key }));
        self.environment["regions"][region] = settings;
        self
    }

    /// Names a key that a Region had before.
    #[must_use]
    pub fn with_former_key(mut self, region: &str, key: &str) -> Self {
        self.environment["regions"][region]["former-kms-keys"] = json!([key]);
        self
    }

    /// Adds `workload_accounts.us-east-1.json`, in the format that its users have.
    #[must_use]
    pub fn with_workload_accounts(self, accounts: &[(&str, &str)]) -> Self {
        let entry = |(name, account): &(&str, &str)| {
            let settings = json!({
                "account_id": account, "vpc_id": "vpc-0181557b", "subnet_id": "subnet-29cb4f75",
                "sg_id": "sg-6f18e222", "owner": "engineer1"
            });
            ((*name).to_owned(), settings)
        };
        let accounts: Value = accounts
            .iter()
            .map(entry)
            .collect::<serde_json::Map<_, _>>()
            .into();
        self.with_file("workload_accounts.us-east-1.json", pretty(&accounts))
    }

    /// Adds or replaces any other document.
    #[must_use]
    pub fn with_file(mut self, key: &str, content: Vec<u8>) -> Self {
        self.others.insert(key.to_owned(), content);
        self
    }

    /// Writes the documents into a folder of this name and of their own, as a checkout has them.
    pub fn in_folder(&self, name: &str) -> PathBuf {
        let folder = workspace_root().join("target").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("an old folder");
        }
        for (key, content) in self.files() {
            let file = folder.join(key);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, content).expect("a document");
        }
        folder
    }

    /// `ami-versions.json` as text.
    pub fn ami_versions(&self) -> String {
        format!("{:#}", self.ami_versions)
    }

    /// Keys and contents, what others refer to first.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let main = [
            (ENVIRONMENT, &self.environment),
            (AMI_VERSIONS, &self.ami_versions),
        ];
        let main = main.map(|(key, content)| (key.to_owned(), pretty(content)));
        self.others.clone().into_iter().chain(main).collect()
    }
}

fn sample_file(key: &str) -> Vec<u8> {
    let path = workspace_root().join("ami-versions/nonprod").join(key);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sample_json(key: &str) -> Value {
    serde_json::from_slice(&sample_file(key)).expect("the sample is JSON")
}

fn list(value: &mut Value) -> &mut Vec<Value> {
    value.as_array_mut().expect("the sample has a list here")
}

fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}").into_bytes()
}
