//! Errors of the services: which are retried, and what they mean to us. And EC2's answers, which
//! are read without its SDK.

use goldsmith_aws::fault::{Fault as Meaning, chain};
use goldsmith_aws::{observe, pipelines};
use goldsmith_domain::document::Parsed;
use goldsmith_domain::observed::{Catalog, Depth, Observed, Subject};
use imagebuilder_emulator::{Fault, FaultAnswer, Matching};

use crate::support::documents::{AMI, AMI_VERSIONS};
use crate::support::transport::Trouble;
use crate::support::{World, parsed};

const LIST: &str = "imagebuilder:ListImagePipelines";

/// The next `times` calls of `operation` get this answer.
fn fail(world: &World, operation: &str, times: u64, (status, code): (u16, &str)) {
    let answer = FaultAnswer {
        status,
        code: code.to_owned(),
        message: "as asked".to_owned(),
    };
    let matching = Matching {
        times,
        ..Matching::next(operation)
    };
    world
        .emulator
        .add_faults([Fault::Answer { matching, answer }]);
}

/// The statuses of all calls, retries included.
fn statuses(world: &World) -> Vec<u16> {
    world
        .emulator
        .calls()
        .iter()
        .map(|call| call.status)
        .collect()
}

#[tokio::test]
async fn the_call_rate_limit_is_retried_until_it_is_over() {
    let world = World::new();
    fail(&world, LIST, 2, (429, "CallRateLimitExceededException"));
    let aws = world.aws();
    pipelines(&aws).await.expect("the third attempt succeeds");
    assert_eq!(statuses(&world), [429, 429, 200]);
    assert_eq!(
        aws.take_calls().0,
        [(LIST.to_owned(), 1)].into(),
        "it is one call to the reader of a report"
    );
}

#[tokio::test]
async fn a_rate_limit_that_lasts_is_throttling() {
    let world = World::new();
    fail(&world, LIST, 9, (429, "CallRateLimitExceededException"));
    let error = pipelines(&world.aws()).await.expect_err("it lasts");
    assert_eq!((error.operation, error.fault), (LIST, Meaning::Throttled));
    assert_eq!(statuses(&world), [429, 429, 429]);
}

#[tokio::test]
async fn an_exhausted_quota_is_not_retried_and_is_named() {
    let world = World::new();
    fail(&world, LIST, 1, (402, "ServiceQuotaExceededException"));
    let error = pipelines(&world.aws()).await.expect_err("a quota");
    assert_eq!(error.fault, Meaning::Quota);
    assert_eq!(
        error.source.to_string(),
        "ServiceQuotaExceededException: as asked"
    );
    assert_eq!(statuses(&world), [402]);
}

#[tokio::test]
async fn codes_of_the_wire_become_faults() {
    let cases = [
        (400, "InvalidParameterValueException", Meaning::Permanent),
        (403, "ForbiddenException", Meaning::Denied),
        (404, "ResourceNotFoundException", Meaning::NotFound),
        (400, "ResourceInUseException", Meaning::Transient),
        (400, "ResourceAlreadyExistsException", Meaning::Conflict),
        (
            400,
            "IdempotentParameterMismatchException",
            Meaning::Conflict,
        ),
        (500, "ServiceException", Meaning::Transient),
        (503, "ServiceUnavailableException", Meaning::Transient),
    ];
    for (status, code, meaning) in cases {
        let world = World::new();
        fail(&world, LIST, 9, (status, code));
        let error = pipelines(&world.aws()).await.expect_err(code);
        assert_eq!(
            (error.fault, error.source.to_string()),
            (meaning, format!("{code}: as asked"))
        );
    }
}

#[tokio::test]
async fn no_answer_at_all_is_transient() {
    let world = World::new();
    world.transport.strike(1, Trouble::LoseAll);
    let error = pipelines(&world.aws()).await.expect_err("no answer");
    assert_eq!(error.fault, Meaning::Transient);
    assert!(
        chain(&error).contains("the connection was closed before the response came"),
        "{error}"
    );
}

/// What is observed for documents in which the second recipe is built on `base`.
async fn observed(world: &World, base: &str) -> Result<Observed, goldsmith_aws::fault::CallError> {
    let index = AMI_VERSIONS.rfind(AMI).expect("the second recipe's AMI");
    let mut versions = AMI_VERSIONS.to_owned();
    versions.replace_range(index..index + AMI.len(), base);
    world.cloud.upload("ami-versions.json", versions);
    let aws = world.aws();
    let documents = goldsmith_aws::documents::current(&aws)
        .await
        .expect("documents");
    let Parsed::Desired(desired) = &documents.parsed else {
        panic!("{:?}", documents.parsed)
    };
    observe(&aws, desired, Depth::Digest).await
}

async fn catalog(world: &World, base: &str) -> Result<Catalog, goldsmith_aws::fault::CallError> {
    let observed = observed(world, base).await?;
    Ok(observed.catalog.expect("nothing is made yet"))
}

#[tokio::test]
async fn an_ami_that_is_missing_is_left_out() {
    let world = World::with_documents();
    let catalog = catalog(&world, "ami-00000000000000000")
        .await
        .expect("the others");
    let found: Vec<_> = catalog.base_amis.keys().map(ToString::to_string).collect();
    assert_eq!(found, [AMI]);
    let ami = &catalog.base_amis[&parsed(AMI)];
    assert!(
        ami.available && ami.root_device == "/dev/xvda" && ami.devices.len() == 1,
        "{ami:?}"
    );
}

#[tokio::test]
async fn every_device_of_an_ami_is_seen() {
    let world = World::with_documents();
    let catalog = catalog(&world, crate::support::documents::OTHER_AMI)
        .await
        .expect("a catalog");
    let ami = &catalog.base_amis[&parsed(crate::support::documents::OTHER_AMI)];
    let devices: Vec<_> = ami
        .devices
        .iter()
        .map(|d| (d.name.as_str(), d.size_gib))
        .collect();
    assert_eq!(
        (ami.root_device.as_str(), devices),
        ("/dev/sda1", vec![("/dev/sda1", 10), ("/dev/sdf", 20)])
    );
}

#[tokio::test]
async fn an_error_of_ec2_that_passes_has_its_code_and_its_meaning() {
    let cases = [
        (503, "Unavailable", Meaning::Transient),
        (503, "RequestLimitExceeded", Meaning::Throttled),
    ];
    for (status, code, meaning) in cases {
        let world = World::with_documents();
        fail(&world, "ec2:DescribeImages", 9, (status, code));
        let error = catalog(&world, AMI).await.expect_err(code);
        assert_eq!(
            (error.operation, error.fault),
            ("ec2:DescribeImages", meaning),
            "{error}"
        );
        assert_eq!(error.source.to_string(), format!("{code}: as asked"));
        assert_eq!(world.called("DescribeImages"), 3, "{code}");
    }
}

#[tokio::test]
async fn an_error_of_ec2_that_stays_is_observed_with_its_code() {
    for (status, code) in [
        (403, "UnauthorizedOperation"),
        (400, "InvalidParameterValue"),
    ] {
        let world = World::with_documents();
        fail(&world, "ec2:DescribeImages", 9, (status, code));
        let observed = observed(&world, AMI).await.expect("a look");
        let what = Subject::Ami(parsed(AMI));
        assert_eq!(observed.unreadable(&what), Some(code));
    }
}

#[tokio::test]
async fn a_bad_moment_of_ec2_is_retried() {
    let world = World::with_documents();
    fail(&world, "ec2:DescribeImages", 2, (500, "InternalError"));
    let catalog = catalog(&world, AMI)
        .await
        .expect("the third attempt succeeds");
    assert_eq!(catalog.base_amis.len(), 1);
}
