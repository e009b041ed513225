//! Findings and packages: the seeded ones, and those of images.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::common::arn::Arn;

/// What can be found, and what was found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Scans {
    /// What a scan finds from now on.
    pub findings: Vec<SeedFinding>,
    /// What the inventory of a build instance lists.
    pub packages: Vec<SeedPackage>,
    /// The scan of each image that was scanned.
    pub images: BTreeMap<Arn, Scan>,
}

/// The scan of an image build.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Scan {
    pub at: Timestamp,
    pub pipeline: Option<Arn>,
    pub findings: Vec<SeedFinding>,
}

/// A vulnerability that the scan of an image finds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeedFinding {
    /// For example `CVE-2026-0001`.
    pub vulnerability_id: String,
    /// `CRITICAL`, `HIGH`, `MEDIUM`, `LOW`, `INFORMATIONAL` or `UNTRIAGED`
    pub severity: String,
    /// Only in images of the recipe with this folded name.
    pub recipe: Option<String>,
    /// The vulnerability's id and the package by default.
    pub title: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The vulnerable package.
    pub package: SeedPackage,
    /// The version in which it is fixed.
    pub fixed_in: Option<String>,
    /// Amazon Inspector's score.
    pub score: Option<f64>,
}

/// A package that is installed in an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeedPackage {
    /// For example `openssl`.
    pub name: String,
    /// For example `3.0.8`.
    pub version: String,
    /// Only in images of the recipe with this folded name.
    pub recipe: Option<String>,
}

impl SeedFinding {
    pub(crate) fn is_in(&self, recipe: &str) -> bool {
        self.recipe.as_deref().is_none_or(|wanted| wanted == recipe)
    }
}

impl SeedPackage {
    pub(crate) fn is_in(&self, recipe: &str) -> bool {
        self.recipe.as_deref().is_none_or(|wanted| wanted == recipe)
    }
}
