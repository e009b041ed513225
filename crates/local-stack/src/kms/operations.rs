//! The operations on a key, which need authorization.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html>
//!
//! Those without a key, and those of aliases, go to ministack as they come. `ReEncrypt` and
//! `RetireGrant` are authorized in ways of their own.

/// An operation on a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operation {
    /// Such as `Decrypt`.
    pub name: &'static str,
    /// Whether it can be called on the key of another account.
    pub crosses_accounts: bool,
    /// Whether a call changes nothing, so that a dry run can be a call whose result is thrown away.
    pub is_use: bool,
}

const fn own(name: &'static str) -> Operation {
    Operation {
        name,
        crosses_accounts: false,
        is_use: false,
    }
}

const fn crossing(name: &'static str) -> Operation {
    Operation {
        name,
        crosses_accounts: true,
        is_use: false,
    }
}

const fn using(name: &'static str) -> Operation {
    Operation {
        name,
        crosses_accounts: true,
        is_use: true,
    }
}

const ALL: [Operation; 33] = [
    own("CancelKeyDeletion"),
    crossing("CreateGrant"),
    using("Decrypt"),
    own("DeleteImportedKeyMaterial"),
    crossing("DescribeKey"),
    own("DisableKey"),
    own("DisableKeyRotation"),
    own("EnableKey"),
    own("EnableKeyRotation"),
    using("Encrypt"),
    using("GenerateDataKey"),
    using("GenerateDataKeyPair"),
    using("GenerateDataKeyPairWithoutPlaintext"),
    using("GenerateDataKeyWithoutPlaintext"),
    using("GenerateMac"),
    own("GetKeyPolicy"),
    crossing("GetKeyRotationStatus"),
    own("GetParametersForImport"),
    crossing("GetPublicKey"),
    own("ImportKeyMaterial"),
    crossing("ListGrants"),
    own("ListKeyPolicies"),
    own("ListResourceTags"),
    own("PutKeyPolicy"),
    own("ReplicateKey"),
    crossing("RevokeGrant"),
    own("ScheduleKeyDeletion"),
    using("Sign"),
    own("TagResource"),
    own("UntagResource"),
    own("UpdateKeyDescription"),
    using("Verify"),
    using("VerifyMac"),
];

/// The operation of this name, if it is one on a key.
pub(super) fn find(name: &str) -> Option<Operation> {
    ALL.into_iter().find(|operation| operation.name == name)
}
