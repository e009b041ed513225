//! What the account may have of Image Builder's resources. Quotas decide nothing here: a plan shows them.

use goldsmith_domain::review::AccountQuotas;
use serde::Deserialize;
use serde_json::json;

use crate::Aws;
use crate::fault::{CallError, chain};
use crate::json::{JSON_1_1, JsonService, call};
use crate::signed::Service;

const SERVICE_QUOTAS: JsonService = JsonService {
    service: Service {
        id: "Service Quotas",
        name: "servicequotas",
        is_global: false,
    },
    target: "ServiceQuotasV20190624",
    content_type: JSON_1_1,
};

/// More pages than Image Builder has quotas for: it has about thirty, and a page takes a hundred.
const MOST_PAGES: usize = 5;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    quotas: Vec<Quota>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Quota {
    #[serde(default)]
    quota_name: String,
    value: Option<f64>,
}

/// What Service Quotas says of Image Builder in this account and Region; nothing where it may not be read, since many
/// roles may not: a plan then shows what the documents say, or the defaults.
pub async fn account_quotas(aws: &Aws) -> AccountQuotas {
    let read = listed(aws).await.inspect_err(|error| {
        let error = chain(error);
        tracing::debug!(error, "Service Quotas was not read");
    });
    read.unwrap_or_default()
}

async fn listed(aws: &Aws) -> Result<AccountQuotas, CallError> {
    let (mut quotas, mut input) = (
        AccountQuotas::new(),
        json!({"ServiceCode": "imagebuilder", "MaxResults": 100}),
    );
    for _ in 0..MOST_PAGES {
        let name = "servicequotas:ListServiceQuotas";
        let page: Page = call(aws.sdk_config(), SERVICE_QUOTAS, None, name, &input).await?;
        quotas.extend(page.quotas.iter().filter_map(named));
        match page.next_token {
            Some(token) => input["NextToken"] = token.into(),
            None => break,
        }
    }
    Ok(quotas)
}

/// A quota that is a number of things, by its name in small letters.
fn named(quota: &Quota) -> Option<(String, usize)> {
    let value = quota.value.filter(|value| (1.0..1e9).contains(value))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    Some((quota.quota_name.to_lowercase(), value as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_known_by_its_name_in_small_letters() {
        let text = r#"{"Quotas": [
            {"QuotaName": "Image pipelines", "QuotaCode": "L-0", "Value": 200.0, "Adjustable": true},
            {"QuotaName": "Component size"}, {"QuotaName": "Rate", "Value": 0.1}]}"#;
        let page: Page = serde_json::from_str(text).expect("a page");
        let found: AccountQuotas = page.quotas.iter().filter_map(named).collect();
        assert_eq!(found, [("image pipelines".to_owned(), 200)].into());
    }
}
