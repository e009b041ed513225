//! The few EC2 operations that are needed, over [`Query`].
//!
//! `aws-sdk-ec2` compiles for eight minutes at full optimisation on two cores and for five in all in
//! dev; these are few operations.

mod answers;
mod instances;
mod labels;
mod launch;
mod leftovers;
#[cfg(feature = "operator")]
mod probes;
mod sharing;

use std::collections::{BTreeMap, BTreeSet};

use aws_config::SdkConfig;
use goldsmith_domain::names::{AmiId, Region};
use goldsmith_domain::observed::BaseAmi;

pub(crate) use self::leftovers::LeftAmi;
#[cfg(feature = "operator")]
pub(crate) use self::probes::Instance;
pub(crate) use self::sharing::Permit;

use self::answers::{Images, InstanceTypes, Regions, Subnets};
use crate::calls::CallCounter;
use crate::fault::CallError;
use crate::query::{Query, QueryService};
use crate::signed::Service;

const EC2: QueryService = QueryService {
    service: Service {
        id: "EC2",
        name: "ec2",
        is_global: false,
    },
    version: "2016-11-15",
};

/// EC2 takes at most 200 values a filter (API reference, `DescribeImages`).
const MOST_VALUES: usize = 200;

/// A client of one Region's EC2.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    query: Query,
}

impl Client {
    pub(crate) fn new(config: &SdkConfig, counter: &CallCounter) -> Self {
        Self {
            query: Query::new(EC2, config, counter),
        }
    }

    /// The AMIs of `ids` that exist and that we may see; the others are left out, since a filter,
    /// unlike `ImageId`, does not fail on one that is missing.
    pub(crate) async fn base_amis(
        &self,
        ids: &BTreeSet<AmiId>,
    ) -> Result<BTreeMap<AmiId, BaseAmi>, CallError> {
        let flags = "&IncludeDeprecated=true&IncludeDisabled=true";
        let mut amis = BTreeMap::new();
        for body in batches("image-id", ids.iter().map(AmiId::as_str)) {
            let images: Images = self
                .query
                .answer("ec2:DescribeImages", format!("{flags}{body}"))
                .await?;
            amis.extend(images.base_amis());
        }
        Ok(amis)
    }

    /// The architectures of those instance types that the Region has.
    pub(crate) async fn instance_types(
        &self,
        names: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, BTreeSet<String>>, CallError> {
        let mut types = BTreeMap::new();
        for body in batches("instance-type", names.iter().map(String::as_str)) {
            let found: InstanceTypes = self.query.answer("ec2:DescribeInstanceTypes", body).await?;
            types.extend(found.architectures());
        }
        Ok(types)
    }

    /// The opt-in status of those Regions that there are.
    pub(crate) async fn regions(
        &self,
        names: &BTreeSet<Region>,
    ) -> Result<BTreeMap<Region, String>, CallError> {
        let mut regions = BTreeMap::new();
        for body in batches("region-name", names.iter().map(Region::as_str)) {
            let found: Regions = self
                .query
                .answer("ec2:DescribeRegions", format!("&AllRegions=true{body}"))
                .await?;
            regions.extend(found.statuses());
        }
        Ok(regions)
    }

    /// Whether the subnet gives instances a public address; none if there is no such subnet.
    pub(crate) async fn subnet(&self, id: &str) -> Result<Option<bool>, CallError> {
        let body: String = batches("subnet-id", std::iter::once(id)).concat();
        let found: Subnets = self.query.answer("ec2:DescribeSubnets", body).await?;
        Ok(found.public_ip(id))
    }
}

/// One body for every two hundred values of a filter.
fn batches<'v>(filter: &str, values: impl Iterator<Item = &'v str>) -> Vec<String> {
    let values: Vec<&str> = values.collect();
    let batch = |values: &[&str]| {
        let values = values
            .iter()
            .enumerate()
            .map(|(n, value)| format!("&Filter.1.Value.{}={value}", n + 1));
        format!("&Filter.1.Name={filter}{}", values.collect::<String>())
    };
    values.chunks(MOST_VALUES).map(batch).collect()
}
