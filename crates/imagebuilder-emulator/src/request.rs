//! What a handler is given: the checked input, who asks, the time, and the state.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    arn::{self, Arn, Kind},
    caller::Caller,
    date::Date,
    options::{MissingReference, Options},
    refusal::Refusal,
    state::{State, Tags},
    uri::Fetched,
};

/// A request to Image Builder.
pub(crate) struct Request<'a> {
    /// Everything the emulator knows.
    pub state: &'a mut State,
    /// The document that the request names by `uri`, until it is taken.
    pub fetched: Option<Fetched>,
    options: &'a Options,
    caller: &'a Caller,
    operation: &'static str,
    input: Value,
    now: Timestamp,
}

impl<'a> Request<'a> {
    /// A request whose input has been checked against its shape.
    pub fn new(
        state: &'a mut State,
        options: &'a Options,
        caller: &'a Caller,
        operation: &'static str,
        input: Value,
        now: Timestamp,
    ) -> Self {
        Self {
            state,
            fetched: None,
            options,
            caller,
            operation,
            input,
            now,
        }
    }

    /// The operation's name.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The emulator's settings.
    pub fn options(&self) -> &'a Options {
        self.options
    }

    /// Who asks, and in which Region.
    pub fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// The checked input.
    pub fn input(&self) -> &Value {
        &self.input
    }

    /// The virtual time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The virtual time as answers show it.
    pub fn date(&self) -> Date {
        Date(self.now)
    }

    /// A string member.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.input.get(member)?.as_str()
    }

    /// A boolean member; absent is false.
    pub fn flag(&self, member: &str) -> bool {
        self.input
            .get(member)
            .and_then(Value::as_bool)
            .unwrap_or_default()
    }

    /// Whether a member was given.
    pub fn has(&self, member: &str) -> bool {
        self.input.get(member).is_some()
    }

    /// A member, typed.
    pub fn member<T: DeserializeOwned>(&self, member: &str) -> Result<Option<T>, Refusal> {
        self.input
            .get(member)
            .map(T::deserialize)
            .transpose()
            .map_err(|error| Refusal::invalid(member, &error.to_string()))
    }

    /// The whole input, typed.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        T::deserialize(&self.input).map_err(|error| Refusal::serialization(error.to_string()))
    }

    /// A member that is an ARN; the model requires it.
    pub fn arn(&self, member: &str) -> Result<Arn, Refusal> {
        self.optional_arn(member)?
            .ok_or_else(|| Refusal::invalid(member, &format!("'{member}' must not be null")))
    }

    /// A member that is an ARN, if given.
    pub fn optional_arn(&self, member: &str) -> Result<Option<Arn>, Refusal> {
        let arn = self.text(member).map(str::parse).transpose();
        arn.map_err(|error: crate::arn::ParseArnError| Refusal::invalid(member, &error.to_string()))
    }

    /// The tags of a Create* request.
    pub fn tags(&self) -> Result<Tags, Refusal> {
        Ok(self.member("tags")?.unwrap_or_default())
    }

    /// The text of `data`, or of the object that `uri` names; exactly one of them must be there.
    pub fn document(&mut self) -> Result<String, Refusal> {
        match (self.text("data"), self.has("uri")) {
            (Some(data), false) => Ok(data.to_owned()),
            (None, true) => self
                .fetched
                .take()
                .unwrap_or_else(|| Err(Refusal::not_emulated("'uri'"))),
            (Some(_), true) | (None, false) => Err(Refusal::combination(
                "Exactly one of 'data' and 'uri' must be specified.",
            )),
        }
    }

    /// The ARN of a resource of the caller.
    pub fn own(&self, kind: Kind, name: &str) -> Arn {
        let Caller { account, region } = self.caller;
        if self.options.unknowns.collapsed_separators {
            return Arn::new(region, account, kind, &arn::collapsed(name));
        }
        Arn::new(region, account, kind, name)
    }

    /// To be called between the checks and the first change of a Create* operation.
    pub fn stop_if_dry_run(&self) -> Result<(), Refusal> {
        if self.flag("dryRun") {
            Err(Refusal::dry_run())
        } else {
            Ok(())
        }
    }

    /// The refusal for a reference to nothing. Which code AWS answers is a setting.
    pub fn missing(&self, member: &str, arn: &Arn) -> Refusal {
        missing(self.options, member, arn)
    }
}

/// The refusal for a reference to nothing, also outside of a request.
pub(crate) fn missing(options: &Options, member: &str, arn: &Arn) -> Refusal {
    match options.unknowns.missing_reference {
        MissingReference::NotFound => Refusal::not_found(arn),
        MissingReference::InvalidParameterValue => Refusal::invalid(
            member,
            &format!("The resource with ARN '{arn}' does not exist."),
        ),
    }
}
