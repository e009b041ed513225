//! `explain`: each kind of variable, with its layer, what it overrode and what it becomes.

use std::fs;

use crate::configuration::{Repository, SHARED, goldsmith, project, text};

/// The paragraph of a variable, in a project with values in all layers.
fn explained(name: &str, more: &[&str], environment: &[(&str, &str)]) -> String {
    let repository = Repository::new(&SHARED);
    repository.publish();
    let own = "{\n  \"name\": \"baseos-rhel7\",\n  \"owner\": \"team\",\n  \"admin_password\": \"hunter2\",\n  \"vpc_id\": null,\n  \
               \"build_url\": \"https://ci/1\"\n}\n";
    let dir = project(own);
    let path = text(dir.path());
    assert_eq!(
        goldsmith(&["pull", &path, "--url", &repository.url()], &[]).code,
        0
    );
    let outcome = goldsmith(&[&["explain", &path, name], more].concat(), environment);
    assert!(
        !outcome.out.contains("hunter2") && !outcome.err.contains("hunter2"),
        "{outcome:?}"
    );
    outcome.out + &outcome.err
}

/// The variable, what is given beside the project, and what is said.
const CASES: &[(&str, &str)] = &[
    (
        "source_ami",
        "source_ami = ami-08bd941ae380bd3cd
  from      target/pipeline-config/amis/vars.json:2:17 (configuration)
  becomes   ami-versions.json /ami-version/0/aminame
",
    ),
    (
        "owner",
        "owner = team
  from      vars.json:3:12 (project)
  overrode  target/pipeline-config/amis/rhel7/vars.json:4:12 (configuration): rhel
  overrode  target/pipeline-config/amis/vars.json:3:12 (configuration): platform
  becomes   environment.json /tags/Owner
",
    ),
    (
        "product",
        "product = MSTR
  from      environment.json:7:24 (documents)
  becomes   environment.json /tags/Product
",
    ),
    (
        "environment",
        "environment = dev
  from      the default (default)
  becomes   environment.json /environment
",
    ),
    (
        "name",
        "name = baseos-rhel7
  from      vars.json:2:11 (project)
  becomes   ami-versions.json /ami-version/0/recipename
",
    ),
    (
        "version",
        "version = 1.4.0
  from      VERSION:1:1 (environment)
  becomes   ami-versions.json /ami-version/0/version
",
    ),
    (
        "aws_region",
        "aws_region = us-east-1
  from      the environment variable AWS_REGION (environment)
  becomes   environment.json /regions/us-east-1
",
    ),
    (
        "sg_ids",
        "sg_ids = sg-6f18e222
  from      target/pipeline-config/amis/rhel7/vars.json:3:13 (configuration)
  becomes   environment.json /instances/security-groups
",
    ),
    (
        "instance_type",
        "instance_type = m6i.large
  from      target/pipeline-config/amis/rhel7/baseos/aws.us-east-1.vars.json:2:20 (configuration)
  becomes   environment.json /instance-types
",
    ),
    (
        "agent_version",
        "agent_version = 6.11.1
  from      target/pipeline-config/amis/rhel7/baseos/aws.us-east-1.vars.json:3:20 (configuration)
  becomes   environment.json /build-components/0/parameters/agent_version
",
    ),
    (
        "chefdk_version",
        "chefdk_version = 3.3.23-1
  from      target/pipeline-config/amis/vars.json:4:21 (configuration)
  no use    no component of the image declares a parameter `chefdk_version`
",
    ),
    (
        "admin_password",
        "admin_password = (not shown: its name says that it is a secret)
  from      vars.json:4:21 (project)
  no use    its name says that it is a secret, and documents are no place for one
",
    ),
    (
        "build_url",
        "build_url = https://ci/1
  from      vars.json:6:16 (project)
  becomes   `build-url` in the metadata of each upload
",
    ),
    ("vpc_id", "`vpc_id` has no value in any layer\n"),
    ("no_such", "`no_such` has no value in any layer\n"),
];

#[test]
fn each_kind_of_variable_is_explained() {
    for (name, expected) in CASES {
        assert_eq!(explained(name, &[], &[]), *expected, "{name}");
    }
}

#[test]
fn values_of_the_environment_and_of_the_command_line_are_explained() {
    let of_environment = explained("source_ami", &[], &[("SOURCE_AMI", "ami-a")]);
    let expected = "source_ami = ami-a
  from      the environment variable SOURCE_AMI (environment)
  overrode  target/pipeline-config/amis/vars.json:2:17 (configuration): ami-08bd941ae380bd3cd
  becomes   ami-versions.json /ami-version/0/aminame
";
    assert_eq!(of_environment, expected);
    let of_command = explained(
        "ami_users",
        &["--var", "ami_users=222222222222,333333333333"],
        &[],
    );
    let expected = "ami_users = 222222222222,333333333333
  from      --var (command)
  becomes   environment.json /consumers/0
";
    assert_eq!(
        of_command, expected,
        "222222222222 is a workload account already"
    );
}

#[test]
fn a_value_cannot_write_a_line_of_its_own() {
    let dir = project("{ \"name\": \"a\", \"x\": \"1\\n  becomes   owned\\u001b[2J\" }");
    let path = text(dir.path());
    let outcome = goldsmith(&["explain", &path, "x"], &[]);
    assert!(
        outcome
            .out
            .starts_with("x = 1   becomes   owned\u{FFFD}[2J\n  from "),
        "{outcome:?}"
    );
    fs::remove_file(dir.path().join("vars.json")).expect("a file");
    let none = goldsmith(&["explain", &path], &[]);
    assert!(
        none.code == 1
            && none
                .err
                .contains("hint: write a vars.json, or run `goldsmith pull "),
        "{none:?}"
    );
}
