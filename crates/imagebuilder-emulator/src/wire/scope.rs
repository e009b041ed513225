//! The credential scope of a signature: service, Region and access key.
//! Signatures are not verified.

use http::{HeaderMap, header::AUTHORIZATION};

/// The services that share the listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// EC2 Image Builder.
    ImageBuilder,
    /// EC2, as far as images need it.
    Ec2,
}

impl Service {
    /// The signing name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageBuilder => "imagebuilder",
            Self::Ec2 => "ec2",
        }
    }
}

/// The credential scope of a signed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The access key id.
    pub key: String,
    /// For example `us-east-1`.
    pub region: String,
    /// The signing name, known to the emulator or not.
    pub service: String,
}

impl Scope {
    /// The scope, if there is a version 4 signature.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let credential = header
            .split_once("Credential=")?
            .1
            .split([',', ' '])
            .next()?;
        let mut parts = credential.rsplit('/');
        let (_terminator, service, region, _date) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let key = parts.next().filter(|key| !key.is_empty())?;
        Some(Self {
            key: key.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
        })
    }

    /// The service, if the emulator is one of it.
    pub fn service(&self) -> Option<Service> {
        [Service::ImageBuilder, Service::Ec2]
            .into_iter()
            .find(|known| known.name() == self.service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn scope(header: &'static str) -> Option<Scope> {
        let header = HeaderValue::from_static(header);
        Scope::of(&HeaderMap::from_iter([(AUTHORIZATION, header)]))
    }

    #[test]
    fn the_scope_names_key_region_and_service() {
        let scope = scope(
            "AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/ec2/aws4_request, \
             SignedHeaders=host, Signature=00",
        );
        let scope = scope.unwrap();
        assert_eq!(
            (scope.key.as_str(), scope.region.as_str()),
            ("111122223333", "eu-west-1")
        );
        assert_eq!(scope.service(), Some(Service::Ec2));
    }

    #[test]
    fn other_authorizations_have_no_scope() {
        assert_eq!(scope("Bearer abc"), None);
        assert_eq!(scope("AWS4-HMAC-SHA256 Credential=abc"), None);
    }
}
