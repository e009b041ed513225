//! The service model: which operations there are, what their inputs and answers look like.
//!
//! Parsed once from `inputs.txt`, which `model/shapes.py` derives from botocore's model. Each
//! request is checked with it, and loses the members that the service does not know.

pub(crate) mod check;
pub(crate) mod notation;

use std::{collections::HashMap, sync::LazyLock};

use serde_json::Value;

use crate::{
    common::error::ApiError,
    wire::model::{
        check::Check,
        notation::{Line, OperationModel, Shape},
    },
};

static INPUTS: LazyLock<Model> = LazyLock::new(|| Model::parse(include_str!("inputs.txt")));

/// Shapes by name; inputs or outputs by the name of their operation.
#[derive(Default)]
struct Model {
    operations: Vec<OperationModel>,
    roots: HashMap<&'static str, Shape>,
    shapes: HashMap<&'static str, Shape>,
}

impl Model {
    fn parse(text: &'static str) -> Self {
        let mut model = Self::default();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines
            .filter_map(notation::parse)
            .for_each(|line| model.add(line));
        model
    }

    fn add(&mut self, line: Line) {
        match line {
            Line::Operation(operation) => self.operations.push(operation),
            Line::Root(name, shape) => drop(self.roots.insert(name, shape)),
            Line::Shape(name, shape) => drop(self.shapes.insert(name, shape)),
        }
    }

    fn checked(&self, operation: &str, value: &Value) -> Result<Value, ApiError> {
        match self.roots.get(operation) {
            Some(shape) => Check::new(&self.shapes).value(shape, value),
            None => Ok(value.clone()),
        }
    }
}

/// All operations of the service.
pub(crate) fn operations() -> &'static [OperationModel] {
    &INPUTS.operations
}

/// The input with unknown and null members left out, or the first rule that it breaks.
pub(crate) fn checked(operation: &str, input: &Value) -> Result<Value, ApiError> {
    INPUTS.checked(operation, input)
}

/// In what an answer differs from the model. Debug builds look at every answer, so that each test
/// of the emulator, and of its users, is also one of this.
#[cfg(any(test, debug_assertions))]
pub(crate) fn contradiction(operation: &str, answer: &Value) -> Option<String> {
    static ANSWERS: LazyLock<Model> = LazyLock::new(|| Model::parse(include_str!("answers.txt")));
    match ANSWERS.checked(operation, answer) {
        Ok(known) if known == *answer => None,
        Ok(known) => Some(format!(
            "{operation} answers {answer}, of which the model knows only {known}"
        )),
        Err(error) => Some(format!("{operation} answers {answer}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_line_parses_and_every_member_has_a_shape() {
        let texts = [include_str!("inputs.txt"), include_str!("answers.txt")];
        for text in texts {
            let model = Model::parse(text);
            let count = text.lines().filter(|line| !line.starts_with('#')).count();
            assert_eq!(
                model.operations.len() + model.roots.len() + model.shapes.len(),
                count
            );
            for name in model
                .roots
                .values()
                .chain(model.shapes.values())
                .flat_map(Shape::refers_to)
            {
                assert!(model.shapes.contains_key(name), "{name}");
            }
        }
    }

    #[test]
    fn a_broken_rule_is_reported_in_the_form_of_the_service() {
        let arn = json!({"componentBuildVersionArn": "nonsense"});
        let error = checked("DeleteComponent", &arn).unwrap_err();
        assert_eq!(error.code, "InvalidParameterValueException");
        assert!(error.message.starts_with(
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
        assert_eq!(
            checked("CreateDistributionConfiguration", &input).unwrap(),
            expected
        );
    }

    #[test]
    fn an_answer_with_a_member_that_the_model_lacks_is_noticed() {
        let right = json!({"tags": {"a": "b"}});
        assert_eq!(contradiction("ListTagsForResource", &right), None);
        for wrong in [
            json!({"tags": {"a": "b"}, "colour": "red"}),
            json!({"tags": null}),
            json!({"tags": "a"}),
        ] {
            assert!(
                contradiction("ListTagsForResource", &wrong).is_some(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn lengths_ranges_enums_and_tags_are_checked() {
        let pipeline = "arn:aws:imagebuilder:us-east-1:111122223333:image-pipeline/abc";
        let component = |name: &str, platform: &str| json!({"name": name, "semanticVersion": "1.0.0", "platform": platform, "clientToken": "t"});
        let tagged =
            json!({"imagePipelineArn": pipeline, "clientToken": "t", "tags": {"aws:x": "y"}});
        let cases = [
            ("CreateComponent", component("abc", "BeOS"), "platform"),
            ("CreateComponent", component("a", "Linux"), "name"),
            ("ListImages", json!({"maxResults": 101}), "maxResults"),
            ("ListImages", json!({"filters": []}), "filters"),
            (
                "StartImagePipelineExecution",
                json!({"imagePipelineArn": pipeline}),
                "clientToken",
            ),
            ("StartImagePipelineExecution", tagged, "tags"),
        ];
        for (operation, input, parameter) in cases {
            let error = checked(operation, &input).unwrap_err();
            assert!(
                error.message.contains(&format!("'{parameter}'")),
                "{}",
                error.message
            );
        }
    }
}
