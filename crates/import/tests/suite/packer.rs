//! Packer templates: a Linux image in JSON, two sources in HCL2, and a Windows image.

use serde_json::json;

use crate::run::{example, import, json, left, problems, settings, sources, text};

#[test]
fn a_linux_template_in_json_becomes_an_environment() {
    let imported = import(&example("packer-linux"), &settings("web"));
    assert_eq!(problems(&imported), [""; 0]);
    let versions = json(&imported, "ami-versions.json");
    let entry = json!({ "aminame": "ami-08bd941ae380bd3cd", "recipename": "web", "description": "nginx 1.26" });
    assert_eq!(versions["ami-version"], json!([entry]));
    assert_eq!(versions["ami-scheduled"], json!([{ "recipenames": "web" }]));
    let environment = json(&imported, "environment.json");
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let expected = [
        (
            "regions",
            json!({ "us-east-1": {}, "eu-west-1": { "kms-key": key } }),
        ),
        ("instance-types", json!(["m6i.large"])),
        (
            "volumes",
            json!([{ "size-gib": 40, "type": "gp3", "iops": 4000 }]),
        ),
        ("build-components", json!(["components/provision.yml"])),
        ("tags", json!({ "Owner": "web-team", "Product": "Web" })),
        ("ami-name", json!("{recipename}")),
        (
            "consumers",
            json!([
                { "account-id": "222222222222", "roles": "any" },
                { "account-id": "333333333333", "roles": "any" }
            ]),
        ),
        (
            "instances",
            json!({
                "instance-profile": "packer",
                "subnet": "subnet-0a1b2c3d4e5f60718",
                "security-groups": ["sg-0a1b2c3d4e5f60718"]
            }),
        ),
    ];
    for (member, value) in expected {
        assert_eq!(environment[member], value, "{member}");
    }
}

#[test]
fn what_a_linux_template_leaves_is_reported_one_by_one() {
    let imported = import(&example("packer-linux"), &settings("web"));
    assert_eq!(
        left(&imported),
        [
            "Unneeded builders[0].encrypt_boot: true",
            "Unneeded builders[0].region_kms_key_ids.us-east-1: alias/images",
            "Invalid builders[0].region_kms_key_ids.us-west-2: alias/images",
            "Unneeded builders[0].launch_block_device_mappings[0].delete_on_termination: true",
            "Computed builders[0].tags.Build: {{env `BUILD_NUMBER`}}",
            "Unneeded builders[0].tags.Name: web",
            "Unneeded builders[0].ssh_username: ec2-user",
            "Unsupported builders[0].user_data_file: user-data.sh",
            "Unsupported builders[1]: googlecompute",
            "Secret provisioners[1].environment_vars[1].DB_PASSWORD: user variable db_password",
            "Missing provisioners[1].scripts: scripts/missing.sh",
            "Unneeded provisioners[1].execute_command: sudo -E sh -c '{{{.Vars}}} {{{.Path}}}'",
            "Secret provisioners[3].inline[0]: user variable db_password",
            "Computed provisioners[3].inline: a list of 1",
            "Unneeded provisioners[5]: shell",
            "Unsupported provisioners[6]: shell-local",
            "Unneeded post-processors[0]: manifest",
            "Unsupported post-processors[1]: shell-local",
            "Unsupported post-processors[2]: vagrant",
            "Missing regions.us-west-2: us-west-2",
        ]
    );
}

#[test]
fn provisioners_become_steps_in_their_order() {
    let imported = import(&example("packer-linux"), &settings("web"));
    let component = text(&imported, "components/provision.yml");
    let steps: Vec<&str> = component
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- name: "))
        .collect();
    assert_eq!(
        steps,
        [
            "build",
            "File-motd-1",
            "Script-nginx-2",
            "Shell-3",
            "Restart-4"
        ]
    );
    assert!(
        component.contains("export NGINX_VERSION='1.26'"),
        "{component}"
    );
    assert!(
        component.contains("              Authorized users only.\n"),
        "{component}"
    );
    assert!(
        !component.contains("{{"),
        "Image Builder would take it for a reference: {component}"
    );
}

/// What the template does not say is never chosen silently.
#[test]
fn what_a_template_does_not_say_is_a_decision() {
    let template =
        r#"{ "builders": [ { "type": "amazon-ebs", "source_ami": "ami-08bd941ae380bd3cd" } ] }"#;
    let imported = import(&sources(&[("t.json", template)]), &settings("my images"));
    let chosen = imported
        .decisions
        .iter()
        .map(|decision| format!("{} {}", decision.what, decision.value));
    let boot = "arn:aws:imagebuilder:us-east-1:aws:component/simple-boot-test-linux/x.x.x";
    assert_eq!(
        chosen.collect::<Vec<_>>(),
        [
            "recipename my-images".to_owned(),
            "ami-scheduled my-images".to_owned(),
            "regions us-east-1".to_owned(),
            "instance-types m6i.large".to_owned(),
            "volumes 30 GiB gp3".to_owned(),
            format!("test-components {boot}"),
            "family golden".to_owned(),
        ]
    );
    assert_eq!(
        (left(&imported), problems(&imported)),
        (Vec::new(), Vec::new())
    );
}

#[test]
fn two_sources_in_hcl_share_what_they_have_in_common() {
    let imported = import(&example("packer-hcl"), &settings("base"));
    assert_eq!(problems(&imported), [""; 0]);
    let versions = json(&imported, "ami-versions.json");
    let base = "ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    let entry = json!({
        "aminame": base, "recipename": "al2023", "tags": { "Base": "al2023" },
        "components": ["components/provision.yml", "components/ansible.yml"]
    });
    assert_eq!(versions["ami-version"], json!([entry]));
    let environment = json(&imported, "environment.json");
    let accounts = json!([
        { "account-id": "222222222222", "roles": "any" },
        { "account-id": "333333333333", "roles": "any" }
    ]);
    assert_eq!(environment["consumers"], accounts);
    assert_eq!(environment["regions"], json!({ "eu-west-1": {} }));
    assert_eq!(environment["tags"], json!({ "Owner": "CCOE" }));
    assert_eq!(
        environment["base-owners"],
        json!(["self", "amazon", "099720109477"])
    );
    let allowed = [
        "components/provision.yml",
        "components/ansible.yml",
        "components/provision-ubuntu.yml",
    ];
    assert_eq!(environment["allowed-components"], json!(allowed));
    let ansible = text(&imported, "components/ansible.yml");
    assert!(
        ansible.contains("'environment=nonprod' 'playbook.yml'"),
        "{ansible}"
    );
    assert!(
        ansible.contains("content: \"{@GOLDSMITH@{ environment }}\""),
        "{ansible}"
    );
    let setup = text(&imported, "components/provision.yml");
    assert!(
        setup.contains("timeoutSeconds: 600") && setup.contains("echo CCOE"),
        "{setup}"
    );
}

#[test]
fn what_two_sources_in_hcl_leave_is_reported_one_by_one() {
    let imported = import(&example("packer-hcl"), &settings("base"));
    assert_eq!(
        left(&imported),
        [
            "Unneeded unused: unused",
            "Unneeded source \"amazon-ebs\" \"al2023\".metadata_options.http_endpoint: enabled",
            "Missing source \"amazon-ebs\" \"al2023\".subnet_id: var.subnet_id",
            "Computed source \"amazon-ebs\" \"al2023\".tags.BuildDate: regex_replace(...)",
            "Unneeded source \"amazon-ebs\" \"al2023\".ssh_username: ec2-user",
            "Computed source \"amazon-ebs\" \"ubuntu\".source_ami_filter: ubuntu/images/*ubuntu-jammy-22.04-amd64-server-*",
            "Unsupported source \"amazon-ebs\" \"ubuntu\".instance_type: m7i.large",
            "Computed source \"amazon-ebs\" \"ubuntu\".tags.BuildDate: regex_replace(...)",
            "Unneeded source \"amazon-ebs\" \"ubuntu\".ssh_username: ubuntu",
            "Secret provisioner \"shell\".env.API_TOKEN: API_TOKEN",
            "Unneeded provisioner \"ansible\".user: ec2-user",
            "Unneeded post-processor \"manifest\": manifest",
            "Unsupported source \"amazon-ebs\" \"al2023\": 444444444444",
            "Missing source \"amazon-ebs\" \"ubuntu\": ubuntu",
        ]
    );
    let filter = imported
        .left
        .iter()
        .find(|left| left.place.path.ends_with("source_ami_filter"));
    let filter = filter.expect("the filter is left");
    assert_eq!(filter.place.line, Some(32));
    let hint = filter.hint.as_deref().unwrap_or_default();
    assert!(
        hint.contains("--base ssm:/aws/service/canonical/ubuntu/server/22.04/"),
        "{hint}"
    );
}

#[test]
fn a_base_that_the_caller_names_makes_an_entry() {
    let mut settings = settings("base");
    settings.base = Some("ami-0123456789abcdef0".to_owned());
    let imported = import(&example("packer-hcl"), &settings);
    assert_eq!(problems(&imported), [""; 0]);
    let versions = json(&imported, "ami-versions.json");
    let names = ["al2023", "ubuntu"].map(|name| json!(name));
    assert_eq!(
        [0, 1].map(|index| versions["ami-version"][index]["recipename"].clone()),
        names
    );
    assert_eq!(
        versions["ami-version"][1]["aminame"],
        "ami-0123456789abcdef0"
    );
}

#[test]
fn a_windows_template_has_no_password_in_its_documents() {
    let imported = import(&example("packer-windows"), &settings("iis"));
    assert_eq!(problems(&imported), [""; 0]);
    assert_eq!(
        json(&imported, "ami-versions.json")["ami-version"][0]["platform"],
        "Windows"
    );
    let environment = json(&imported, "environment.json");
    let test =
        "arn:aws-us-gov:imagebuilder:us-gov-west-1:aws:component/simple-boot-test-windows/x.x.x";
    assert_eq!(environment["test-components"], json!([test]));
    let component = text(&imported, "components/provision.yml");
    assert!(
        component.contains("$env:SITE = 'it''s'") && component.contains("action: Reboot"),
        "{component}"
    );
    assert!(
        component.contains(r#"- path: "C:\\site\\site.config""#),
        "{component}"
    );
    assert_eq!(
        left(&imported),
        [
            "Unsupported source \"amazon-ebs\" \"iis\".ami_groups: a list of 1",
            "Unneeded source \"amazon-ebs\" \"iis\".communicator: winrm",
            "Unneeded source \"amazon-ebs\" \"iis\".winrm_username: Administrator",
            "Unsupported source \"amazon-ebs\" \"iis\".user_data_file: bootstrap.ps1",
            "Secret source \"amazon-ebs\" \"iis\".winrm_password: winrm_password",
            "Unneeded provisioner \"powershell\".elevated_user: Administrator",
            "Unneeded provisioner \"powershell\".elevated_password: elevated_password",
            "Unneeded provisioner \"windows-restart\".restart_timeout: 15m",
            "Invalid provisioner \"powershell\".inline: Script-format",
            "Unsupported provisioner \"powershell\".inline: Script-sysprep",
            "Unsupported provisioner \"windows-update\": windows-update",
        ]
    );
    let everything = format!("{imported:?}");
    assert!(!everything.contains("SuperS3cret"), "a password is nowhere");
}

#[test]
fn a_source_block_of_a_build_refines_its_source() {
    let template = r#"
source "amazon-ebs" "base" {
  region        = "us-east-1"
  source_ami    = "ami-08bd941ae380bd3cd"
  instance_type = "m6i.large"
  ami_name      = "base-{{timestamp}}"
}
build {
  source "amazon-ebs.base" {
    name     = "second"
    ami_name = "second"
  }
}
"#;
    let imported = import(&sources(&[("a.pkr.hcl", template)]), &settings("x"));
    assert_eq!(problems(&imported), [""; 0]);
    assert_eq!(
        json(&imported, "ami-versions.json")["ami-version"][0]["recipename"],
        "second"
    );
    assert_eq!(left(&imported), [""; 0]);
}

#[test]
fn large_scripts_share_no_document_and_one_that_is_too_large_is_left() {
    let line = "echo 0123456789012345678901234567890123456789\n";
    let (half, whole) = (line.repeat(700), line.repeat(1500));
    let template = r#"{ "builders": [ { "type": "amazon-ebs", "region": "us-east-1",
        "source_ami": "ami-08bd941ae380bd3cd", "instance_type": "m6i.large" } ],
      "provisioners": [ { "type": "shell", "scripts": ["a.sh", "b.sh", "c.sh"] } ] }"#;
    let files = [
        ("t.json", template),
        ("a.sh", &half),
        ("b.sh", &half),
        ("c.sh", &whole),
    ];
    let imported = import(&sources(&files), &settings("x"));
    assert_eq!(problems(&imported), [""; 0]);
    let build = &json(&imported, "environment.json")["build-components"];
    assert_eq!(
        *build,
        json!(["components/provision.yml", "components/provision-2.yml"])
    );
    assert_eq!(left(&imported), ["Invalid provisioners[0].scripts: c.sh"]);
}
