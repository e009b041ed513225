//! A project of the Rake and Packer framework.

use serde_json::json;

use crate::run::{example, import, json, left, problems, settings, sources, text};

#[test]
fn a_project_becomes_an_environment() {
    let mut settings = settings("baseos-rhel9");
    settings.base = Some("ami-0123456789abcdef0".to_owned());
    let imported = import(&example("rake"), &settings);
    assert_eq!(problems(&imported), [""; 0]);
    let entry = json!({ "aminame": "ami-0123456789abcdef0", "recipename": "baseos-rhel9" });
    assert_eq!(
        json(&imported, "ami-versions.json")["ami-version"],
        json!([entry])
    );
    let environment = json(&imported, "environment.json");
    let expected = [
        ("regions", json!({ "us-east-1": {} })),
        ("instance-types", json!(["t3.medium"])),
        (
            "instances",
            json!({ "subnet": "subnet-29cb4f75", "security-groups": ["sg-6f18e222"] }),
        ),
        (
            "build-components",
            json!(["components/provision.yml", "components/chef.yml"]),
        ),
        ("compliance", json!("none")),
        ("on-failure", json!("expire")),
        ("consumers", json!([])),
        (
            "tags",
            json!({
                "Environment": "nonprod", "Owner": "engineer1", "Product": "BaseOS", "Project": "images", "Version": "1.4.0"
            }),
        ),
    ];
    for (member, value) in expected {
        assert_eq!(environment[member], value, "{member}");
    }
}

#[test]
fn accounts_and_waivers_go_through_as_they_are_and_cookbooks_are_embedded() {
    let source = example("rake");
    let imported = import(&source, &settings("baseos-rhel9"));
    for path in [
        "workload_accounts.us-east-1.json",
        "audit/skip.yml",
        "audit/aws.us-east-1.skip.yml",
    ] {
        assert_eq!(
            Some(text(&imported, path)),
            source.text(path),
            "{path} goes through as it is"
        );
    }
    let chef = text(&imported, "components/chef.yml");
    assert!(
        chef.contains("\"recipe[base::default]\"") && chef.contains("content node['base']['motd']"),
        "{chef}"
    );
    assert!(
        !chef.contains("hunter2"),
        "a password is in no document: {chef}"
    );
}

#[test]
fn what_a_project_leaves_is_reported_one_by_one() {
    let imported = import(&example("rake"), &settings("baseos-rhel9"));
    assert_eq!(problems(&imported), [""; 0]);
    assert_eq!(
        left(&imported),
        [
            "Computed config.rb: if ENV['CI']",
            "Computed image_build_vars: image_build_vars",
            "Computed config.rb: task :hello do",
            "Computed image_build_vars.source_ami: ENV['SOURCE_AMI']",
            "Computed builders[0].source_ami: user variable source_ami",
            "Unneeded builders[0].vpc_id: vpc-0181557b",
            "Unneeded builders[0].ami_users: ami_users",
            "Unsupported builders[0].tags.ExpiryDate: expiry_date",
            "Unneeded builders[0].tags.BuildUrl: build_url",
            "Unneeded builders[0].ssh_username: ec2-user",
            "Computed provisioners[1].json.admin_password: admin_password",
            "Unsupported provisioners[1].version: 17",
            "Unneeded external_config_type: none",
            "Unneeded server_test_tool: inspec",
            "Computed owner_mail: \"#{ENV['USER']}@example.com\"",
            "Unsupported audit/aws.eu-west-1.skip.yml: eu-west-1",
            "Unneeded audit/filter.yml: filter.yml",
            "Unsupported audit/baseos-rhel9: audit/baseos-rhel9",
            "Unsupported test/baseline: test/baseline",
            "Unneeded Rakefile: Rakefile",
            "Missing builders[0]: baseos-rhel9",
        ]
    );
    let lines: Vec<_> = imported.left[..4]
        .iter()
        .map(|left| left.place.line)
        .collect();
    assert_eq!(lines, [Some(16), Some(17), Some(20), Some(13)]);
}

/// A later layer counts more: defaults, `set_if_empty`, `vars.json`, `set`.
#[test]
fn variables_come_in_layers() {
    let build = r#"{ "variables": { "a": "1", "b": "1", "c": "1", "d": "1" },
      "builders": [ { "type": "amazon-ebs", "region": "us-east-1", "source_ami": "ami-08bd941ae380bd3cd",
        "instance_type": "m6i.large",
        "tags": { "A": "{{user `a`}}", "B": "{{user `b`}}", "C": "{{user `c`}}", "D": "{{user `d`}}" } } ] }"#;
    let config = "set_if_empty :image_build_vars, b: '2', c: '2', d: '2'\nset :image_build_vars, { 'd' => '4' }\n";
    let files = [
        ("build.json", build),
        ("config.rb", config),
        ("vars.json", r#"{ "c": "3", "d": "3" }"#),
    ];
    let imported = import(&sources(&files), &settings("x"));
    let tags = &json(&imported, "environment.json")["tags"];
    assert_eq!(*tags, json!({ "A": "1", "B": "2", "C": "3", "D": "4" }));
}

#[test]
fn each_spelling_of_workload_accounts_is_read_where_images_go() {
    let build = r#"{ "builders": [ { "type": "amazon-ebs", "region": "us-east-1",
        "source_ami": "ami-08bd941ae380bd3cd", "instance_type": "m6i.large" } ] }"#;
    let accounts = r#"{ "a": { "account_id": "222222222222" } }"#;
    let files = [
        ("build.json", build),
        ("config.rb", ""),
        ("amis/workload_account.us-east-1.json", accounts),
        ("amis/workload_accounts.eu-west-1.json", accounts),
    ];
    let imported = import(&sources(&files), &settings("x"));
    assert_eq!(problems(&imported), [""; 0]);
    assert_eq!(
        text(&imported, "workload_accounts.us-east-1.json"),
        accounts
    );
    assert_eq!(
        left(&imported),
        ["Missing amis/workload_accounts.eu-west-1.json: eu-west-1"]
    );
    let wrong = [
        ("build.json", build),
        ("config.rb", ""),
        (
            "workload_accounts.us-east-1.json",
            r#"{ "a": { "account_id": "2222" } }"#,
        ),
    ];
    let imported = import(&sources(&wrong), &settings("x"));
    assert_eq!(left(&imported), ["Invalid a: 2222"]);
    assert_eq!(problems(&imported), [""; 0]);
}
