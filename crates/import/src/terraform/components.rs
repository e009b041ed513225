//! Components: those of the state become documents, and others keep their ARN.

use std::collections::BTreeMap;

use super::resources::{Resource, items};
use super::{account_in, folded, name_in, phases, within};
use crate::draft::{Draft, Use};
use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};
use crate::valid;
use crate::value::Value;
use goldsmith_domain::secret;

/// The components of a state.
pub(super) struct Components {
    all: Vec<Component>,
}

struct Component {
    arn: String,
    stem: String,
    data: String,
    is_test: bool,
    place: Place,
    /// Its document, once a recipe has used it.
    path: Option<String>,
}

impl Components {
    /// The components whose documents are known.
    pub(super) fn of(resources: &[Resource], ledger: &mut Ledger) -> Self {
        let components = resources
            .iter()
            .filter(|resource| resource.kind == "aws_imagebuilder_component");
        let read = |resource| component(resource, ledger);
        Self {
            all: components.filter_map(read).collect(),
        }
    }

    /// A component of a recipe, as a list of the documents has it.
    pub(super) fn used(
        &mut self,
        block: &Value,
        place: &Place,
        draft: &mut Draft,
        ledger: &mut Ledger,
    ) -> Option<Use> {
        let arn = block
            .get("component_arn")
            .and_then(|arn| arn.text().ok())
            .unwrap_or_default();
        let mut used = match self.ours(&arn) {
            Some(component) => Use {
                is_test: component.is_test,
                ..Use::of_document(&component.document(draft))
            },
            None => others(&arn, place, draft, ledger)?,
        };
        for parameter in items(block.get("parameter")) {
            let text = |key: &str| parameter.get(key).and_then(|text| text.text().ok());
            let (Some(name), Some(value)) = (text("name"), text("value")) else {
                ledger.left(
                    LeftKind::Invalid,
                    place,
                    "a parameter",
                    "its value is not known",
                );
                continue;
            };
            if secret::is_name(&name) || secret::in_text(&value).is_some() {
                let why = "it seems to be a secret, and every reader of a recipe sees a parameter";
                ledger.left(LeftKind::Secret, place, &name, why);
                continue;
            }
            used.parameters.insert(name, value);
        }
        Some(used)
    }

    fn ours(&mut self, arn: &str) -> Option<&mut Component> {
        let of_account = |component: &&mut Component| {
            name_in(&component.arn) == name_in(arn) && account_in(&component.arn) == account_in(arn)
        };
        let exact = self.all.iter().position(|component| component.arn == arn);
        match exact {
            Some(index) => self.all.get_mut(index),
            // A recipe may name a version with wildcards, or the newest build of one.
            None => self.all.iter_mut().rev().find(of_account),
        }
    }

    /// Reports the components that no recipe runs.
    pub(super) fn report_unused(&self, ledger: &mut Ledger) {
        for component in self.all.iter().filter(|component| component.path.is_none()) {
            let why = "no recipe that was taken over runs it";
            ledger.left(LeftKind::Unneeded, &component.place, &component.stem, why);
        }
    }
}

impl Component {
    fn document(&mut self, draft: &mut Draft) -> String {
        let path = self.path.get_or_insert_with(|| {
            let numbered = |number: usize| match number {
                1 => format!("components/{}.yml", self.stem),
                number => format!("components/{}-{number}.yml", self.stem),
            };
            let mut paths = (1..).map(numbered);
            let free = paths
                .find(|path| !draft.files.contains_key(path))
                .unwrap_or_default();
            draft.files.insert(free.clone(), self.data.clone());
            free
        });
        path.clone()
    }
}

fn component(resource: &Resource, ledger: &mut Ledger) -> Option<Component> {
    let place = within(resource, "data");
    let name = resource.text("name");
    let data = match resource.values.get("data").map(Value::text) {
        Some(Ok(data)) if !data.is_empty() => data,
        Some(Err(trouble)) => {
            ledger.trouble(&place, &trouble);
            return None;
        }
        Some(Ok(_)) | None => {
            let hint = "write the document into components/, and name it in `build-components`";
            ledger.hinted(
                LeftKind::Missing,
                &place,
                &name,
                "the state does not have its document",
                hint,
            );
            return None;
        }
    };
    if let Some(what) = secret::in_text(&data) {
        let why = format!("it seems to hold {what}, and documents hold no secrets");
        ledger.left(LeftKind::Secret, &place, &name, &why);
        return None;
    }
    let Some(phases) = phases::of(&data) else {
        ledger.left(LeftKind::Invalid, &place, &name, "expected YAML");
        return None;
    };
    let is_test = phases.iter().any(|phase| phase == "test")
        && !phases
            .iter()
            .any(|phase| phase == "build" || phase == "validate");
    Some(Component {
        arn: resource.text("arn"),
        stem: valid::label(&folded(&name), 56, "component"),
        data,
        is_test,
        place: resource.place.clone(),
        path: None,
    })
}

/// A component of Amazon or of another account, by its ARN.
fn others(arn: &str, place: &Place, draft: &mut Draft, ledger: &mut Ledger) -> Option<Use> {
    let owner = arn.split(':').nth(4);
    let Some(owner) = owner.filter(|_| (valid::COMPONENT.fits)(arn)) else {
        let why = format!("expected {}", valid::COMPONENT.expected);
        ledger.left(LeftKind::Invalid, place, arn, &why);
        return None;
    };
    if owner != "aws" && !draft.component_owners.iter().any(|known| known == owner) {
        let why = "a recipe runs a component of this owner, and it is not in the state";
        ledger.decided(Some(place), "component-owners", owner, why);
        draft.component_owners.push(owner.to_owned());
    }
    let is_test = name_in(arn).contains("-test");
    if is_test {
        let why = "its name says that it tests; Image Builder runs all its phases in any case";
        ledger.decided(Some(place), "test-components", arn, why);
    }
    Some(Use {
        target: arn.to_owned(),
        parameters: BTreeMap::new(),
        is_test,
    })
}
