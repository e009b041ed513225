//! Signatures of what is published, so that consumers and `verify` need not trust the bucket.
//!
//! The private key never leaves KMS, and only the functions that publish may sign with it. The signature is
//! metadata of the object: it costs no call to read, and the object itself keeps its form.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{MessageType, SigningAlgorithmSpec};
use aws_smithy_types::base64;
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::publication::{PublishedFile, signed_text};

use crate::Aws;
use crate::fault::{CallError, Fault};

/// The signature of `file` as that of `image`, in base64.
pub(super) async fn sign(
    aws: &Aws,
    file: &PublishedFile,
    image: &ImageArn,
) -> Result<String, CallError> {
    const OPERATION: &str = "kms:Sign";
    let text = signed_text(&aws.resources.output_bucket, file, image);
    let call = aws
        .kms
        .sign()
        .key_id(aws.resources.signing_key.as_str())
        .message_type(MessageType::Raw)
        .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
        .message(Blob::new(text));
    let answer = call
        .send()
        .await
        .map_err(|error| CallError::new(OPERATION, error))?;
    let signature = answer.signature.ok_or_else(|| {
        CallError::rejected(OPERATION, Fault::Transient, "the answer has no signature")
    })?;
    Ok(base64::encode(signature))
}

/// Whether `signature` is ours of `file` as that of `image`.
pub(super) async fn is_valid(
    aws: &Aws,
    file: &PublishedFile,
    image: &ImageArn,
    signature: Option<&str>,
) -> Result<bool, CallError> {
    let Some(signature) = signature.and_then(|text| base64::decode(text).ok()) else {
        return Ok(false);
    };
    let text = signed_text(&aws.resources.output_bucket, file, image);
    let key = aws.public_key().await?;
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key);
    Ok(key.verify(text.as_bytes(), &signature).is_ok())
}

impl Aws {
    /// The public part of the signing key, as X.509 `SubjectPublicKeyInfo`. It never changes (KMS developer
    /// guide, "Asymmetric keys": no rotation), so a process asks once.
    async fn public_key(&self) -> Result<&[u8], CallError> {
        let key = self
            .signing
            .get_or_try_init(|| get_public_key(self))
            .await?;
        Ok(key)
    }
}

async fn get_public_key(aws: &Aws) -> Result<Vec<u8>, CallError> {
    const OPERATION: &str = "kms:GetPublicKey";
    let key = aws.resources.signing_key.as_str();
    let answer = aws.kms.get_public_key().key_id(key).send().await;
    let answer = answer.map_err(|error| CallError::new(OPERATION, error))?;
    answer
        .public_key
        .map(Blob::into_inner)
        .ok_or_else(|| CallError::rejected(OPERATION, Fault::Transient, "the answer has no key"))
}
