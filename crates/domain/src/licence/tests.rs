//! The rows of the pages that decide, one by one.

use super::*;

fn licence(platform_details: &str, usage_operation: &str) -> Licence {
    let windows = platform_details.starts_with("Windows");
    Licence {
        usage_operation: usage_operation.to_owned(),
        platform_details: platform_details.to_owned(),
        platform: if windows {
            Platform::Windows
        } else {
            Platform::Linux
        },
        product_codes: BTreeSet::new(),
    }
}

fn coded(kinds: &[&str]) -> Licence {
    let product_codes = kinds
        .iter()
        .map(|kind| ProductCodeKind::from(*kind))
        .collect();
    Licence {
        product_codes,
        ..licence("Linux/UNIX", "RunInstances")
    }
}

/// The verdict on sharing, and on copying, each as a word.
fn words(licence: &Licence) -> (&'static str, &'static str) {
    let word = |way| match serve(licence, None, way) {
        Verdict::AsAsked => "as asked",
        Verdict::Rebuild(_) => "rebuild",
        Verdict::Refused(_) => "refused",
    };
    (word(DeliveryMode::Share), word(DeliveryMode::Copy))
}

/// EC2 user guide, "AMI billing information fields": every row of its table, with the bring-your-own rows
/// and plain Linux as the only ones without a billing code. Platform, usage operation, and how a copy is made.
const PAGE: [(&str, &str, &str); 19] = [
    ("Linux/UNIX", "RunInstances", "as asked"),
    ("Red Hat BYOL Linux", "RunInstances:00g0", "as asked"),
    ("Red Hat Enterprise Linux", "RunInstances:0010", "rebuild"),
    (
        "Red Hat Enterprise Linux with HA",
        "RunInstances:1010",
        "rebuild",
    ),
    (
        "Red Hat Enterprise Linux with SQL Server Standard and HA",
        "RunInstances:1014",
        "rebuild",
    ),
    (
        "Red Hat Enterprise Linux with SQL Server Enterprise and HA",
        "RunInstances:1110",
        "rebuild",
    ),
    (
        "Red Hat Enterprise Linux with SQL Server Standard",
        "RunInstances:0014",
        "rebuild",
    ),
    (
        "Red Hat Enterprise Linux with SQL Server Web",
        "RunInstances:0210",
        "rebuild",
    ),
    (
        "Red Hat Enterprise Linux with SQL Server Enterprise",
        "RunInstances:0110",
        "rebuild",
    ),
    ("SQL Server Enterprise", "RunInstances:0100", "rebuild"),
    ("SQL Server Standard", "RunInstances:0004", "rebuild"),
    ("SQL Server Web", "RunInstances:0200", "rebuild"),
    ("SUSE Linux", "RunInstances:000g", "rebuild"),
    ("Ubuntu Pro", "RunInstances:0g00", "rebuild"),
    ("Windows", "RunInstances:0002", "rebuild"),
    ("Windows BYOL", "RunInstances:0800", "as asked"),
    (
        "Windows with SQL Server Enterprise",
        "RunInstances:0102",
        "rebuild",
    ),
    (
        "Windows with SQL Server Standard",
        "RunInstances:0006",
        "rebuild",
    ),
    (
        "Windows with SQL Server Web",
        "RunInstances:0202",
        "rebuild",
    ),
];

#[test]
fn every_usage_operation_is_shared_and_only_those_without_a_code_are_copied() {
    for (details, operation, copy) in PAGE {
        assert_eq!(
            words(&licence(details, operation)),
            ("as asked", copy),
            "{details}"
        );
    }
    assert_eq!(
        PAGE.len(),
        table::ROWS.len(),
        "every row is held against its page"
    );
}

/// EC2 user guide, "Copy an Amazon EC2 AMI" and "Paid AMIs".
#[test]
fn a_product_code_of_any_kind_is_shared_and_never_copied() {
    assert_eq!(words(&coded(&["marketplace"])), ("as asked", "rebuild"));
    assert_eq!(words(&coded(&["devpay"])), ("as asked", "refused"));
    assert_eq!(
        words(&coded(&["aisle"])),
        ("as asked", "refused"),
        "a kind that is not known"
    );
    assert_eq!(
        words(&coded(&["marketplace", "devpay"])),
        ("as asked", "refused"),
        "the stricter one decides"
    );
    let both = Licence {
        product_codes: coded(&["marketplace"]).product_codes,
        ..licence("Windows BYOL", "RunInstances:0800")
    };
    assert_eq!(
        words(&both).1,
        "rebuild",
        "a licence of one's own is no subscription"
    );
}

#[test]
fn what_is_not_in_the_table_is_shared_and_not_copied() {
    assert_eq!(
        words(&licence("Oracle Linux", "RunInstances:0ora")),
        ("as asked", "refused")
    );
    assert_eq!(words(&Licence::unknown()), ("as asked", "refused"));
}

/// EC2 API reference, `RegisterImage`: an AMI made of a snapshot can lack the billing data that its
/// system needs.
#[test]
fn an_operation_without_a_code_has_to_agree_with_the_platform() {
    let registered = Licence {
        platform: Platform::Windows,
        ..licence("Linux/UNIX", "RunInstances")
    };
    assert_eq!(words(&registered).1, "refused");
    assert_eq!(words(&licence("Windows", "RunInstances")).1, "refused");
    assert_eq!(words(&licence("", "RunInstances")).1, "refused");
    let told_nothing_else = Licence {
        platform_details: String::new(),
        ..licence("Windows", "RunInstances:0002")
    };
    assert_eq!(
        words(&told_nothing_else).1,
        "rebuild",
        "the code decides alone"
    );
}

fn sentence(licence: &Licence, sysprep: Option<bool>) -> String {
    match serve(licence, sysprep, DeliveryMode::Copy) {
        Verdict::AsAsked => "as asked".to_owned(),
        Verdict::Rebuild(barrier) | Verdict::Refused(barrier) => barrier.to_string(),
    }
}

#[test]
fn a_sentence_says_what_was_found_why_and_what_remains() {
    insta::assert_snapshot!(sentence(&licence("SUSE Linux", "RunInstances:000g"), None), @r#"the image is SUSE Linux (RunInstances:000g), and nothing says that an AMI whose licence is billed with the instance can be copied into another account, which earlier editions of the user guide rule out (EC2 user guide, CopyingAMIs); say `"serve": "share"` for the account, or `"workload-accounts": "share"` for all workload accounts; or say `rebuild` for the account, with a role, an instance profile and its own `kms-keys`, to have the image built again there (launch it there and make an AMI of the instance)"#);
    insta::assert_snapshot!(sentence(&coded(&["marketplace"]), None), @r#"the image is Linux/UNIX (RunInstances) with a product code of the kind marketplace, and an AMI from AWS Marketplace, or made of one, cannot be copied into another account (EC2 user guide, CopyingAMIs); say `"serve": "share"` for the account, or `"workload-accounts": "share"` for all workload accounts; or say `rebuild` for the account, with a role, an instance profile and its own `kms-keys`, to have the image built again there (launch it there and make an AMI of the instance)"#);
    insta::assert_snapshot!(sentence(&coded(&["devpay"]), None), @r#"the image is Linux/UNIX (RunInstances) with a product code of the kind devpay, and nothing says that an AMI with such a code can be copied into another account (EC2 user guide, CopyingAMIs); say `"serve": "share"` for the account, or `"workload-accounts": "share"` for all workload accounts"#);
    insta::assert_snapshot!(sentence(&licence("Oracle Linux", "RunInstances:0ora"), None), @r#"the image is Oracle Linux (RunInstances:0ora), and the table of billing codes does not have that (EC2 user guide, billing-info-fields); say `"serve": "share"` for the account, or `"workload-accounts": "share"` for all workload accounts"#);
    insta::assert_snapshot!(sentence(&Licence::unknown(), None), @r#"the image's licence is not known, and neither its base image nor its own AMI tells a usage operation (EC2 user guide, billing-info-fields); say `"serve": "share"` for the account, or `"workload-accounts": "share"` for all workload accounts"#);
}

/// EC2 user guide, "Create an Amazon EC2 AMI using Windows Sysprep": a launch specializes a generalized
/// image. What was not declared promises nothing, and no other system knows Sysprep.
#[test]
fn building_a_generalized_windows_again_takes_sysprep_again() {
    let windows = licence("Windows", "RunInstances:0002");
    let told = |licence, sysprep| sentence(licence, sysprep).contains("Sysprep");
    assert_eq!(
        [Some(true), Some(false), None].map(|sysprep| told(&windows, sysprep)),
        [true, false, false]
    );
    assert!(!told(
        &licence("SUSE Linux", "RunInstances:000g"),
        Some(true)
    ));
    let own = licence("Windows BYOL", "RunInstances:0800");
    assert_eq!(
        sentence(&own, Some(true)),
        "as asked",
        "copying launches nothing"
    );
}

#[test]
fn a_tag_brings_a_licence_back() {
    let both = Licence {
        product_codes: [ProductCodeKind::Marketplace, ProductCodeKind::Devpay].into(),
        ..licence("Windows with SQL Server Web", "RunInstances:0202")
    };
    assert_eq!(
        both.to_tag().as_deref(),
        Some("RunInstances:0202/Windows/marketplace+devpay/Windows with SQL Server Web")
    );
    let tags = [
        both,
        licence("Linux/UNIX", "RunInstances"),
        licence("", "RunInstances:0010"),
        coded(&["aisle"]),
    ];
    for licence in tags {
        let tag = licence.to_tag().expect("a tag");
        assert_eq!(Licence::from_tag(&tag), Some(licence), "{tag}");
    }
    assert_eq!(
        Licence::unknown().to_tag(),
        None,
        "what is not known is looked at again"
    );
    for bad in [
        "",
        "RunInstances",
        "RunInstances/Plan9//",
        "/Linux//Linux/UNIX",
        "RunInstances/Linux/",
    ] {
        assert_eq!(Licence::from_tag(bad), None, "{bad}");
    }
    let strange = licence("Löwen (beta)", "RunInstances");
    assert_eq!(
        strange.to_tag().as_deref(),
        Some("RunInstances/Linux//L_wen _beta_")
    );
}
