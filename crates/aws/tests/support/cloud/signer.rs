//! The key that signs what is published, with real signatures.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use aws_smithy_types::base64;
use goldsmith_domain::publication::{
    IMAGE_METADATA, PublishedFile, SIGNATURE_METADATA, signed_text,
};
use serde_json::{Value, json};

use super::{OUTPUT, Published, text};

/// A key pair of its own for each world.
pub struct Signer(EcdsaKeyPair);

impl Default for Signer {
    fn default() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key pair"))
    }
}

impl Signer {
    pub fn sign(&self, input: &Value) -> Result<Value, &'static str> {
        let asked = (&input["MessageType"], &input["SigningAlgorithm"]);
        if asked != (&json!("RAW"), &json!("ECDSA_SHA_256")) {
            return Err("InvalidKeyUsageException");
        }
        let message = base64::decode(text(input, "Message")?).expect("base64");
        // The most that KMS takes as it is (API reference, `Sign`).
        assert!(message.len() <= 4096, "{} bytes", message.len());
        let signature = self.0.sign(&SystemRandom::new(), &message);
        Ok(json!({ "Signature": base64::encode(signature.expect("a signature")) }))
    }

    pub fn public_key(&self) -> Value {
        let der: PublicKeyX509Der<'_> = self.0.public_key().as_der().expect("a public key");
        json!({ "PublicKey": base64::encode(der.as_ref()), "KeySpec": "ECC_NIST_P256" })
    }

    /// Whether an object carries our signature of what it is.
    pub fn has_signed(&self, key: &str, object: &Published) -> bool {
        let file = PublishedFile {
            key: key.to_owned(),
            content: object.content.clone(),
        };
        let metadata = |name| object.metadata.get(name).cloned().unwrap_or_default();
        let Ok(image) = metadata(IMAGE_METADATA).parse() else {
            return false;
        };
        let signature = base64::decode(metadata(SIGNATURE_METADATA)).unwrap_or_default();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.0.public_key());
        let text = signed_text(OUTPUT, &file, &image);
        public.verify(text.as_bytes(), &signature).is_ok()
    }
}
