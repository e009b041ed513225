//! `goldsmith import`: what people have, as documents of a new environment.
//!
//! [`folder`] reads the source, the crate `goldsmith-import` makes documents of it, and [`render`] shows what came of
//! it. What is written is checked as `goldsmith check` does it.

mod account;
mod error;
mod folder;
mod render;

use std::path::{Path, PathBuf};

use goldsmith_import::{Imported, Kind, Settings, SourceFile, Sources, detect, valid};

use self::error::ImportCommandError;
use self::folder::Folder;
use self::render::ImportReport;
use crate::arguments::{Import, ImportFormat, ImportKind};
use crate::check;
use crate::exit::Exit;
use crate::init;
use crate::json;
use crate::printer::Printer;

/// Imports the source, writes the documents and checks them.
pub async fn run(arguments: &Import, printer: Printer) -> Result<Exit, ImportCommandError> {
    let environment = init::environment(&arguments.into)?;
    check_base(arguments.base.as_deref())?;
    let (kind, folder) = match &arguments.source {
        Some(source) => {
            let folder = folder::read(source)?;
            (kind(arguments, source, &folder)?, folder)
        }
        None => (Kind::Terraform, account::read(printer).await?),
    };
    let settings = Settings {
        environment: environment.as_str().to_owned(),
        family: arguments.family.as_ref().map(ToString::to_string),
        region: arguments.region.as_ref().map(ToString::to_string),
        base: arguments.base.clone(),
        template: folder.file.as_ref().map(|file| file.path.clone()),
        name: folder.name.clone(),
    };
    let imported = imported(kind, &folder.sources, &settings)?;
    let paths = write(&arguments.into, &imported.files)?;
    let (check, read) = check::report(&arguments.into)?;
    let summary = check.summary(read);
    let report = ImportReport::new(kind, paths, imported, check);
    let text = match arguments.format {
        ImportFormat::Text => report.text(&arguments.into),
        ImportFormat::Json => json::pretty(&report)?,
    };
    printer.stdout(&text);
    printer.stderr(&report.summary());
    printer.stderr(&summary);
    Ok(report.exit())
}

fn check_base(base: Option<&str>) -> Result<(), ImportCommandError> {
    match base {
        Some(base) if !(valid::BASE.fits)(base) => Err(ImportCommandError::Base {
            found: base.to_owned(),
            expected: valid::BASE.expected,
        }),
        Some(_) | None => Ok(()),
    }
}

/// What the source is; of a file, what it is by itself, or else by what is beside it.
fn kind(arguments: &Import, source: &Path, folder: &Folder) -> Result<Kind, ImportCommandError> {
    let found = match arguments.kind {
        ImportKind::Packer => Some(Kind::Packer),
        ImportKind::Rake => Some(Kind::Rake),
        ImportKind::Terraform => Some(Kind::Terraform),
        ImportKind::Auto => {
            let alone = folder.file.clone();
            let alone = alone.and_then(|file| detect(&Sources::new(vec![file], Vec::new())));
            alone.or_else(|| detect(&folder.sources))
        }
    };
    found.ok_or_else(|| ImportCommandError::Unknown {
        path: source.to_owned(),
        unread: folder.unread.first().cloned(),
    })
}

fn imported(
    kind: Kind,
    sources: &Sources,
    settings: &Settings,
) -> Result<Imported, ImportCommandError> {
    Ok(match kind {
        Kind::Packer => goldsmith_import::packer(sources, settings)?,
        Kind::Rake => goldsmith_import::rake(sources, settings)?,
        Kind::Terraform => goldsmith_import::terraform(sources, settings)?,
    })
}

/// Writes the files, unless one of them exists. Returns their paths.
fn write(dir: &Path, files: &[SourceFile]) -> Result<Vec<PathBuf>, ImportCommandError> {
    let texts = files
        .iter()
        .map(|file| (file.path.as_str(), file.text.clone()));
    Ok(init::write_new(dir, texts.collect())?)
}
