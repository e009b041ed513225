//! Packer templates, in JSON and in HCL2.
//!
//! [`template`] is what both become, [`amazon_ebs`] reads builders, and [`steps`] turns provisioners into components.

mod amazon_ebs;
mod ami_name;
mod assemble;
mod base;
mod hcl;
mod interpolate;
mod json;
mod post;
mod steps;
mod template;

use crate::draft::{Draft, finish};
use crate::ledger::Ledger;
use crate::outcome::{ImportError, Imported, Place};
use crate::settings::Settings;
use crate::source::Sources;

pub(crate) use assemble::assemble;
pub(crate) use interpolate::Variables;
pub(crate) use json::{parsed, template as json_template, variables as json_variables};

/// Imports the template of a folder: all of its `*.pkr.hcl` files, or the one template in JSON.
///
/// Errors: there is no template, there are several in JSON, or one cannot be parsed.
pub fn packer(sources: &Sources, settings: &Settings) -> Result<Imported, ImportError> {
    if is_hcl(sources) {
        packer_hcl(sources, settings)
    } else {
        packer_json(sources, settings)
    }
}

/// Imports the `*.pkr.hcl` files of a folder.
///
/// Errors: a file cannot be parsed.
pub fn packer_hcl(sources: &Sources, settings: &Settings) -> Result<Imported, ImportError> {
    let mut ledger = Ledger::default();
    let template = hcl::template(sources, &mut ledger)?;
    let mut draft = Draft::default();
    assemble(&template, sources, settings, &mut draft, &mut ledger);
    Ok(finish(draft, settings, ledger))
}

/// Imports the JSON template of a folder.
///
/// Errors: there is none, there are several, or it cannot be parsed.
pub fn packer_json(sources: &Sources, settings: &Settings) -> Result<Imported, ImportError> {
    let path = json_path(sources, settings)?;
    let mut ledger = Ledger::default();
    let value = parsed(path, sources.text(path).unwrap_or_default())?;
    let place = Place::file(path);
    let variables = json_variables(&value, &place, &mut ledger);
    let template = json_template(&value, &variables, &place, &mut ledger);
    let mut draft = Draft::default();
    assemble(&template, sources, settings, &mut draft, &mut ledger);
    Ok(finish(draft, settings, ledger))
}

/// Whether a folder has a template in HCL2.
pub(crate) fn is_hcl(sources: &Sources) -> bool {
    sources
        .paths()
        .any(|path| !path.contains('/') && path.ends_with(".pkr.hcl"))
}

/// Whether a folder has a template in JSON.
pub(crate) fn is_json(sources: &Sources) -> bool {
    !json::templates(sources).is_empty()
}

fn json_path<'s>(sources: &'s Sources, settings: &'s Settings) -> Result<&'s str, ImportError> {
    if let Some(path) = settings.template.as_deref() {
        return Ok(path);
    }
    match json::templates(sources).as_slice() {
        [] => Err(ImportError::Nothing {
            expected: "Packer template: no *.pkr.hcl, and no *.json that is JSON and has `builders`",
        }),
        [path] => Ok(path),
        [first, second, ..] => Err(ImportError::Several {
            first: (*first).to_owned(),
            second: (*second).to_owned(),
        }),
    }
}
