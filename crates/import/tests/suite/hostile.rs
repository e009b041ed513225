//! Sources that want to break an import, to fill a machine, or to get a secret into a document.

use std::fmt::Write as _;

use goldsmith_import::{ImportError, LeftKind, detect, packer, rake, terraform};
use proptest::prelude::*;

use crate::run::{import, left, problems, settings, sources};

const BUILDER: &str = r#"source "amazon-ebs" "x" {
  region        = "us-east-1"
  source_ami    = "ami-08bd941ae380bd3cd"
  instance_type = "m6i.large"
  ami_name      = local.a
}
build { sources = ["source.amazon-ebs.x"] }
"#;

#[test]
fn locals_that_are_made_of_each_other_end() {
    let template = format!("{BUILDER}locals {{\n  a = \"x${{local.b}}\"\n  b = local.a\n}}\n");
    let imported = import(&sources(&[("a.pkr.hcl", &template)]), &settings("x"));
    assert_eq!(problems(&imported), [""; 0]);
}

/// Each local is the one before it, twice: the last would have 2^60 characters or items.
#[test]
fn locals_that_double_each_other_end() {
    for (pattern, last) in [
        ("\"${P}${P}\"", "\"xxxxxxxxxxxxxxxx\""),
        ("[P, P]", "[1]"),
        ("concat(P, P)", "[1]"),
    ] {
        let mut template = format!("{BUILDER}locals {{\n  a = local.l60\n  l0 = {last}\n");
        for number in 1..=60 {
            let before = format!("local.l{}", number - 1);
            let _ = writeln!(template, "  l{number} = {}", pattern.replace('P', &before));
        }
        template.push_str("}\n");
        let imported = import(&sources(&[("a.pkr.hcl", &template)]), &settings("x"));
        assert_eq!(problems(&imported), [""; 0]);
    }
}

/// A chain of as many locals as a file holds would need a stack of its own for each.
#[test]
fn a_long_chain_of_locals_ends() {
    let mut template = format!("{BUILDER}locals {{\n  a = local.l20000\n  l0 = 1\n");
    for number in 1..=20_000 {
        let _ = writeln!(template, "  l{number} = local.l{}", number - 1);
    }
    template.push_str("}\n");
    import(&sources(&[("a.pkr.hcl", &template)]), &settings("x"));
}

#[test]
fn variables_that_double_each_other_end() {
    let mut variables = String::from("\"v0\": \"xxxxxxxxxxxxxxxx\"");
    for number in 1..=60 {
        let before = number - 1;
        let _ = write!(
            variables,
            ", \"v{number}\": \"{{{{user `v{before}`}}}}{{{{user `v{before}`}}}}\""
        );
    }
    let template = format!(
        r#"{{ "variables": {{ {variables} }}, "builders": [ {{ "type": "amazon-ebs", "ami_description": "{{{{user `v60`}}}}" }} ] }}"#
    );
    let imported = import(&sources(&[("a.json", &template)]), &settings("x"));
    assert!(
        left(&imported)
            .iter()
            .any(|left| left.contains("ami_description")),
        "{:?}",
        left(&imported)
    );
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let json = format!(
        "{{\"builders\": {}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let error = packer(&sources(&[("a.json", &json)]), &settings("x")).expect_err("too deep");
    assert!(matches!(error, ImportError::Nothing { .. }), "{error}");
    let hcl = format!("a = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let error = packer(&sources(&[("a.pkr.hcl", &hcl)]), &settings("x")).expect_err("too deep");
    assert!(
        error.to_string().starts_with("a.pkr.hcl:1: found "),
        "{error}"
    );
    let state = format!("{{\"version\": 4, \"resources\": {}", "[".repeat(100_000));
    let error =
        terraform(&sources(&[("a.tfstate", &state)]), &settings("x")).expect_err("too deep");
    assert!(matches!(error, ImportError::Unreadable { .. }), "{error}");
    let yaml = format!("{}a{}", "[".repeat(10_000), "]".repeat(10_000));
    let component = serde_json::json!({
        "version": 4, "terraform_version": "1.9.8",
        "resources": [{ "mode": "managed", "type": "aws_imagebuilder_component", "name": "x",
                        "instances": [{ "attributes": { "name": "x", "data": yaml } }] }]
    });
    let imported = terraform(
        &sources(&[("a.tfstate", &component.to_string())]),
        &settings("x"),
    );
    assert_eq!(
        left(&imported.expect("a state")),
        ["Invalid aws_imagebuilder_component.x.data: x"]
    );
}

#[test]
fn a_report_of_a_million_settings_is_bounded() {
    let mut settings_text = String::new();
    for number in 0..100_000 {
        let _ = write!(settings_text, ", \"s{number}\": 1");
    }
    let template = format!(r#"{{ "builders": [ {{ "type": "amazon-ebs"{settings_text} }} ] }}"#);
    let imported = import(&sources(&[("a.json", &template)]), &settings("x"));
    assert!(imported.left.len() <= 1001, "{}", imported.left.len());
    let more = imported
        .left
        .iter()
        .find(|left| left.found.ends_with(" more"));
    assert!(more.is_some(), "the number of the others is shown");
}

/// Wherever a secret is used, its value is in no file and in no report.
#[test]
fn a_secret_is_copied_nowhere() {
    let template = r#"
variable "db_password" { default = "hunter2-by-name" }
variable "licence" {
  default   = "hunter2-by-mark"
  sensitive = true
}
locals {
  derived = "x-${var.licence}"
  list    = [var.db_password]
}
source "amazon-ebs" "x" {
  region          = "us-east-1"
  source_ami      = "ami-08bd941ae380bd3cd"
  instance_type   = "m6i.large"
  ami_name        = "x-${var.licence}"
  ami_description = local.derived
  user_data       = "export DB_PASSWORD=hunter2-user-data"
  secret_key      = "hunter2-in-place"
  tags            = { Licence = upper(var.licence), Api-Token = "hunter2-tag", Note = "token=hunter2-note" }
}
build {
  sources = ["amazon-ebs.x"]
  provisioner "shell" {
    environment_vars = ["X=${var.licence}", "PASSWORD=hunter2-env"]
    inline           = ["echo ${local.derived}"]
  }
  provisioner "shell" {
    inline = ["export TOKEN=hunter2-literal"]
  }
  provisioner "shell" {
    scripts = ["a.sh", "id_rsa"]
  }
  provisioner "file" {
    content     = join(",", local.list)
    destination = "/etc/x"
  }
  provisioner "ansible" {
    playbook_file   = "p.yml"
    extra_arguments = ["-e", "password=hunter2-argument"]
  }
}
"#;
    let script = "#!/bin/sh\nmysql --password=hunter2-script\n";
    let files = [
        ("x.pkr.hcl", template),
        ("a.sh", script),
        ("id_rsa", "hunter2-file"),
        ("p.yml", "- hosts: all\n"),
    ];
    let imported = import(&sources(&files), &settings("x"));
    assert_eq!(problems(&imported), [""; 0]);
    let everything = format!("{imported:?}").to_lowercase();
    let found = everything
        .find("hunter2")
        .map(|at| &everything[at.saturating_sub(100)..at + 30]);
    assert_eq!(found, None);
    let secrets = imported
        .left
        .iter()
        .filter(|left| left.kind == LeftKind::Secret);
    let places: Vec<&str> = secrets
        .map(|left| left.place.path.rsplit('"').next().unwrap_or_default())
        .collect();
    assert_eq!(
        places,
        [
            ".tags.Licence",
            ".tags.Api-Token",
            ".tags.Note",
            ".ami_name",
            ".ami_description",
            ".secret_key",
            ".environment_vars[0].X",
            ".environment_vars[1]",
            ".inline[0]",
            ".inline",
            ".scripts",
            ".scripts",
            ".content",
            ".extra_arguments"
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever a file holds: an answer or an error, and no panic.
    #[test]
    fn no_text_makes_a_panic(text in "[\\PC\n]{0,400}", words in prop::collection::vec(word(), 0..60)) {
        let soup = words.join(" ");
        for text in [text.as_str(), soup.as_str()] {
            let build = format!(r#"{{ "variables": {{ "a": {text} }}, "builders": [] }}"#);
            let files = [
                ("a.pkr.hcl", text), ("build.json", build.as_str()), ("config.rb", text), ("vars.json", "{}"),
                ("a.tfstate", text), ("audit/skip.yml", text), ("workload_accounts.us-east-1.json", text),
            ];
            let folder = sources(&files);
            let settings = settings("x");
            let _ = detect(&folder);
            let _ = packer(&folder, &settings);
            let _ = goldsmith_import::packer_json(&folder, &settings);
            let _ = rake(&folder, &settings);
            let _ = terraform(&folder, &settings);
            let config = sources(&[("config.rb", text), ("build.json", r#"{ "builders": [] }"#)]);
            prop_assert!(rake(&config, &settings).is_ok(), "config.rb is never an error");
        }
    }

    /// A template of any values is imported, and what comes of it is what goldsmith reads.
    #[test]
    fn documents_of_any_template_are_right(
        name in ".{0,20}", base in prop::sample::select(vec!["ami-08bd941ae380bd3cd", "ami-x", "", "ssm:/a"]),
        size in any::<i64>(), users in ".{0,30}", tag in ".{0,20}", line in "[\\PC\t\n\r]{0,60}",
        description in ".{0,40}", path in ".{0,12}",
    ) {
        let template = serde_json::json!({
            "builders": [{
                "type": "amazon-ebs", "name": name, "region": "us-east-1", "source_ami": base, "ami_name": name,
                "instance_type": "m6i.large", "ami_users": users, "ami_description": description,
                "tags": { tag.as_str(): tag, "Owner": line },
                "launch_block_device_mappings": [{ "volume_size": size, "volume_type": "gp3" }],
            }],
            "provisioners": [
                { "type": "shell", "inline": [line] },
                { "type": "file", "content": line, "destination": path },
                { "type": "shell", "script": "a.sh" },
            ],
        });
        let files = [("a.json", template.to_string()), ("a.sh", line.clone())];
        let folder = sources(&files.each_ref().map(|(path, text)| (*path, text.as_str())));
        let imported = packer(&folder, &settings("x")).expect("a template");
        let problems = problems(&imported);
        prop_assert!(problems.is_empty(), "{problems:?}");
    }
}

/// Words of all the languages, so that something of each is parsed.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "=",
    "\"",
    "'",
    ",",
    ":",
    "=>",
    "<<EOT",
    "\nEOT\n",
    "${",
    "%{",
    "{{",
    "}}",
    "user",
    "`a`",
    "set",
    ":image_build_vars,",
    "set_if_empty",
    "do",
    "end",
    "if",
    "%w[",
    "nil",
    "source",
    "\"amazon-ebs\"",
    "build",
    "locals",
    "local.a",
    "var.a",
    "variable",
    "default",
    "a",
    "1",
    "true",
    "null",
    "\n",
    "#",
    "phases",
    "- name: x",
    "\"version\": 4,",
    "\"resources\":",
    "ENV['A']",
    "a: 1,",
    "-",
    "é",
    "\u{202E}",
];

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(WORDS).prop_map(str::to_owned)
}
