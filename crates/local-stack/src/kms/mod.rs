//! An honest KMS: a proxy in front of ministack's that decides what AWS decides.
//!
//! ministack keeps keys, policies and grants, and uses the keys. It takes any policy, finds a key only
//! in the caller's account, and evaluates no grants. So every function and every client calls this
//! proxy. It checks the policies that are written ([`policies`]) and authorizes calls by the key policy,
//! identity policies and grants ([`authorize`]). It shows deleted principals by their unique ids
//! ([`entities`]), adds `ReEncrypt` and dry runs, and forwards everything else as it came.
//!
//! Where it differs from AWS: everything is visible at once. A condition that `iam-policy` does not
//! understand allows nothing and denies whatever it might. Organization policies and session policies
//! are not known. AWS services other than by [`Kms::call_via`] never call. Signatures are not verified.

mod authorize;
mod bindings;
mod caller;
mod context;
mod entities;
mod evaluate;
mod grant;
mod grants;
mod identity;
mod key;
mod keys;
mod operations;
mod overrides;
mod policies;
mod policy;
mod principal;
mod proxy;
mod reencrypt;
mod refusal;
mod server;
mod sessions;
mod state;

use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::aws::Aws;
use crate::serving::Serving;
use overrides::Overrides;
use state::{KmsProxy, locked};

/// What a test can tell KMS, and nobody else can.
#[derive(Debug, Clone, Default)]
pub struct Kms {
    overrides: Arc<Mutex<Overrides>>,
}

impl Kms {
    /// Serves KMS on `listener` before ministack, which `upstream` sees and which listens at `base`;
    /// `sessions` is where its launcher leaves the sessions. It ends when the result is dropped.
    pub(crate) fn serve(
        &self,
        listener: TcpListener,
        upstream: Aws,
        base: &str,
        sessions: PathBuf,
    ) -> io::Result<Serving> {
        let proxy = Arc::new(KmsProxy::new(
            upstream,
            base,
            sessions,
            Arc::clone(&self.overrides),
        ));
        Serving::start(listener, |listener| server::serve(proxy, listener))
    }

    /// From now on `account` does not exist: a policy that names it is refused. Every account exists
    /// until this is said.
    pub fn account_is_unknown(&self, account: &str) {
        locked(&self.overrides).set_unknown(account);
    }

    /// From now on `account` exists again.
    pub fn account_is_known(&self, account: &str) {
        locked(&self.overrides).set_known(account);
    }

    /// Puts `account` into an organization, for example at `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`
    /// (`aws:PrincipalOrgPaths`; what comes before the first slash is `aws:PrincipalOrgID`), or into
    /// none. No account is in one until this is said.
    pub fn account_is_in(&self, account: &str, organization_path: Option<&str>) {
        locked(&self.overrides).set_organization_path(account, organization_path);
    }

    /// Whether what the role or user `principal` does with grants is done by an AWS service for its
    /// own resource (`kms:GrantIsForAWSResource`), as EC2 does when the principal starts an instance.
    pub fn grants_are_for_aws_resource(&self, principal: &str, they_are: bool) {
        locked(&self.overrides).set_for_aws_resource(principal, they_are);
    }

    /// The service that calls for the role or user `principal`, such as
    /// `ec2.us-east-1.amazonaws.com` (`kms:ViaService`), or none.
    pub fn call_via(&self, principal: &str, service: Option<&str>) {
        locked(&self.overrides).set_via(principal, service);
    }
}
