//! The shapes of the inputs: parsed once from `shapes.txt`, then used to check each request and to
//! drop the members that the service does not know.

mod check;
mod notation;

use std::{collections::HashMap, sync::LazyLock};

use serde_json::Value;

use self::notation::Shape;
use crate::refusal::Refusal;

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::parse(include_str!("shapes.txt")));

/// All shapes, by name; inputs by the name of their operation.
struct Model {
    inputs: HashMap<&'static str, Shape>,
    shapes: HashMap<&'static str, Shape>,
}

impl Model {
    fn parse(text: &'static str) -> Self {
        let (mut inputs, mut shapes) = (HashMap::new(), HashMap::new());
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some((keyword, name, shape)) = notation::parse(line) {
                let table = if keyword == "input" { &mut inputs } else { &mut shapes };
                table.insert(name, shape);
            }
        }
        Self { inputs, shapes }
    }
}

/// The input with unknown and null members left out, or the first rule that it breaks.
pub(crate) fn checked(operation: &str, input: &Value) -> Result<Value, Refusal> {
    match MODEL.inputs.get(operation) {
        Some(shape) => check::Check::new(&MODEL.shapes).value(shape, input),
        None => Ok(input.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operations;

    #[test]
    fn every_operation_that_behaves_has_an_input() {
        for operation in operations::all().iter().filter(|operation| operation.behaves()) {
            assert!(MODEL.inputs.contains_key(operation.name), "{}", operation.name);
        }
    }

    #[test]
    fn every_line_parses_and_every_member_has_a_shape() {
        let lines = include_str!("shapes.txt").lines();
        let count = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        assert_eq!(MODEL.inputs.len() + MODEL.shapes.len(), count);
        for name in MODEL.inputs.values().chain(MODEL.shapes.values()).flat_map(Shape::refers_to) {
            assert!(MODEL.shapes.contains_key(name), "{name}");
        }
    }

    #[test]
    fn a_broken_rule_is_told_in_the_service_s_form() {
        let arn = json!({"componentBuildVersionArn": "nonsense"});
        let refusal = checked("DeleteComponent", &arn).unwrap_err();
        assert_eq!(refusal.code, "InvalidParameterValueException");
        assert!(refusal.message.starts_with(
            "The value supplied for parameter 'componentBuildVersionArn' is not valid. \
             'componentBuildVersionArn' must match pattern ^arn:aws"
        ));
    }

    #[test]
    fn unknown_members_are_dropped_at_every_depth() {
        let input = json!({
            "name": "abc", "clientToken": "t", "colour": "red",
            "distributions": [{"region": "us-east-1", "shade": 1, "licenseConfigurationArns": null}],
        });
        let expected = json!({
            "name": "abc", "distributions": [{"region": "us-east-1"}], "clientToken": "t",
        });
        assert_eq!(checked("CreateDistributionConfiguration", &input).unwrap(), expected);
    }

    #[test]
    fn lengths_ranges_enums_and_tags_are_checked() {
        let cases = [
            (
                "CreateComponent",
                json!({"name": "abc", "semanticVersion": "1.0.0", "platform": "BeOS", "clientToken": "t"}),
                "platform",
            ),
            (
                "CreateComponent",
                json!({"name": "a", "semanticVersion": "1.0.0", "platform": "Linux", "clientToken": "t"}),
                "name",
            ),
            ("ListImages", json!({"maxResults": 101}), "maxResults"),
            ("ListImages", json!({"filters": []}), "filters"),
            (
                "StartImagePipelineExecution",
                json!({"imagePipelineArn": "arn:aws:imagebuilder:us-east-1:111122223333:image-pipeline/abc"}),
                "clientToken",
            ),
            (
                "StartImagePipelineExecution",
                json!({"imagePipelineArn": "arn:aws:imagebuilder:us-east-1:111122223333:image-pipeline/abc", "clientToken": "t", "tags": {"aws:x": "y"}}),
                "tags",
            ),
        ];
        for (operation, input, parameter) in cases {
            let refusal = checked(operation, &input).unwrap_err();
            assert!(refusal.message.contains(&format!("'{parameter}'")), "{}", refusal.message);
        }
    }
}
