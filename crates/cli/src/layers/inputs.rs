//! The values of all variables, as the framework leaves them in `target/image-inputs.json`.

use goldsmith_layers::table::is_secret;
use goldsmith_layers::{plain, text_of};
use serde_json::{Map, Value};

use super::Layered;

/// The name of the file.
pub const FILE: &str = "image-inputs.json";

/// The metadata of uploads that is a variable.
const BUILD_URL: &str = "build_url";

impl Layered {
    /// The variables by name, without secrets. Accounts that nobody lists are those of the workload accounts.
    pub fn inputs(&self) -> Map<String, Value> {
        let shown = self.variables.values().filter(|one| !is_secret(&one.name));
        let mut inputs: Map<String, Value> = shown
            .map(|variable| (variable.name.clone(), plain(&variable.value)))
            .collect();
        if !inputs.contains_key("ami_users") && !self.workloads.is_empty() {
            let accounts: Vec<&str> = self.workloads.iter().map(String::as_str).collect();
            inputs.insert("ami_users".to_owned(), accounts.join(",").into());
        }
        inputs.sort_keys();
        inputs
    }

    /// The build that the project's variables name.
    pub fn build_url(&self) -> Option<String> {
        self.variables
            .get(BUILD_URL)
            .and_then(|variable| text_of(&variable.value))
    }
}
