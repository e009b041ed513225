//! What is published, and somebody's hand in it and in what the deployment made.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use goldsmith_domain::publication::SIGNATURE_METADATA;

use super::deployment::Deployment;
use super::{Cloud, OUTPUT, Published};

impl Cloud {
    /// What is published, with whether it is signed in place of the signature, which is another each time.
    pub fn published(&self) -> BTreeMap<String, Published> {
        let state = self.state();
        let mut output = state.storage.current(OUTPUT);
        output.retain(|key, _| key.starts_with("images/"));
        for (key, object) in &mut output {
            let signed = state.keys.signer.has_signed(key, object);
            let signature = object.metadata.get_mut(SIGNATURE_METADATA);
            if let Some(signature) = signature {
                signed.to_string().clone_into(signature);
            }
        }
        output
    }

    /// Somebody's hand in what the deployment made.
    pub fn change_deployment(&self, change: impl FnOnce(&mut Deployment)) {
        change(&mut self.state().deployment);
    }

    /// Somebody's hand in what is published.
    pub fn change_output(&self, key: &str, change: impl FnOnce(&mut Published)) {
        let mut object = self.output().remove(key).expect("an object");
        change(&mut object);
        self.state().storage.put_with(OUTPUT, key, object);
    }

    /// An object of this many bytes in the output bucket, which exist only while they are read.
    pub fn put_large_output(&self, key: &str, bytes: u64) {
        self.state().storage.put_large(OUTPUT, key, bytes);
    }

    pub fn delete_output(&self, key: &str) {
        self.state().storage.delete(OUTPUT, key);
    }

    /// What stands there was written so long ago.
    pub fn age_output(&self, key: &str, age: Duration) {
        self.state().storage.age(OUTPUT, key, age);
    }

    /// From now on nobody may read this object.
    pub fn deny_output(&self, key: &str) {
        self.state().storage.deny(key);
    }

    pub fn set_parameter(&self, name: &str, value: &str) {
        self.state()
            .parameters
            .insert(name.to_owned(), value.to_owned());
    }

    /// Makes a parameter one of another type, such as `SecureString`.
    pub fn set_parameter_type(&self, name: &str, kind: &'static str) {
        self.state().parameter_types.insert(name.to_owned(), kind);
    }

    /// Denies access to a parameter.
    pub fn close_parameter(&self, name: &str) {
        self.state().closed_parameters.insert(name.to_owned());
    }

    /// Every parameter that was asked for.
    pub fn asked_parameters(&self) -> BTreeSet<String> {
        self.state().asked_parameters.clone()
    }
}
