//! Packaging as `sam deploy` does it: code goes to a bucket, the template says where, and goes there too.

use std::io;
use std::path::{Path, PathBuf};

use crate::aws::{Aws, CallError};

const BUCKET: &str = "goldsmith-artifacts";
const TEMPLATE: &str = "template.yaml";

/// The template could not be packaged.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The template is not there.
    #[error("{} cannot be read", .0.display())]
    Template(PathBuf, #[source] io::Error),
    /// The code of a function is not there.
    #[error("{} cannot be read: run `make zips`", .0.display())]
    Zip(PathBuf, #[source] io::Error),
    /// Code could not be uploaded.
    #[error("{} cannot be uploaded", .0.display())]
    Upload(PathBuf, #[source] CallError),
}

/// Uploads the code that the template at `path` names, and the template that names the uploads; returns
/// the template's URL. `CloudFormation` takes 51,200 bytes of template in a call, and a megabyte by URL.
pub(crate) async fn package(aws: &Aws, path: &Path) -> Result<String, PackageError> {
    let template = tokio::fs::read(path).await;
    let template = template.map_err(|error| PackageError::Template(path.to_owned(), error))?;
    let template = String::from_utf8_lossy(&template);
    let uploading = |error| PackageError::Upload(path.to_owned(), error);
    aws.create_bucket(BUCKET).await.map_err(uploading)?;
    for code in code_uris(&template) {
        let file = path.with_file_name(code);
        let zip = tokio::fs::read(&file)
            .await
            .map_err(|error| PackageError::Zip(file.clone(), error))?;
        aws.put_object(BUCKET, &key(code), zip)
            .await
            .map_err(|error| PackageError::Upload(file, error))?;
    }
    let packaged: String = template.lines().map(|line| packaged(line) + "\n").collect();
    aws.put_object(BUCKET, TEMPLATE, packaged.into_bytes())
        .await
        .map_err(uploading)?;
    Ok(format!("https://s3.amazonaws.com/{BUCKET}/{TEMPLATE}"))
}

fn code_uris(template: &str) -> impl Iterator<Item = &str> {
    template.lines().filter_map(code_uri)
}

fn code_uri(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("CodeUri:").map(str::trim)
}

fn packaged(line: &str) -> String {
    match code_uri(line) {
        Some(code) => line.replace(code, &format!("s3://{BUCKET}/{}", key(code))),
        None => line.to_owned(),
    }
}

/// `../target/lambda/bootstrap/bootstrap.zip` becomes `bootstrap/bootstrap.zip`.
fn key(code: &str) -> String {
    let mut parts: Vec<_> = code.rsplit('/').take(2).collect();
    parts.reverse();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_uri_changes() {
        let code = "      CodeUri: ../target/lambda/bootstrap/bootstrap.zip";
        assert_eq!(
            packaged(code),
            "      CodeUri: s3://goldsmith-artifacts/bootstrap/bootstrap.zip"
        );
        assert_eq!(
            packaged("      Handler: bootstrap"),
            "      Handler: bootstrap"
        );
    }

    #[test]
    fn the_template_names_the_zip_of_all_functions() {
        let template = include_str!("../../../infra/template.yaml");
        let keys: Vec<_> = code_uris(template).map(key).collect();
        assert_eq!(keys, ["bootstrap/bootstrap.zip"]);
    }
}
