//! The one HTTP client of a process. Every client of a service would make its own: EC2's opened a connection for
//! each call, and each read all root certificates again.

use std::time::Duration;

use aws_config::{BehaviorVersion, ConfigLoader};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;

/// The roots of Amazon Trust Services, from which every certificate of a service in the partition `aws` comes
/// (amazontrust.com, "Repository"; AWS Security Blog, "How to prepare for AWS's move to its own certificate
/// authority"). The 145 roots of a function's system took 15 of the 24 million instructions of its start.
const AMAZON_ROOTS: &[u8] = include_bytes!("roots.pem");

/// Variables by which somebody has services called elsewhere, or certified by others.
const ELSEWHERE: [&str; 3] = ["AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "SSL_CERT_FILE"];

/// Variables by which somebody has calls repeated otherwise.
const RETRIES: [&str; 3] = ["AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_CONFIG_FILE"];

/// How often a function makes a call. A throttled answer slows all calls to that service (the SDK's adaptive mode), since
/// eight chains of changes otherwise throttle each other: of 60 recipes at five writes a second, three attempts in
/// standard mode brought four to their build in nine runs. Of 4,000 writes at that rate five attempts still lost one.
const MOST_ATTEMPTS: u32 = 8;

/// The longest pause before an attempt. All pauses of a call then take 35 seconds at most, less than a run keeps in
/// reserve.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What configures the clients of a function in this Region, with `variable` as its environment.
pub(crate) fn configuration(
    region: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> ConfigLoader {
    let has_any = |names: [&str; 3]| names.into_iter().any(|name| variable(name).is_some());
    let is_amazons = has_amazons_roots(region) && !has_any(ELSEWHERE);
    let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(client(is_amazons));
    if has_any(RETRIES) {
        return loader;
    }
    loader.retry_config(
        RetryConfig::adaptive()
            .with_max_attempts(MOST_ATTEMPTS)
            .with_max_backoff(LONGEST_PAUSE),
    )
}

/// The partitions beside `aws` have roots of their own.
fn has_amazons_roots(region: &str) -> bool {
    let others = ["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"];
    !region.is_empty() && !others.iter().any(|other| region.starts_with(other))
}

fn client(only_amazons_roots: bool) -> SharedHttpClient {
    let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    if !only_amazons_roots {
        return builder.build_https();
    }
    let roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    match TlsContext::builder().with_trust_store(roots).build() {
        Ok(context) => builder.tls_context(context).build_https(),
        Err(_) => builder.build_https(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_partition_aws_is_certified_by_amazons_roots_alone() {
        assert!(has_amazons_roots("us-east-1") && has_amazons_roots("eu-central-1"));
        for other in [
            "cn-north-1",
            "us-gov-west-1",
            "us-iso-east-1",
            "eusc-de-east-1",
            "",
        ] {
            assert!(!has_amazons_roots(other), "{other}");
        }
    }

    /// The SHA-256 digests of the certificates as amazontrust.com publishes them.
    #[test]
    fn the_roots_are_those_of_amazon_trust_services() {
        let text = std::str::from_utf8(AMAZON_ROOTS).expect("PEM is text");
        let found: Vec<String> = text
            .split("-----BEGIN CERTIFICATE-----")
            .skip(1)
            .map(|certificate| {
                let base64 = certificate.split("-----END").next().unwrap_or_default();
                let bytes = aws_smithy_types::base64::decode(base64.replace('\n', ""));
                let digest = goldsmith_domain::digest::of_bytes(&bytes.expect("base64"));
                digest.to_string()
            })
            .collect();
        let expected = [
            "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
            "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
            "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
            "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
            "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
        ];
        assert_eq!(found, expected);
    }

    /// A certificate that cannot be read would end the process when the first connection is made.
    #[test]
    fn clients_can_be_made() {
        for only_amazons_roots in [true, false] {
            drop(client(only_amazons_roots));
        }
    }
}
