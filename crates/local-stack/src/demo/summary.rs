//! What `target/demo/summary.json` holds.

use std::collections::BTreeMap;

use local_stack::Totals;
use serde::{Deserialize, Serialize};

/// The whole demo in numbers and names.
#[derive(Debug, Serialize)]
pub struct Summary {
    pub recipes: Vec<RecipeRow>,
    pub first_run: Totals,
    pub second_run: Totals,
    pub gates_run: Totals,
    pub scheduled_run: Totals,
    pub waiver_run: Totals,
    /// ARNs of every image that was started.
    pub builds_started: Vec<String>,
    /// Keys of what was published.
    pub image_json: Vec<String>,
    /// How long each phase took.
    pub seconds: BTreeMap<&'static str, f64>,
}

/// What came of one entry of the document.
#[derive(Debug, Serialize)]
pub struct RecipeRow {
    pub recipename: String,
    pub version: String,
    pub recipe_arn: String,
    pub pipeline_arn: String,
    pub image_arn: String,
    pub state: String,
    /// AMI ids by Region.
    pub amis: BTreeMap<String, String>,
    pub base_ami: String,
    /// Whether every volume of every AMI is encrypted.
    pub encrypted: bool,
    /// The key of the volumes by Region.
    pub kms_key: BTreeMap<String, String>,
    /// Accounts that may launch every one of the AMIs.
    pub shared_with: Vec<String>,
    /// Accounts with an AMI of their own, as published: its id.
    pub copied_to: BTreeMap<String, String>,
    /// What the tests of the image found.
    pub results: Results,
}

/// How many controls ended how, as `goldsmith results` says.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Results {
    pub passed: u32,
    pub failed: u32,
    pub waived: u32,
}
