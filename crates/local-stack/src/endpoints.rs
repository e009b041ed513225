//! Where the parts of a stack listen.

/// Where the stack listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Everything except Image Builder, EC2 and KMS.
    pub aws: String,
    /// Image Builder and EC2.
    pub imagebuilder: String,
    /// KMS: the proxy in front of that of `aws`.
    pub kms: String,
}
