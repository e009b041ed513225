//! What the proxy knows: the AWS behind it, the facts that ministack does not keep, and what tests say.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::bindings::Bindings;
use super::caller::Caller;
use super::grant::Grants;
use super::key::Key;
use super::overrides::Overrides;
use crate::aws::Aws;

/// The parameters of a call.
pub(super) type Input = Map<String, Value>;

/// KMS in front of ministack's KMS.
#[derive(Debug)]
pub(super) struct KmsProxy {
    /// ministack itself, past the proxy.
    pub upstream: Aws,
    /// Sends on what is not for the proxy.
    pub http: reqwest::Client,
    /// Where ministack listens.
    pub base: String,
    /// Where ministack's launcher leaves a file for each session.
    pub sessions: PathBuf,
    overrides: Arc<Mutex<Overrides>>,
    /// Whom key policies mean.
    pub bindings: Mutex<Bindings>,
    /// Whom grants mean.
    pub grants: Mutex<Grants>,
    /// Keys by their ids, as calls have named them: a ciphertext tells only an id.
    pub seen: Mutex<HashMap<String, Key>>,
}

/// What a lock guards, whether or not somebody panicked with it.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl KmsProxy {
    /// A proxy in front of ministack, which `upstream` sees and which listens at `base`.
    pub fn new(
        upstream: Aws,
        base: &str,
        sessions: PathBuf,
        overrides: Arc<Mutex<Overrides>>,
    ) -> Self {
        Self {
            upstream,
            http: crate::http::client(),
            base: base.to_owned(),
            sessions,
            overrides,
            bindings: Mutex::default(),
            grants: Mutex::default(),
            seen: Mutex::default(),
        }
    }

    /// The facts that tests have set.
    pub fn overrides(&self) -> Overrides {
        locked(&self.overrides).clone()
    }

    /// The root of the key's account, in the Region that was called. An authorized caller acts as it,
    /// because ministack finds a key only in the caller's account.
    pub fn owner(&self, key: &Key, caller: &Caller) -> Aws {
        self.upstream
            .in_account(&key.account)
            .in_region(&caller.region)
    }
}
