//! What an environment may say beside what the sample says.

use super::*;
use crate::desired::{Drift, Gates, Instances, LogLocation, MetadataOptions, StigLevel, Volume};
use crate::names::KeyArn;
use crate::promotion::{Approval, Promotion};
use crate::resources;
use crate::results::{FindingLimits, Severity};
use crate::scan::{HighestSeverity, ImageScan, ScanCondition};
use crate::stack::StackContext;

/// The sample with further keys in its environment.
fn with_keys(keys: &str) -> Desired {
    let with = format!("{keys},\n  \"family\": \"mstr\"");
    sample_with(&[(ENVIRONMENT, &environment(r#""family": "mstr""#, &with))])
}

fn stack(region: &str, partition: &str) -> StackContext {
    StackContext {
        environment: "nonprod".parse().expect("an environment"),
        account: "111122223333".parse().expect("an account"),
        region: region.parse().expect("a Region"),
        key: format!(
            "arn:{partition}:kms:{region}:111122223333:key/11111111-2222-4333-8444-000000000001"
        )
        .parse()
        .expect("a key"),
        instance_profile: "goldsmith-nonprod".to_owned(),
        instance_roles: None,
        parameter_prefix: crate::names::ParameterPrefix::default(),
        output_bucket: "output".to_owned(),
    }
}

#[test]
fn everything_about_instances_is_read() {
    let desired = with_keys(
        r#""instances": {
        "instance-profile": "build", "key-pair": "ops key", "subnet": "subnet-29cb4f75",
        "security-groups": ["sg-6f18e222", "sg-0ab199d93a6328210"], "public-ip": false,
        "metadata-options": { "tokens": "optional", "hop-limit": 2 },
        "log-bucket": { "name": "build-logs", "prefix": "mstr/" }, "keep-instance-on-failure": true
    }"#,
    );
    let expected = Instances {
        types: vec!["m6i.large".to_owned()],
        profile: Some("build".to_owned()),
        key_pair: Some("ops key".to_owned()),
        subnet: Some("subnet-29cb4f75".to_owned()),
        security_groups: vec!["sg-6f18e222".to_owned(), "sg-0ab199d93a6328210".to_owned()],
        public_ip: Some(false),
        metadata: MetadataOptions {
            tokens_required: false,
            hop_limit: 2,
        },
        logs: Some(LogLocation {
            bucket: "build-logs".to_owned(),
            prefix: "mstr/".to_owned(),
        }),
        keep_on_failure: true,
    };
    assert_eq!(desired.instances, expected);
    assert!(desired.notes.is_empty());
}

#[test]
fn what_is_left_out_of_instances_is_safe() {
    let instances = with_keys(r#""instances": { "security-groups": ["sg-6f18e222"] }"#).instances;
    assert!(
        instances.metadata.tokens_required
            && !instances.keep_on_failure
            && instances.logs.is_none()
    );
    let half = with_keys(r#""instances": { "metadata-options": { "hop-limit": 64 } }"#)
        .instances
        .metadata;
    assert_eq!(
        half,
        MetadataOptions {
            tokens_required: true,
            hop_limit: 64
        }
    );
    let logs = with_keys(r#""instances": { "log-bucket": { "name": "logs" } }"#)
        .instances
        .logs;
    assert_eq!(
        logs,
        Some(LogLocation {
            bucket: "logs".to_owned(),
            prefix: String::new()
        })
    );
}

#[test]
fn what_image_builder_has_no_use_for_is_noted() {
    let desired = with_keys(r#""instances": { "ssh-user": "ec2-user", "vpc-id": "vpc-0181557b" }"#);
    let pointers: Vec<_> = desired
        .notes
        .iter()
        .map(|note| note.place.pointer.as_str())
        .collect();
    assert_eq!(pointers, ["/instances/ssh-user", "/instances/vpc-id"]);
    assert!(
        desired
            .notes
            .iter()
            .all(|note| note.text.starts_with("Image Builder"))
    );
}

#[test]
fn volumes_have_the_iops_and_throughput_of_their_type() {
    let text = environment(
        r#"{ "size-gib": 30, "type": "gp3" }"#,
        r#"{ "size-gib": 30, "type": "gp3", "iops": 4000, "throughput": 250 },
           { "size-gib": 100, "type": "io2", "iops": 64000 }"#,
    );
    let volume = |size_gib, volume_type, iops, throughput| Volume {
        size_gib,
        volume_type,
        iops,
        throughput,
    };
    assert_eq!(
        sample_with(&[(ENVIRONMENT, &text)]).volumes,
        [
            volume(30, VolumeType::Gp3, Some(4000), Some(250)),
            volume(100, VolumeType::Io2, Some(64_000), None),
        ]
    );
}

#[test]
fn drift_pause_and_ami_name_are_read_and_default_to_repairing_what_is_ours() {
    let bare = sample_with(&[]);
    assert_eq!(
        (bare.drift, bare.pause, bare.ami_name),
        (Drift::Repair, false, None)
    );
    let desired =
        with_keys(r#""drift": "report", "pause": true, "ami-name": "MSTR {recipename} gold""#);
    assert_eq!((desired.drift, desired.pause), (Drift::Report, true));
    let distribution = resources::distribution(
        &desired,
        &stack("us-east-1", "aws"),
        &desired.recipes[0].name,
    );
    let names: Vec<_> = distribution
        .regions
        .values()
        .map(|region| region.ami_name.as_str())
        .collect();
    assert_eq!(names, ["MSTR 110304 gold {{ imagebuilder:buildDate }}"]);
}

#[test]
fn a_region_lists_its_former_keys() {
    let regions = r#""regions": { "us-east-1": {}, "eu-west-1": {
        "kms-key": "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000000002",
        "former-kms-keys": ["arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000000001"] } }"#;
    let sample = r#""regions": { "us-east-1": {} }"#;
    let desired = sample_with(&[(ENVIRONMENT, &environment(sample, regions))]);
    let former = &desired.regions[&"eu-west-1".parse().expect("a Region")].former_kms_keys;
    assert_eq!(
        former.iter().map(KeyArn::as_str).collect::<Vec<_>>(),
        ["arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000000001"]
    );
}

#[test]
fn what_cannot_be_found_out_blocks_only_where_the_document_says_so() {
    assert!(!sample_with(&[]).unknown_blocks);
    assert!(with_keys(r#""verify": { "unknown-blocks": true }"#).unknown_blocks);
    assert!(!with_keys(r#""verify": { "unknown-blocks": false }"#).unknown_blocks);
}

#[test]
fn a_component_takes_the_values_of_its_parameters() {
    let harden = "
schemaVersion: 1.0
parameters:
  - Level: { type: string, default: Low, allowedValues: [ Low, High ] }
  - Retries: { type: Integer, default: 3 }
  - Words: { type: stringList }
phases:
  - name: build
    steps: [ { name: Update, action: UpdateOS } ]
";
    let object = r#"{ "component": "components/harden.yml",
      "parameters": { "Level": "High", "Retries": "-1", "Words": "" } }"#;
    let text = environment(r#""components/harden.yml""#, object);
    let desired = sample_with(&[(ENVIRONMENT, &text), (HARDEN, harden)]);
    let parameters = desired.build_components[1].parameters.iter();
    let parameters: Vec<_> = parameters
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(parameters, ["Level=High", "Retries=-1", "Words="]);
}

/// What the first recipe runs, by the last parts of the ARNs and by documents, with parameters.
fn runs(desired: &Desired, stack: &StackContext) -> Vec<String> {
    let used = resources::components(desired, stack, &desired.recipes[0]);
    used.map(|used| {
        let name = match &used.component {
            ComponentRef::Arn(arn) => arn.to_string(),
            ComponentRef::Document(document) => document.key.clone(),
        };
        used.parameters
            .iter()
            .fold(name, |name, (key, value)| format!("{name} {key}={value}"))
    })
    .collect()
}

#[test]
fn compliance_is_the_last_component_of_the_build() {
    let desired = with_keys(r#""compliance": { "stig": "medium" }"#);
    assert_eq!(desired.compliance, Some(StigLevel::Medium));
    let gov = stack("us-gov-west-1", "aws-us-gov");
    assert_eq!(
        runs(&desired, &gov)[1..],
        [
            "components/harden.yml",
            "arn:aws-us-gov:imagebuilder:us-gov-west-1:aws:component/stig-build-linux/x.x.x Level=Medium",
            "arn:aws:imagebuilder:us-east-1:aws:component/simple-boot-test-linux/x.x.x",
        ]
    );
    let none = with_keys(r#""compliance": "none""#);
    assert_eq!(runs(&none, &gov), runs(&sample_with(&[]), &gov));
}

/// A component that writes results, as ours do.
const SCAN: &str = "
schemaVersion: 1.0
parameters:
  - GoldsmithResultsBucket: { type: string }
  - Profile: { type: string, default: standard }
phases:
  - name: test
    steps:
      - name: Upload
        action: S3Upload
        inputs: [ { source: /tmp/a, destination: 's3://{{ GoldsmithResultsBucket }}/results/a' } ]
";

#[test]
fn hardening_and_scanning_are_two_switches_and_none_is_neither() {
    let with = |compliance: &str| {
        let family = r#""family": "mstr""#;
        let text = environment(family, &format!(r#"{family}, "compliance": {compliance}"#));
        sample_with(&[(ENVIRONMENT, &text), ("components/scan.yml", SCAN)])
    };
    let here = stack("us-east-1", "aws");
    let scan =
        r#""scan": { "component": "components/scan.yml", "parameters": { "Profile": "stig" } }"#;
    let scanned = "components/scan.yml GoldsmithResultsBucket=output Profile=stig";
    let plain = runs(&with(r#""none""#), &here);
    assert_eq!(plain, runs(&sample_with(&[]), &here));
    let only = runs(&with(&format!("{{ {scan} }}")), &here);
    assert_eq!(only, [&plain[..], &[scanned.to_owned()]].concat());
    let both = with(&format!(r#"{{ "stig": "high", {scan} }}"#));
    assert_eq!(both.compliance, Some(StigLevel::High));
    let recipe = "110304".parse().expect("a recipe");
    let suites = |desired: &Desired| resources::expected_suites(desired, &recipe);
    assert_eq!(suites(&both), ["scan".to_owned()].into());
    assert_eq!(suites(&sample_with(&[])), [].into());
    let both = runs(&both, &here);
    assert!(both[2].ends_with("stig-build-linux/x.x.x Level=High"));
    assert_eq!(both.last().map(String::as_str), Some(scanned));
}

#[test]
fn a_suite_is_called_after_its_document_unless_that_or_the_environment_says_otherwise() {
    let suites = |document: &str, component: &str| {
        let family = r#""family": "mstr""#;
        let compliance = format!(r#"{family}, "compliance": {{ "scan": {component} }}"#);
        let text = environment(family, &compliance);
        let desired = sample_with(&[
            (ENVIRONMENT, &text),
            ("components/scan-windows.yml", document),
        ]);
        let recipe = "110304".parse().expect("a recipe");
        Vec::from_iter(resources::expected_suites(&desired, &recipe)).join(" ")
    };
    let plain = r#""components/scan-windows.yml""#;
    assert_eq!(suites(SCAN, plain), "scan");
    // As in a copy of a document that ships.
    let declaring = SCAN.replace("Profile:", "Suite:");
    assert_eq!(suites(&declaring, plain), "standard");
    let named =
        r#"{ "component": "components/scan-windows.yml", "parameters": { "Suite": "server" } }"#;
    assert_eq!(suites(&declaring, named), "server");
}

#[test]
fn an_image_is_scanned_as_the_documents_say() {
    let scan = |value: &str| with_keys(&format!(r#""image-scan": {value}"#)).image_scan;
    let condition = |highest, only_with_fix| {
        Some(ImageScan::Ami(Some(ScanCondition {
            highest,
            only_with_fix,
        })))
    };
    assert_eq!(sample_with(&[]).image_scan, None);
    let instance = scan(r#"{ "type": "test-instance" }"#);
    assert_eq!(instance, Some(ImageScan::TestInstance));
    assert_eq!(scan(r#"{ "type": "ami" }"#), Some(ImageScan::Ami(None)));
    let strict = scan(r#"{ "type": "ami", "highest-severity": "low" }"#);
    assert_eq!(strict, condition(HighestSeverity::Low, false));
    let fixed = scan(r#"{ "type": "ami", "highest-severity": "high", "only-with-fix": true }"#);
    assert_eq!(fixed, condition(HighestSeverity::High, true));
}

#[test]
fn limits_of_failed_controls_are_read_by_severity() {
    let desired = with_keys(r#""gates": { "failed-controls": { "medium": 10, "critical": 0 } }"#);
    let limits = [(Severity::Critical, 0), (Severity::Medium, 10)];
    assert_eq!(desired.gates.failed_controls.0, limits.into());
    assert_eq!(sample_with(&[]).gates, Gates::default());
}

#[test]
fn limits_of_findings_are_read_and_have_a_scan() {
    let desired = with_keys(
        r#""image-scan": { "type": "test-instance" },
        "gates": { "findings": { "high": 5, "critical": 0, "only-with-fix": true } }"#,
    );
    let FindingLimits {
        thresholds,
        only_with_fix,
    } = &desired.gates.findings;
    let limits = [(Severity::Critical, 0), (Severity::High, 5)];
    assert_eq!((&thresholds.0, *only_with_fix), (&limits.into(), true));
    assert!(desired.promotion.has_limits);
    assert!(!sample_with(&[]).promotion.has_limits);
}

#[test]
fn an_entry_says_for_itself_whether_a_person_approves_its_images() {
    let entries = r#"{ "ami-scheduled": [], "ami-version": [
        { "aminame": "ami-08bd941ae380bd3cd", "recipename": "110304" },
        { "aminame": "ami-08bd941ae380bd3cd", "recipename": "110302", "approval": "none" },
        { "aminame": "ami-08bd941ae380bd3cd", "recipename": "110301", "approval": "required", "approved": "1.0.3/2" }
    ] }"#;
    let read = |environment: &str| {
        let desired = sample_with(&[(ENVIRONMENT, environment), (AMI_VERSIONS, entries)]);
        let recipes = desired.recipes.iter();
        let promotions: Vec<_> = recipes.map(|entry| entry.promotion).collect();
        promotions
    };
    let promotion = |approval, approved: Option<&str>| Promotion {
        approval,
        approved: approved.map(|text| text.parse().expect("a version")),
        has_limits: false,
    };
    let own = [
        promotion(Approval::None, None),
        promotion(Approval::Required, Some("1.0.3/2")),
    ];
    let plain = environment(r#""family": "mstr""#, r#""family": "mstr""#);
    assert_eq!(read(&plain)[0], promotion(Approval::None, None));
    assert_eq!(read(&plain)[1..], own);
    let with = "\"family\": \"mstr\",\n  \"approval\": \"required\"";
    let required = environment(r#""family": "mstr""#, with);
    assert_eq!(read(&required)[0], promotion(Approval::Required, None));
    assert_eq!(read(&required)[1..], own);
}

#[test]
fn a_windows_recipe_gets_the_windows_component() {
    let harden = "
schemaVersion: 1.0
phases:
  - name: build
    steps: [ { name: Key, action: SetRegistry, inputs: [ { path: a, name: b, value: c, type: d } ] } ]
";
    let text = environment(
        r#""family": "mstr""#,
        r#""family": "mstr", "compliance": { "stig": "high" }"#,
    );
    let desired = sample_with(&[(ENVIRONMENT, &text), (HARDEN, harden)]);
    let runs = runs(&desired, &stack("us-east-1", "aws"));
    assert_eq!(
        runs[2],
        "arn:aws:imagebuilder:us-east-1:aws:component/stig-build-windows/x.x.x Level=High"
    );
}
