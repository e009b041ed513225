//! Which key a call is about.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::caller::Caller;
use super::key::Key;
use super::refusal::Refusal;
use super::state::{Input, KmsProxy, locked};

/// ministack's ciphertexts start with the id of the key.
const ID_IN_CIPHERTEXT: usize = 36;

impl KmsProxy {
    /// The key that `parameter` of the input names: by id, ARN, alias or alias ARN.
    pub async fn key_in(
        &self,
        input: &Input,
        parameter: &str,
        caller: &Caller,
    ) -> Result<Key, Refusal> {
        let name = input
            .get(parameter)
            .and_then(Value::as_str)
            .unwrap_or_default();
        self.key(name, caller).await
    }

    /// The key of a ciphertext: KMS finds it by what the ciphertext tells, whoever's it is.
    pub async fn key_of_ciphertext(
        &self,
        input: &Input,
        parameter: &str,
        caller: &Caller,
    ) -> Result<Key, Refusal> {
        if input
            .get(parameter)
            .and_then(Value::as_str)
            .is_some_and(|name| !name.is_empty())
        {
            return self.key_in(input, parameter, caller).await;
        }
        let blob = input
            .get("CiphertextBlob")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let blob = STANDARD.decode(blob).unwrap_or_default();
        let id = blob
            .get(..ID_IN_CIPHERTEXT)
            .and_then(|id| std::str::from_utf8(id).ok());
        let id = id.ok_or_else(|| Refusal::new("InvalidCiphertextException", ""))?;
        let seen = locked(&self.seen).get(id).cloned();
        Ok(seen.unwrap_or_else(|| Key::owned_by(caller, id)))
    }

    async fn key(&self, name: &str, caller: &Caller) -> Result<Key, Refusal> {
        if name.is_empty() {
            return Err(Refusal::new("ValidationException", "the key is not named"));
        }
        let key = match Key::of(name) {
            Some(key) => key,
            None if name.contains("alias/") => self.key_of_alias(name, caller).await?,
            None => Key::owned_by(caller, name),
        };
        locked(&self.seen).insert(key.id().to_owned(), key.clone());
        Ok(key)
    }

    async fn key_of_alias(&self, name: &str, caller: &Caller) -> Result<Key, Refusal> {
        let owner = name
            .strip_prefix("arn:")
            .and_then(|rest| rest.split(':').nth(3));
        let aws = self
            .upstream
            .in_account(owner.unwrap_or(&caller.account))
            .in_region(&caller.region);
        let answer = aws.kms("DescribeKey", &json!({ "KeyId": name })).await?;
        let arn = answer["KeyMetadata"]["Arn"].as_str().unwrap_or_default();
        Key::of(arn)
            .ok_or_else(|| Refusal::new("NotFoundException", format!("Alias {name} is not found.")))
    }
}
