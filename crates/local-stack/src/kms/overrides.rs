//! What a test can tell the proxy: facts that nobody in the embedded AWS knows.

use std::collections::{BTreeMap, BTreeSet};

/// Facts about accounts and principals.
#[derive(Debug, Clone, Default)]
pub(super) struct Overrides {
    unknown_accounts: BTreeSet<String>,
    organization_paths: BTreeMap<String, String>,
    for_aws_resource: BTreeSet<String>,
    via: BTreeMap<String, String>,
}

impl Overrides {
    pub fn set_unknown(&mut self, account: &str) {
        self.unknown_accounts.insert(account.to_owned());
    }

    pub fn set_known(&mut self, account: &str) {
        self.unknown_accounts.remove(account);
    }

    pub fn set_organization_path(&mut self, account: &str, path: Option<&str>) {
        set(&mut self.organization_paths, account, path);
    }

    pub fn set_for_aws_resource(&mut self, principal: &str, is: bool) {
        if is {
            self.for_aws_resource.insert(principal.to_owned());
        } else {
            self.for_aws_resource.remove(principal);
        }
    }

    pub fn set_via(&mut self, principal: &str, service: Option<&str>) {
        set(&mut self.via, principal, service);
    }

    pub fn is_known(&self, account: &str) -> bool {
        !self.unknown_accounts.contains(account)
    }

    pub fn organization_path(&self, account: &str) -> Option<&str> {
        self.organization_paths.get(account).map(String::as_str)
    }

    pub fn is_for_aws_resource(&self, principal: &str) -> bool {
        self.for_aws_resource.contains(principal)
    }

    pub fn via_service(&self, principal: &str) -> Option<&str> {
        self.via.get(principal).map(String::as_str)
    }
}

fn set(map: &mut BTreeMap<String, String>, key: &str, value: Option<&str>) {
    match value {
        Some(value) => drop(map.insert(key.to_owned(), value.to_owned())),
        None => drop(map.remove(key)),
    }
}
