//! `pull` from real repositories: over file and SSH URLs, and from hostile ones.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::configuration::{Repository, SHARED, goldsmith, project, text};
use crate::run::Outcome;

fn pull(dir: &TempDir, url: &str, more: &[&str]) -> Outcome {
    let dir = text(dir.path());
    goldsmith(&[&["pull", &dir, "--url", url], more].concat(), &[])
}

/// The files below a folder, by their paths.
fn files(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, below: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let name = format!("{below}{}", entry.file_name().display());
            if entry.file_type().expect("a type").is_dir() {
                walk(&entry.path(), &format!("{name}/"), found);
            } else {
                found.push(name);
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, "", &mut found);
    found.sort();
    found
}

fn pulled(dir: &TempDir) -> Vec<String> {
    files(&dir.path().join("target/pipeline-config"))
}

fn state(dir: &TempDir) -> Value {
    let path = dir.path().join("target/pipeline-config.json");
    serde_json::from_str(&fs::read_to_string(path).expect("a state")).expect("JSON")
}

#[test]
fn a_repository_is_pulled_at_a_ref_and_says_which_commit_it_was() {
    let repository = Repository::new(&SHARED);
    let first = repository.publish();
    repository.git(&["-C", "work", "tag", "v1"]);
    repository.write("amis/later.json", "{}");
    repository.git(&["-C", "work", "add", "--all"]);
    let second = repository.publish();
    let (dir, url) = (project("{}"), repository.url());
    let outcome = pull(&dir, &url, &[]);
    let folder = dir.path().join("target/pipeline-config");
    let said = format!("{url} at {second}: 5 files in {}\n", folder.display());
    assert_eq!(
        (outcome.code, outcome.out, outcome.err),
        (0, said, String::new())
    );
    let mut expected: Vec<&str> = SHARED.iter().map(|(path, _)| *path).collect();
    expected.push("amis/later.json");
    expected.sort_unstable();
    assert_eq!(pulled(&dir), expected);
    assert_eq!(
        state(&dir),
        json!({ "url": url, "ref": "HEAD", "commit": second })
    );
    for reference in ["v1", first.as_str()] {
        let outcome = pull(&dir, &url, &["--ref", reference]);
        assert_eq!(outcome.code, 0, "{outcome:?}");
        assert_eq!(
            pulled(&dir).len(),
            4,
            "what is gone in the repository is gone here"
        );
        assert_eq!(
            state(&dir),
            json!({ "url": url, "ref": reference, "commit": first })
        );
    }
    let left = files(&dir.path().join("target"));
    assert!(
        left.iter().all(|path| path.starts_with("pipeline-config")),
        "{left:?}"
    );
}

#[test]
fn variables_do_the_same_and_none_removes_it() {
    let repository = Repository::new(&SHARED);
    let commit = repository.publish();
    let dir = project("{}");
    let (path, url) = (text(dir.path()), repository.url());
    let environment = [
        ("PIPELINE_CONFIG_URL", url.as_str()),
        ("PIPELINE_CONFIG_REF", "main"),
    ];
    let outcome = goldsmith(
        &[
            "pull",
            &path,
            "--prefix",
            "pipelines/",
            "--key",
            "rhel7/baseos/",
        ],
        &environment,
    );
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let expected = json!({ "url": url, "ref": "main", "commit": commit, "prefix": "pipelines", "key": "rhel7/baseos" });
    assert_eq!(state(&dir), expected);
    let none = goldsmith(&["pull", &path], &[("PIPELINE_CONFIG_URL", "none")]);
    assert_eq!((none.code, none.out.as_str()), (0, ""), "{none:?}");
    assert_eq!(files(&dir.path().join("target")), [""; 0]);
    assert_eq!(
        goldsmith(&["pull", &path, "--url", "none"], &environment).code,
        0,
        "a flag counts more"
    );
    let unnamed = goldsmith(&["pull", &path], &[]);
    let said =
        "error: no configuration repository is named\nhint: set PIPELINE_CONFIG_URL or pass --url";
    assert!(
        unnamed.code == 1 && unnamed.err.starts_with(said),
        "{unnamed:?}"
    );
}

/// Instead of `ssh`: it writes down its arguments and runs the command of the last one here.
fn stand_in_for_ssh(repository: &Repository) -> String {
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = -G ] && exit 1\nprintf '%s\\n' \"$@\" >>{root}/arguments\nfor last; do :; done\n\
         cd {root} && eval \"$last\"\n",
        root = repository.root().display()
    );
    let path = repository.root().join("ssh.sh");
    fs::write(&path, script).expect("a file");
    fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("a mode");
    text(&path)
}

#[test]
fn a_repository_is_pulled_over_ssh_with_the_users_own_command() {
    let repository = Repository::new(&SHARED);
    let commit = repository.publish();
    let ssh = stand_in_for_ssh(&repository);
    let dir = project("{}");
    let path = text(dir.path());
    let pull = ["pull", &path, "--url", "git@config.example.com:config.git"];
    let outcome = goldsmith(&pull, &[("GIT_SSH_COMMAND", &ssh)]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let arguments = fs::read_to_string(repository.root().join("arguments")).expect("arguments");
    assert_eq!(
        arguments,
        "git@config.example.com\ngit-upload-pack 'config.git'\n"
    );
    let expected =
        json!({ "url": "git@config.example.com:config.git", "ref": "HEAD", "commit": commit });
    assert_eq!(state(&dir), expected);
}

/// What `~/.gitconfig` says of SSH counts: keys and agents stay the user's own.
#[test]
fn the_ssh_command_of_the_users_configuration_counts() {
    let repository = Repository::new(&SHARED);
    repository.publish();
    let ssh = stand_in_for_ssh(&repository);
    let home = tempfile::tempdir().expect("a folder");
    fs::write(
        home.path().join(".gitconfig"),
        format!("[core]\n\tsshCommand = {ssh}\n"),
    )
    .expect("a file");
    let dir = project("{}");
    let (path, home) = (text(dir.path()), text(home.path()));
    // The example of the framework's manual has a slash where SSH has a colon.
    let url = format!(
        "git@config.example.com{}/config.git",
        repository.root().display()
    );
    let outcome = goldsmith(&["pull", &path, "--url", &url], &[("HOME", &home)]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(pulled(&dir).len(), 4);
    assert_eq!(state(&dir)["url"], format!("ssh://{url}"));
}

#[test]
fn no_password_is_shown_or_stored() {
    let dir = project("{}");
    let outcome = pull(
        &dir,
        "https://user:hunter2@127.0.0.1:1/owner/config.git",
        &[],
    );
    assert_eq!((outcome.code, outcome.out.as_str()), (1, ""), "{outcome:?}");
    assert!(
        outcome.err.starts_with("error: git fetch failed: "),
        "{outcome:?}"
    );
    assert!(!outcome.err.contains("hunter2"), "{outcome:?}");
    assert_eq!(files(&dir.path().join("target")), [""; 0]);
}

#[test]
fn what_git_could_take_for_an_option_or_a_command_is_refused() {
    let dir = project("{}");
    let path = text(dir.path());
    for url in [
        "--upload-pack=touch owned",
        "ext::sh -c id",
        "http://host/a",
        "git@-oProxyCommand=id:a",
    ] {
        let url = format!("--url={url}");
        let outcome = goldsmith(&["pull", &path, &url], &[]);
        let said = "error: the URL of the configuration is none that can be pulled from: ";
        assert!(
            outcome.code == 1 && outcome.err.starts_with(said),
            "{url}: {outcome:?}"
        );
    }
    for more in [
        "--ref=--upload-pack=id",
        "--ref=a:b",
        "--prefix=../..",
        "--key=a/../../b",
    ] {
        let outcome = pull(&dir, "https://127.0.0.1:1/a", &[more]);
        assert_eq!(
            (outcome.code, outcome.out.as_str()),
            (1, ""),
            "{more}: {outcome:?}"
        );
    }
    assert!(!dir.path().join("target").exists());
}

#[test]
fn a_ref_that_is_not_there_leaves_what_was_pulled_before() {
    let repository = Repository::new(&SHARED);
    let commit = repository.publish();
    let dir = project("{}");
    assert_eq!(pull(&dir, &repository.url(), &[]).code, 0);
    let outcome = pull(&dir, &repository.url(), &["--ref", "nowhere"]);
    assert!(
        outcome.code == 1 && outcome.err.contains("couldn't find remote ref nowhere"),
        "{outcome:?}"
    );
    assert_eq!(state(&dir)["commit"], commit);
    assert_eq!(pulled(&dir).len(), 4);
}

#[test]
fn nothing_is_written_through_a_link_or_over_a_clone() {
    let repository = Repository::new(&SHARED);
    repository.publish();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let dir = project("{}");
    std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("target")).expect("a link");
    let outcome = pull(&dir, &repository.url(), &[]);
    assert!(
        outcome.code == 1
            && outcome
                .err
                .contains("target is a link; nothing was changed"),
        "{outcome:?}"
    );
    assert_eq!(files(elsewhere.path()), [""; 0]);
    fs::remove_file(dir.path().join("target")).expect("a link");
    let clone = dir.path().join("target/pipeline-config/.git");
    fs::create_dir_all(&clone).expect("a folder");
    for url in [repository.url().as_str(), "none"] {
        let outcome = pull(&dir, url, &[]);
        assert!(
            outcome.code == 1 && outcome.err.contains("is a clone that somebody else made"),
            "{outcome:?}"
        );
    }
    assert!(clone.is_dir());
}

/// Adds a blob of this size to the repository's index.
fn add_blob(repository: &Repository, path: &str, source: &str, size: &str) {
    let compression = if source == "/dev/zero" { 9 } else { 0 };
    let compression = format!("core.compression={compression}");
    let mut head = Command::new("head");
    let mut head = head
        .args(["-c", size, source])
        .stdout(Stdio::piped())
        .spawn()
        .expect("head");
    let bytes = head.stdout.take().expect("its output");
    let hash = [
        "-C",
        "work",
        "-c",
        &compression,
        "hash-object",
        "-w",
        "--stdin",
    ];
    let id = repository.git_with(&hash, bytes.into());
    assert!(head.wait().expect("an end").success());
    let entry = format!("100644,{id},{path}");
    repository.git(&["-C", "work", "update-index", "--add", "--cacheinfo", &entry]);
}

/// Sets what runs in a user's own clones: a template with hooks, hooks of all repositories, and filters. The file
/// that it returns is there if any of them ran.
fn set_traps(repository: &Repository) -> PathBuf {
    let owned = repository.root().join("owned");
    let hook = format!("#!/bin/sh\ntouch {}\n", owned.display());
    for folder in ["config.git/hooks", "template/hooks", "hooks"] {
        let folder = repository.root().join(folder);
        fs::create_dir_all(&folder).expect("a folder");
        for name in [
            "post-checkout",
            "post-merge",
            "reference-transaction",
            "post-index-change",
            "pre-auto-gc",
        ] {
            fs::write(folder.join(name), &hook).expect("a hook");
            fs::set_permissions(folder.join(name), Permissions::from_mode(0o755)).expect("a mode");
        }
    }
    let root = repository.root().display();
    let settings = format!(
        "[init]\n\ttemplateDir = {root}/template\n[core]\n\thooksPath = {root}/hooks\n\tfsmonitor = touch {root}/owned\n\
         [filter \"evil\"]\n\tsmudge = touch {root}/owned; cat\n\tclean = touch {root}/owned; cat\n\trequired = true\n\
         [diff \"evil\"]\n\ttextconv = touch {root}/owned\n[submodule]\n\trecurse = true\n[protocol \"ext\"]\n\tallow = always\n"
    );
    fs::write(repository.root().join(".gitconfig"), settings).expect("a file");
    owned
}

/// Hooks, filters, attributes, links, submodules, files that unpack to 100 MB, and names like options.
#[test]
fn a_hostile_repository_is_only_data() {
    let harmless = ["--upload-pack=touch owned", "-rf", "amis/vars.json"];
    let mut files_of: Vec<(&str, &str)> = harmless.iter().map(|path| (*path, "{}")).collect();
    files_of.push((".gitattributes", "* filter=evil diff=evil merge=evil\n"));
    files_of.push((
        ".gitmodules",
        "[submodule \"x\"]\n\tpath = x\n\turl = ext::sh -c \"touch owned\"\n",
    ));
    let repository = Repository::new(&files_of);
    std::os::unix::fs::symlink("/etc", repository.work().join("link")).expect("a link");
    std::os::unix::fs::symlink("/etc/passwd", repository.work().join("amis/aws.vars.json"))
        .expect("a link");
    repository.git(&["-C", "work", "add", "--all"]);
    let submodule = format!("160000,{},x", "1".repeat(40));
    repository.git(&[
        "-C",
        "work",
        "update-index",
        "--add",
        "--cacheinfo",
        &submodule,
    ]);
    add_blob(&repository, "large.json", "/dev/zero", "100000000");
    repository.publish();
    let owned = set_traps(&repository);
    let dir = project("{}");
    let (path, home) = (text(dir.path()), text(repository.root()));
    let outcome = goldsmith(
        &["pull", &path, "--url", &repository.url()],
        &[("HOME", &home)],
    );
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let expected = [
        "--upload-pack=touch owned",
        "-rf",
        ".gitattributes",
        ".gitmodules",
        "amis/vars.json",
    ];
    assert_eq!(pulled(&dir), expected);
    let warnings = [
        "amis/aws.vars.json was left out: it is a link",
        "large.json was left out: it has more than 256 KiB",
        "link was left out: it is a link",
        "x was left out: it is a submodule",
    ];
    let warnings: Vec<String> = warnings
        .iter()
        .map(|one| format!("warning: {one}\n"))
        .collect();
    assert_eq!(outcome.err, warnings.concat());
    assert!(
        !owned.exists() && !dir.path().join("owned").exists(),
        "something was run"
    );
}

#[test]
fn a_repository_that_is_too_large_is_refused() {
    let repository = Repository::new(&SHARED);
    // It does not get smaller in a pack.
    add_blob(&repository, "large.bin", "/dev/urandom", "68000000");
    repository.publish();
    repository.git(&["-C", "config.git", "config", "core.compression", "0"]);
    let dir = project("{}");
    let outcome = pull(&dir, &repository.url(), &[]);
    let said = "error: the configuration repository has more than 64 MiB in one commit\n";
    assert!(
        outcome.code == 1 && outcome.err.starts_with(said),
        "{outcome:?}"
    );
    assert_eq!(files(&dir.path().join("target")), [""; 0]);
}

/// A tree of trees names more files than any disk has, in a few hundred bytes.
#[test]
fn a_repository_of_endless_trees_is_refused() {
    let repository = Repository::new(&[("a", "{}")]);
    let mut tree = repository.git(&["-C", "work", "write-tree"]);
    for _ in 0..12 {
        let lines = (0..10).map(|n| format!("040000 tree {tree}\td{n}\n"));
        let lines = lines.collect::<Vec<_>>().concat();
        let path = repository.root().join("tree");
        fs::write(&path, lines).expect("a file");
        let stdin = fs::File::open(path).expect("a file");
        tree = repository.git_with(&["-C", "work", "mktree"], stdin.into());
    }
    let commit = repository.git(&["-C", "work", "commit-tree", "-m", "test", &tree]);
    repository.git(&["-C", "work", "update-ref", "refs/heads/main", &commit]);
    repository.git(&["clone", "--quiet", "--bare", "work", "config.git"]);
    let dir = project("{}");
    let outcome = pull(&dir, &repository.url(), &[]);
    let said = "error: the configuration repository has more than 10000 files\n";
    assert!(
        outcome.code == 1 && outcome.err.starts_with(said),
        "{outcome:?}"
    );
}
