//! `ReEncrypt`, which ministack does not have: two actions on two keys, and a decryption and an
//! encryption.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html>

use serde_json::{Value, json};

use super::authorize::is_dry_run;
use super::caller::Caller;
use super::key::Key;
use super::refusal::Refusal;
use super::state::{Input, KmsProxy};

impl KmsProxy {
    /// Moves a ciphertext from one key to another, if the caller may on both sides.
    pub async fn re_encrypt(&self, caller: &Caller, input: &Input) -> Result<Value, Refusal> {
        let from = side(input, "SourceEncryptionContext");
        let to = side(input, "DestinationEncryptionContext");
        let source = self.key_of_ciphertext(input, "SourceKeyId", caller).await?;
        let destination = self.key_in(input, "DestinationKeyId", caller).await?;
        self.authorize(caller, &source, "ReEncryptFrom", &from)
            .await?;
        self.authorize(caller, &destination, "ReEncryptTo", &to)
            .await?;
        if self.skips_ciphertext(caller, &source, input).await? {
            self.check_usable(caller, &destination).await?;
            return Err(Refusal::dry_run());
        }
        let moved = self
            .moved(caller, (&source, &from), (&destination, &to), input)
            .await?;
        if is_dry_run(input) {
            Err(Refusal::dry_run())
        } else {
            Ok(moved)
        }
    }

    async fn moved(
        &self,
        caller: &Caller,
        (source, from): (&Key, &Input),
        (destination, to): (&Key, &Input),
        input: &Input,
    ) -> Result<Value, Refusal> {
        let mut decrypt = from.clone();
        decrypt.insert("KeyId".to_owned(), json!(source.arn));
        copy(input, "CiphertextBlob", &mut decrypt, "CiphertextBlob");
        copy(
            input,
            "SourceEncryptionAlgorithm",
            &mut decrypt,
            "EncryptionAlgorithm",
        );
        let plain = self
            .owner(source, caller)
            .kms("Decrypt", &Value::Object(decrypt))
            .await?;
        let mut encrypt = to.clone();
        encrypt.insert("KeyId".to_owned(), json!(destination.arn));
        encrypt.insert("Plaintext".to_owned(), plain["Plaintext"].clone());
        copy(
            input,
            "DestinationEncryptionAlgorithm",
            &mut encrypt,
            "EncryptionAlgorithm",
        );
        let sealed = self
            .owner(destination, caller)
            .kms("Encrypt", &Value::Object(encrypt))
            .await?;
        Ok(json!({
            "CiphertextBlob": sealed["CiphertextBlob"],
            "SourceKeyId": source.arn,
            "KeyId": destination.arn,
            "SourceEncryptionAlgorithm": plain["EncryptionAlgorithm"],
            "DestinationEncryptionAlgorithm": sealed["EncryptionAlgorithm"],
        }))
    }

    /// Whether a dry run is to leave the ciphertext alone; then the key is looked at all the same.
    pub async fn skips_ciphertext(
        &self,
        caller: &Caller,
        key: &Key,
        input: &Input,
    ) -> Result<bool, Refusal> {
        let modifiers = input.get("DryRunModifiers").and_then(Value::as_array);
        let skips = is_dry_run(input)
            && modifiers.is_some_and(|all| all.contains(&json!("IGNORE_CIPHERTEXT")));
        if skips {
            self.check_usable(caller, key).await?;
        }
        Ok(skips)
    }

    /// Fails as an encryption with the key would: because it is disabled, say.
    async fn check_usable(&self, caller: &Caller, key: &Key) -> Result<(), Refusal> {
        let input = json!({ "KeyId": key.arn, "Plaintext": "AA==" });
        Ok(self
            .owner(key, caller)
            .kms("Encrypt", &input)
            .await
            .map(drop)?)
    }
}

/// One side's encryption context, as the other operations name it.
fn side(input: &Input, parameter: &str) -> Input {
    let mut side = Input::new();
    copy(input, parameter, &mut side, "EncryptionContext");
    side
}

fn copy(from: &Input, name: &str, to: &mut Input, new_name: &str) {
    if let Some(value) = from.get(name) {
        to.insert(new_name.to_owned(), value.clone());
    }
}
