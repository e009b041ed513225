//! The checked input of an operation: its members, typed, and the caller.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::common::{
    arn::Arn,
    caller::Caller,
    error::ApiError,
    tags::Tags,
    version::{ParseArnError, Version},
};

/// An input that was checked against its shape.
pub(crate) struct Input<'a> {
    operation: &'static str,
    caller: &'a Caller,
    members: Value,
}

impl<'a> Input<'a> {
    /// The input of an operation.
    pub fn new(operation: &'static str, caller: &'a Caller, members: Value) -> Self {
        Self {
            operation,
            caller,
            members,
        }
    }

    /// The operation's name.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Who asks, and in which Region.
    pub fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// All members.
    pub fn members(&self) -> &Value {
        &self.members
    }

    /// A string member.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.members.get(member)?.as_str()
    }

    /// A boolean member; absent is false.
    pub fn flag(&self, member: &str) -> bool {
        self.members
            .get(member)
            .and_then(Value::as_bool)
            .unwrap_or_default()
    }

    /// Whether a member was given.
    pub fn has(&self, member: &str) -> bool {
        self.members.get(member).is_some()
    }

    /// A member, typed.
    pub fn member<T: DeserializeOwned>(&self, member: &str) -> Result<Option<T>, ApiError> {
        self.members
            .get(member)
            .map(T::deserialize)
            .transpose()
            .map_err(|error| ApiError::invalid(member, &error.to_string()))
    }

    /// The whole input, typed.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        T::deserialize(&self.members).map_err(|error| ApiError::serialization(error.to_string()))
    }

    /// A member that is an ARN; the model requires it.
    pub fn arn(&self, member: &str) -> Result<Arn, ApiError> {
        self.optional_arn(member)?
            .ok_or_else(|| ApiError::invalid(member, &format!("'{member}' must not be null")))
    }

    /// A member that is an ARN, if given.
    pub fn optional_arn(&self, member: &str) -> Result<Option<Arn>, ApiError> {
        let arn = self.text(member).map(str::parse).transpose();
        arn.map_err(|error: ParseArnError| ApiError::invalid(member, &error.to_string()))
    }

    /// The tags of a Create* request.
    pub fn tags(&self) -> Result<Tags, ApiError> {
        Ok(self.member("tags")?.unwrap_or_default())
    }

    /// The member `semanticVersion`; its nodes go to 2^30-1.
    pub fn semantic_version(&self) -> Result<Version, ApiError> {
        let text = self.text("semanticVersion").unwrap_or_default();
        text.parse().map_err(|error: ParseArnError| {
            ApiError::new(400, "InvalidVersionNumberException", error.to_string())
        })
    }

    /// The version of a recipe that is to be made, which may be a series.
    pub fn recipe_version(&self) -> Result<Version, ApiError> {
        let text = self.text("semanticVersion").unwrap_or_default();
        Version::of_recipe(text)
            .map_err(|error| ApiError::new(400, "InvalidVersionNumberException", error.to_string()))
    }

    /// To be called between the checks and the first change of a Create* operation.
    pub fn stop_if_dry_run(&self) -> Result<(), ApiError> {
        if self.flag("dryRun") {
            Err(ApiError::dry_run())
        } else {
            Ok(())
        }
    }
}
