//! SSM parameters, as far as images need them: names that stand for AMIs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parameter {
    /// An AMI's id, for example.
    pub value: String,
    /// `text` or `aws:ec2:image`
    pub data_type: String,
    /// Counts up from 1.
    pub version: u64,
}

/// The parameters by name.
pub(crate) type ByName = BTreeMap<String, Parameter>;

/// All parameters, by Region, account and name. Those of the account "" are public, as Amazon's
/// under `/aws/service/` are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Parameters(BTreeMap<String, BTreeMap<String, ByName>>);

impl Parameters {
    /// The parameter that an account finds under a name: its own, or a public one.
    pub fn get(&self, region: &str, account: &str, name: &str) -> Option<&Parameter> {
        let accounts = self.0.get(region)?;
        let of = |account: &str| accounts.get(account)?.get(name);
        of(account).or_else(|| of(""))
    }

    /// The parameter that follows `ssm:` in a parent image: a name, or the ARN of a
    /// parameter, which may be another account's.
    pub fn named(&self, region: &str, account: &str, reference: &str) -> Option<&Parameter> {
        let Some(rest) = reference.strip_prefix("arn:") else {
            return self.get(region, account, reference);
        };
        let (scope, path) = rest.split_once(":parameter/")?;
        let (mut parts, rooted) = (scope.split(':').skip(2), format!("/{path}"));
        let (region, account) = parts.next().zip(parts.next())?;
        // The ARN of `/a` and that of `a` are the same.
        self.get(region, account, &rooted)
            .or_else(|| self.get(region, account, path))
    }

    /// Sets a parameter; answers its new version.
    pub fn put(
        &mut self,
        (region, account, name): (&str, &str, &str),
        value: &str,
        data_type: &str,
    ) -> u64 {
        let accounts = self.0.entry(region.to_owned()).or_default();
        let parameters = accounts.entry(account.to_owned()).or_default();
        let version = parameters
            .get(name)
            .map_or(1, |parameter| parameter.version + 1);
        let parameter = Parameter {
            value: value.to_owned(),
            data_type: data_type.to_owned(),
            version,
        };
        parameters.insert(name.to_owned(), parameter);
        version
    }

    /// The parameters that an account has itself in a Region, by name.
    pub fn of(&self, region: &str, account: &str) -> impl Iterator<Item = (&String, &Parameter)> {
        self.0
            .get(region)
            .and_then(|accounts| accounts.get(account))
            .into_iter()
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_caller_s_and_an_arn_its_own_account_s() {
        let mut parameters = Parameters::default();
        parameters.put(
            ("us-east-1", "111122223333", "/golden/web"),
            "ami-1",
            "text",
        );
        let named = |reference: &str| {
            parameters
                .named("us-east-1", "222222222222", reference)
                .is_some()
        };
        assert!(named(
            "arn:aws:ssm:us-east-1:111122223333:parameter/golden/web"
        ));
        assert!(!named(
            "arn:aws:ssm:eu-west-1:111122223333:parameter/golden/web"
        ));
        assert!(!named("/golden/web") && !named("arn:aws:ssm"));
    }

    #[test]
    fn an_account_finds_its_own_before_the_public_one() {
        let mut parameters = Parameters::default();
        parameters.put(
            ("us-east-1", "", "/aws/service/x"),
            "ami-1",
            "aws:ec2:image",
        );
        let value = |parameters: &Parameters, region, account| {
            parameters
                .get(region, account, "/aws/service/x")
                .map(|found| found.value.clone())
        };
        assert_eq!(
            value(&parameters, "us-east-1", "111122223333").as_deref(),
            Some("ami-1")
        );
        assert_eq!(value(&parameters, "eu-west-1", "111122223333"), None);
        let own = ("us-east-1", "111122223333", "/aws/service/x");
        assert_eq!(parameters.put(own, "ami-2", "text"), 1);
        assert_eq!(parameters.put(own, "ami-3", "text"), 2);
        assert_eq!(
            value(&parameters, "us-east-1", "111122223333").as_deref(),
            Some("ami-3")
        );
        assert_eq!(
            value(&parameters, "us-east-1", "222222222222").as_deref(),
            Some("ami-1")
        );
    }
}
