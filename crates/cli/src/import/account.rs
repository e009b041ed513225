//! What an account has, as a source of an import.

use goldsmith_aws::operator::{Inventory, Session};
use goldsmith_import::{SourceFile, Sources};

use super::error::ImportCommandError;
use super::folder::Folder;
use crate::printer::Printer;

/// What stands for the file in messages.
const SOURCE: &str = "the account";

/// Reads what Image Builder has in the caller's account and Region.
pub(super) async fn read(printer: Printer) -> Result<Folder, ImportCommandError> {
    let session = Session::from_env().await?;
    let reading = Box::pin(session.inventory());
    let inventory = printer
        .with_progress("reading the account", reading)
        .await?;
    let Inventory {
        printed,
        count,
        managed,
    } = inventory;
    let region = session.region();
    if count == 0 {
        return Err(ImportCommandError::Empty { region, managed });
    }
    printer.stderr(&format!(
        "read {count} resources of Image Builder in {region}"
    ));
    if managed > 0 {
        printer.stderr(&format!(
            "left out {managed} that a stack of goldsmith has made"
        ));
    }
    let file = SourceFile {
        path: SOURCE.to_owned(),
        text: printed.to_string(),
    };
    Ok(Folder {
        sources: Sources::new(vec![file.clone()], Vec::new()),
        unread: Vec::new(),
        file: Some(file),
        name: String::new(),
    })
}
