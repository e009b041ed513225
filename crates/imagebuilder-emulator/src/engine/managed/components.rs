//! Components that Amazon manages, with account `aws` in their ARN. Names are the real ones, the
//! documents are not, and the versions are plausible only: refer to them as `x.x.x`.

use jiff::Timestamp;
use serde_json::json;

use crate::{
    common::{
        arn::{Arn, Kind},
        date::Date,
        tags::Tags,
        version::Version,
    },
    document::component::{ComponentParameter, ComponentType},
    records::component::{Component, Content},
};

const BUILD: ComponentType = ComponentType::Build;

const TEST: ComponentType = ComponentType::Test;

/// Name, version, type, platform.
const CATALOGUE: [(&str, Version, ComponentType, &str); 20] = [
    (
        "amazon-cloudwatch-agent-linux",
        Version::new(1, 0, 1),
        BUILD,
        "Linux",
    ),
    (
        "aws-cli-version-2-linux",
        Version::new(1, 0, 4),
        BUILD,
        "Linux",
    ),
    (
        "aws-cli-version-2-windows",
        Version::new(1, 0, 1),
        BUILD,
        "Windows",
    ),
    (
        "aws-codedeploy-agent-linux",
        Version::new(1, 1, 1),
        BUILD,
        "Linux",
    ),
    ("docker-ce-linux", Version::new(1, 0, 0), BUILD, "Linux"),
    (
        "eni-attachment-test-linux",
        Version::new(1, 0, 3),
        TEST,
        "Linux",
    ),
    ("hello-world-linux", Version::new(1, 0, 1), BUILD, "Linux"),
    (
        "hello-world-windows",
        Version::new(1, 0, 1),
        BUILD,
        "Windows",
    ),
    ("python-3-linux", Version::new(1, 0, 2), BUILD, "Linux"),
    ("reboot-linux", Version::new(1, 0, 1), BUILD, "Linux"),
    ("reboot-test-linux", Version::new(1, 0, 0), TEST, "Linux"),
    (
        "reboot-test-windows",
        Version::new(1, 0, 0),
        TEST,
        "Windows",
    ),
    (
        "scap-compliance-checker-linux",
        Version::new(2021, 4, 0),
        BUILD,
        "Linux",
    ),
    (
        "simple-boot-test-linux",
        Version::new(1, 0, 0),
        TEST,
        "Linux",
    ),
    (
        "simple-boot-test-windows",
        Version::new(1, 0, 0),
        TEST,
        "Windows",
    ),
    ("stig-build-linux", Version::new(1, 0, 5), BUILD, "Linux"),
    (
        "stig-build-windows",
        Version::new(1, 0, 5),
        BUILD,
        "Windows",
    ),
    ("update-linux", Version::new(1, 0, 2), BUILD, "Linux"),
    ("update-windows", Version::new(1, 0, 2), BUILD, "Windows"),
    (
        "yum-repository-test-linux",
        Version::new(1, 0, 2),
        TEST,
        "Linux",
    ),
];

/// The managed components of a Region.
pub(crate) fn components(region: &str) -> impl Iterator<Item = Component> {
    CATALOGUE
        .iter()
        .map(move |(name, version, kind, platform)| Component {
            arn: Arn::new(region, "aws", Kind::Component, name)
                .at(*version)
                .build(1),
            name: (*name).to_owned(),
            version: *version,
            r#type: *kind,
            owner: "Amazon".to_owned(),
            date_created: Date(Timestamp::UNIX_EPOCH),
            state: json!({"status": "ACTIVE"}),
            parameters: parameters(name),
            encrypted: true,
            tags: Tags::new(),
            publisher: None,
            obfuscate: false,
            content: content(name, *kind, platform),
        })
}

fn content(name: &str, kind: ComponentType, platform: &str) -> Content {
    Content {
        description: Some(format!("The managed component {name}")),
        change_description: None,
        platform: platform.to_owned(),
        supported_os_versions: None,
        data: Some(placeholder_document(name, kind, platform)),
        kms_key_id: None,
    }
}

/// A placeholder for Amazon's document, which AWS shows. It has the name, the parameters, and a
/// step that says what it is.
fn placeholder_document(name: &str, kind: ComponentType, platform: &str) -> String {
    let phase = match kind {
        ComponentType::Build => "build",
        ComponentType::Test => "test",
    };
    let module = if platform == "Windows" {
        "ExecutePowerShell"
    } else {
        "ExecuteBash"
    };
    let declared: String = parameters(name).iter().map(declaration).collect();
    let section = if declared.is_empty() {
        String::new()
    } else {
        format!("parameters:\n{declared}")
    };
    format!(
        "name: {name}\nschemaVersion: 1.0\n{section}phases:\n  - name: {phase}\n    steps:\n      - name: StandIn\n        \
         action: {module}\n        inputs:\n          commands:\n            - echo stand-in for {name}\n"
    )
}

fn declaration(parameter: &ComponentParameter) -> String {
    let default = parameter
        .default_value
        .iter()
        .flatten()
        .map(|value| format!(", default: '{value}'"));
    format!(
        "  - {}: {{type: string{}}}\n",
        parameter.name,
        default.collect::<String>()
    )
}

fn parameters(name: &str) -> Vec<ComponentParameter> {
    let defaults: &[(&str, &str)] = match name {
        "stig-build-linux" => &[
            ("Level", "High"),
            ("InstallPackages", "No"),
            ("SetDoDConsentBanner", "No"),
        ],
        "stig-build-windows" => &[("Level", "High")],
        _ => &[],
    };
    defaults
        .iter()
        .map(|(name, default)| parameter(name, default))
        .collect()
}

fn parameter(name: &str, default: &str) -> ComponentParameter {
    ComponentParameter {
        name: name.to_owned(),
        r#type: "string".to_owned(),
        default_value: Some(vec![default.to_owned()]),
        description: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::component::parse;

    #[test]
    fn the_stand_ins_are_documents_of_their_components() {
        for component in components("us-east-1") {
            let Content { data, platform, .. } = &component.content;
            let document = parse(data.as_deref().unwrap(), platform).unwrap();
            assert_eq!(
                (document.kind, document.parameters),
                (component.r#type, component.parameters)
            );
        }
    }
}
