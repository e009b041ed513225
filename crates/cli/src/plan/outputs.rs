//! Files that the framework leaves in `target`, for what reads them there.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::observed::Observed;
use goldsmith_domain::plan::published_image;
use goldsmith_domain::publication::files;
use goldsmith_domain::stack::StackContext;
use goldsmith_layers::read::NAME;
use goldsmith_layers::text_of;

use super::error::PlanError;
use crate::arguments::Plan;
use crate::json;
use crate::layers::Layered;
use crate::layers::inputs::FILE;
use crate::pipelines::pipeline_of;

/// Writes the values of all variables into the folder that was asked for.
pub fn write_inputs(layered: &Layered, arguments: &Plan) -> Result<(), PlanError> {
    let Some(folder) = &arguments.output_dir else {
        return Ok(());
    };
    let path = arguments.dir.join(folder).join(FILE);
    write(&path, &json::pretty(&layered.inputs())?)
}

/// Writes what is published of the project's image there, as `image.json` and `image-<region>.json`; nothing if
/// nothing is published of it, or if it is not clear which image is meant.
pub fn write_image(
    layered: &Layered,
    desired: &Desired,
    (stack, observed): (&StackContext, &Observed),
    arguments: &Plan,
) -> Result<(), PlanError> {
    let (Some(folder), Some(name)) = (&arguments.output_dir, image(layered, desired)) else {
        return Ok(());
    };
    let pipeline = pipeline_of(stack, &observed.pipelines, name);
    let published = pipeline.and_then(|pipeline| published_image(&observed.images, pipeline));
    let published = published.map(|image| files(name, &image.amis));
    for file in published.into_iter().flatten() {
        let own = file.key.rsplit('/').next().unwrap_or_default();
        write(&arguments.dir.join(folder).join(own), &file.content)?;
    }
    Ok(())
}

/// The image of a project: the one that its variables name, or else the only one.
fn image<'d>(layered: &Layered, desired: &'d Desired) -> Option<&'d RecipeName> {
    let name = layered.variables.get(NAME);
    let name = name.and_then(|name| text_of(&name.value)?.parse::<RecipeName>().ok());
    let mut names = desired.recipes.iter().map(|recipe| &recipe.name);
    let is_meant = |known: &&RecipeName| {
        name.as_ref()
            .is_some_and(|name| name.folded() == known.folded())
    };
    let meant = names.clone().find(is_meant);
    let only = || names.next().filter(|_| desired.recipes.len() == 1);
    meant.or_else(only)
}

/// Writes a file for its owner only: these name accounts.
fn write(path: &Path, text: &str) -> Result<(), PlanError> {
    let unwritable = |source| PlanError::Unwritable {
        path: path.to_owned(),
        source,
    };
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(unwritable)?;
    let mut open = OpenOptions::new();
    open.write(true).create(true).truncate(true).mode(0o600);
    let mut file = open.open(path).map_err(unwritable)?;
    file.write_all(text.as_bytes()).map_err(unwritable)
}
