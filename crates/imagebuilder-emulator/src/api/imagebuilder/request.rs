//! What a handler gets: the checked input, the caller, the time, and the state.

use std::ops::Deref;

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    common::{
        arn::{self, Arn, Kind},
        caller::Caller,
        date::Date,
        error::ApiError,
        options::{Options, missing},
    },
    state::State,
    wire::input::Input,
};

/// Carries out an operation.
pub(crate) type Handler = fn(&mut Request<'_>) -> Answer;

/// What a resource contributes to the table: names of operations, and who carries them out.
pub(crate) type Handlers = &'static [(&'static str, Handler)];

/// A request to Image Builder.
pub(crate) struct Request<'a> {
    /// Everything the emulator knows.
    pub state: &'a mut State,
    /// The document that the request names by `uri`, until it is taken.
    pub fetched: Option<FetchedDocument>,
    options: &'a Options,
    input: Input<'a>,
    now: Timestamp,
}

/// A request reads as its input does.
impl<'a> Deref for Request<'a> {
    type Target = Input<'a>;

    fn deref(&self) -> &Input<'a> {
        &self.input
    }
}

impl<'a> Request<'a> {
    /// A request whose input has been checked against its shape.
    pub fn new(
        state: &'a mut State,
        options: &'a Options,
        input: Input<'a>,
        now: Timestamp,
    ) -> Self {
        Self {
            state,
            fetched: None,
            options,
            input,
            now,
        }
    }

    /// The emulator's settings.
    pub fn options(&self) -> &'a Options {
        self.options
    }

    /// The virtual time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The virtual time as answers show it.
    pub fn date(&self) -> Date {
        Date(self.now)
    }

    /// The text of `data`, or of the object that `uri` names; exactly one of them must be there.
    pub fn document(&mut self) -> Result<String, ApiError> {
        match (self.text("data"), self.has("uri")) {
            (Some(data), false) => Ok(data.to_owned()),
            (None, true) => self
                .fetched
                .take()
                .unwrap_or_else(|| Err(ApiError::not_emulated("'uri'"))),
            (Some(_), true) | (None, false) => Err(ApiError::combination(
                "Exactly one of 'data' and 'uri' must be specified.",
            )),
        }
    }

    /// The ARN of a resource of the caller.
    pub fn own(&self, kind: Kind, name: &str) -> Arn {
        let Caller { account, region } = self.caller();
        if self.options.unknowns.collapsed_separators {
            return Arn::new(region, account, kind, &arn::collapsed(name));
        }
        Arn::new(region, account, kind, name)
    }

    /// The error for a reference to nothing. Which code AWS answers is a setting.
    pub fn missing(&self, member: &str, arn: &Arn) -> ApiError {
        missing(self.options, member, arn)
    }
}

/// What a handler answers: the members of the response, without request id and client token.
pub(crate) type Answer = Result<Value, ApiError>;

/// The text of an object, or what is answered if the operation gets as far as to need it.
pub(crate) type FetchedDocument = Result<String, ApiError>;
