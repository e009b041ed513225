//! Variables without a meaning of their own: values of components' parameters.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::desired::RESULTS_BUCKET;
use goldsmith_domain::document::Json;

use crate::drafts::{Draft, Drafts};
use crate::merge::Variable;
use crate::place::Placed;
use crate::table::is_secret;
use crate::tree;
use crate::uses::Use;

/// The parameters that component documents declare, by the key of the document.
pub type Declared = BTreeMap<String, BTreeSet<String>>;

/// The most components of a list that variables are given to. Image Builder takes 20 in a recipe (its quotas), and
/// documents may come from a stranger.
const MOST_COMPONENTS: usize = 64;

/// A variable on its way to the parameters of its name.
struct Parameter<'v> {
    variable: &'v Variable,
    value: Json,
    declared: &'v Declared,
}

/// Gives a variable to the parameter of its name, in each component of the image that declares one. `entry` is
/// the image's place in `ami-version`.
pub fn give(
    variable: &Variable,
    entry: Option<usize>,
    declared: &Declared,
    drafts: &mut Drafts,
    placed: &mut Placed,
) -> Use {
    if let Some(reason) = kept_out(&variable.name) {
        return Use::Unused(reason.to_owned());
    }
    let Some(value) = value(variable) else {
        return Use::Unused("a parameter takes a text, or a list of texts".to_owned());
    };
    let parameter = Parameter {
        variable,
        value,
        declared,
    };
    let name = &variable.name;
    let mut all = Use::Unused(format!(
        "no component of the image declares a parameter `{name}`"
    ));
    if let Some(environment) = &mut drafts.environment {
        for path in references(environment) {
            let given = parameter.give(environment, &path, placed);
            all = given.into_iter().fold(all, Use::and);
        }
    }
    if let (Some(versions), Some(entry)) = (&mut drafts.versions, entry) {
        let list = ["ami-version", &entry.to_string(), "components"];
        for path in items(versions, &list) {
            let given = parameter.give(versions, &path, placed);
            all = given.into_iter().fold(all, Use::and);
        }
    }
    all
}

/// Why a variable is never a parameter.
fn kept_out(name: &str) -> Option<&'static str> {
    if is_secret(name) {
        return Some("its name says that it is a secret, and documents are no place for one");
    }
    (name == RESULTS_BUCKET).then_some("goldsmith gives this parameter its value")
}

/// The value as a parameter takes it.
fn value(variable: &Variable) -> Option<Json> {
    let texts = || tree::texts_of(&variable.value).map(|texts| texts.join(","));
    let text = tree::text_of(&variable.value).or_else(texts);
    text.map(Json::Text)
}

/// Where an environment names the components of every image.
fn references(environment: &Draft) -> Vec<Vec<String>> {
    let lists = ["build-components", "test-components"];
    let mut paths: Vec<Vec<String>> = lists
        .iter()
        .flat_map(|list| items(environment, &[*list]))
        .collect();
    if environment.find(&["compliance", "scan"]).is_some() {
        paths.push(vec!["compliance".to_owned(), "scan".to_owned()]);
    }
    paths
}

/// The paths of the items of a list.
fn items(draft: &Draft, list: &[&str]) -> Vec<Vec<String>> {
    let count = tree::items(draft.find(list)).len().min(MOST_COMPONENTS);
    let path = |index: usize| {
        let parts = list.iter().map(|&part| part.to_owned());
        parts.chain([index.to_string()]).collect()
    };
    (0..count).map(path).collect()
}

impl Parameter<'_> {
    /// Gives the value to the component at a path; none if it declares no such parameter.
    fn give(&self, draft: &mut Draft, path: &[String], placed: &mut Placed) -> Option<Use> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let below = |more: &[&'static str]| [path.as_slice(), more].concat();
        let short = draft.find(&path).and_then(as_text);
        let long = || draft.find(&below(&["component"])).and_then(as_text);
        let document = short.clone().or_else(long)?;
        let name = self.variable.name.as_str();
        let declared = self.declared.get(&document)?;
        declared.contains(name).then_some(())?;
        if short.is_some() {
            let long = vec![("component".to_owned(), Json::Text(document))];
            draft.make(&path, Json::Object(long));
        }
        let at = [below(&["parameters"]).as_slice(), &[name]].concat();
        Some(draft.give(&at, self.value.clone(), self.variable, placed))
    }
}

fn as_text(value: &Json) -> Option<String> {
    if let Json::Text(text) = value {
        return Some(text.clone());
    }
    None
}
