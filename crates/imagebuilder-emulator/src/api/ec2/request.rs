//! What an EC2 handler gets: the parameters, the caller, the time, and the state of EC2.

use jiff::Timestamp;

use crate::{
    common::caller::Caller, engine::ec2::usage::Referrers, state::ec2::Ec2, wire::query::Query,
};

/// A request to EC2.
pub(crate) struct Ec2Request<'a> {
    /// All AMIs and snapshots.
    pub ec2: &'a mut Ec2,
    /// What refers to AMIs outside of EC2.
    pub referrers: Referrers<'a>,
    /// Who asks, and in which Region.
    pub caller: &'a Caller,
    /// The parameters.
    pub query: Query,
    /// The virtual time.
    pub now: Timestamp,
}

impl Ec2Request<'_> {
    /// The same request to other AMIs and snapshots.
    pub fn on<'b>(&'b self, ec2: &'b mut Ec2) -> Ec2Request<'b> {
        let Self {
            referrers,
            caller,
            ref query,
            now,
            ..
        } = *self;
        Ec2Request {
            ec2,
            referrers,
            caller,
            query: query.clone(),
            now,
        }
    }
}
