//! Which usage operation carries a billing code.

use super::Licence;
use crate::desired::Platform;

/// The page that the table is of: EC2 user guide, "AMI billing information fields".
pub(super) const PAGE: &str = "billing-info-fields";

/// What an instance's licence is billed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Billing {
    /// No billing code: free software, or a licence that its owner brings.
    None,
    /// A billing code: AWS bills the licence with the instance.
    WithInstance,
}

/// A row of the page's table.
pub(super) struct Row {
    /// `PlatformDetails`.
    pub(super) platform_details: &'static str,
    /// `UsageOperation`.
    pub(super) usage_operation: &'static str,
    /// The part of the operation after the colon is the billing code; of the rows with one, those with BYOL
    /// are licences of one's own (License Manager user guide, "Linux subscriptions billing information").
    pub(super) billing: Billing,
}

/// A row without a billing code.
const fn free(platform_details: &'static str, usage_operation: &'static str) -> Row {
    Row {
        platform_details,
        usage_operation,
        billing: Billing::None,
    }
}

/// A row with a billing code.
const fn billed(platform_details: &'static str, usage_operation: &'static str) -> Row {
    Row {
        platform_details,
        usage_operation,
        billing: Billing::WithInstance,
    }
}

/// The whole table of the page.
pub(super) const ROWS: [Row; 19] = [
    free("Linux/UNIX", "RunInstances"),
    free("Red Hat BYOL Linux", "RunInstances:00g0"),
    billed("Red Hat Enterprise Linux", "RunInstances:0010"),
    billed("Red Hat Enterprise Linux with HA", "RunInstances:1010"),
    billed(
        "Red Hat Enterprise Linux with SQL Server Standard and HA",
        "RunInstances:1014",
    ),
    billed(
        "Red Hat Enterprise Linux with SQL Server Enterprise and HA",
        "RunInstances:1110",
    ),
    billed(
        "Red Hat Enterprise Linux with SQL Server Standard",
        "RunInstances:0014",
    ),
    billed(
        "Red Hat Enterprise Linux with SQL Server Web",
        "RunInstances:0210",
    ),
    billed(
        "Red Hat Enterprise Linux with SQL Server Enterprise",
        "RunInstances:0110",
    ),
    billed("SQL Server Enterprise", "RunInstances:0100"),
    billed("SQL Server Standard", "RunInstances:0004"),
    billed("SQL Server Web", "RunInstances:0200"),
    billed("SUSE Linux", "RunInstances:000g"),
    billed("Ubuntu Pro", "RunInstances:0g00"),
    billed("Windows", "RunInstances:0002"),
    free("Windows BYOL", "RunInstances:0800"),
    billed("Windows with SQL Server Enterprise", "RunInstances:0102"),
    billed("Windows with SQL Server Standard", "RunInstances:0006"),
    billed("Windows with SQL Server Web", "RunInstances:0202"),
];

/// What a licence is billed by; none if the table does not settle it.
///
/// The operation decides. Where it carries no code, the details and the platform have to agree: an AMI
/// that was registered from a snapshot without its billing data says so (EC2 API reference,
/// `RegisterImage`).
pub(super) fn billing(licence: &Licence) -> Option<Billing> {
    let mut rows = ROWS
        .iter()
        .filter(|row| row.usage_operation == licence.usage_operation);
    match rows.clone().next()?.billing {
        Billing::WithInstance => Some(Billing::WithInstance),
        Billing::None => rows.find(|row| agrees(row, licence)).map(|row| row.billing),
    }
}

fn agrees(row: &Row, licence: &Licence) -> bool {
    let windows = row.platform_details.starts_with("Windows");
    row.platform_details == licence.platform_details
        && windows == (licence.platform == Platform::Windows)
}
