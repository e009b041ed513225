//! Which of several values counts: tables written from the manual's rules, "External Configuration" and "Build and
//! test from your workstation".

use goldsmith_layers::{Key, Prefix, lookup, read};

use crate::support::{Project, project, shown};

/// The folders of the manual's example `baseos-rhel7`, and of other names.
#[test]
fn a_name_becomes_the_folders_of_its_layers() {
    let cases: [(&str, &[&str]); 8] = [
        (
            "baseos-rhel7",
            &["amis/", "amis/rhel7/", "amis/rhel7/baseos/"],
        ),
        (
            "customer-app123",
            &["amis/", "amis/app123/", "amis/app123/customer/"],
        ),
        ("base", &["amis/", "amis/base/"]),
        ("a-b-c", &["amis/", "amis/c/", "amis/c/b/", "amis/c/b/a/"]),
        (
            "reantestclient-win2012r2",
            &["amis/", "amis/win2012r2/", "amis/win2012r2/reantestclient/"],
        ),
        ("a--b-", &["amis/", "amis/b/", "amis/b/a/"]),
        ("app_1.2-x", &["amis/", "amis/x/", "amis/x/app_1.2/"]),
        ("110304", &["amis/", "amis/110304/"]),
    ];
    for (name, folders) in cases {
        let key = Key::of_name(name).expect(name);
        assert_eq!(key.folders(&Prefix::default()), folders, "{name}");
    }
}

#[test]
fn a_name_that_leads_out_of_the_configuration_is_refused() {
    for name in [
        "", "-", "..", "..-x", "a-..", "a/b", "../x", "a-.", "a b", "ä-x", "a\0-b", "x-/etc",
    ] {
        assert!(Key::of_name(name).is_err(), "{name:?}");
    }
    for key in ["", "/", "../x", "a/../b", "a/./b", "a b"] {
        assert!(key.parse::<Key>().is_err(), "{key:?}");
    }
    assert!("..".parse::<Prefix>().is_err() && "a/../b".parse::<Prefix>().is_err());
}

#[test]
fn prefix_and_key_may_be_others() {
    let folders = |prefix: &str, key: &str| {
        let key: Key = key.parse().expect("a key");
        key.folders(&prefix.parse().expect("a prefix"))
    };
    let pipelines = [
        "pipelines/",
        "pipelines/customerapp/",
        "pipelines/customerapp/jenkins/",
    ];
    assert_eq!(folders("pipelines", "customerapp/jenkins"), pipelines);
    assert_eq!(folders("", "rhel7"), ["", "rhel7/"]);
    assert_eq!(folders("a/b/", "/rhel7/"), ["a/b/", "a/b/rhel7/"]);
}

#[test]
fn files_are_looked_up_in_the_order_in_which_they_override() {
    let folders = ["amis/".to_owned(), "amis/rhel7/".to_owned()];
    let files = lookup::variable_files(&folders, Some("us-east-1"));
    let expected = [
        "amis/vars.json",
        "amis/aws.vars.json",
        "amis/aws.us-east-1.vars.json",
        "amis/rhel7/vars.json",
        "amis/rhel7/aws.vars.json",
        "amis/rhel7/aws.us-east-1.vars.json",
    ];
    assert_eq!(files, expected);
    let without = lookup::variable_files(&folders[..1], None);
    assert_eq!(without, ["amis/vars.json", "amis/aws.vars.json"]);
    let hostile = lookup::variable_files(&folders[..1], Some("../../x"));
    assert_eq!(hostile, without, "a Region that is a path names no file");
}

/// The places of a value, from the least to the most specific one, for `baseos-rhel7` in us-east-1.
const ROOT: &str = "amis/vars.json";
const ROOT_AWS: &str = "amis/aws.vars.json";
const ROOT_REGION: &str = "amis/aws.us-east-1.vars.json";
const OS: &str = "amis/rhel7/vars.json";
const OS_AWS: &str = "amis/rhel7/aws.vars.json";
const OS_REGION: &str = "amis/rhel7/aws.us-east-1.vars.json";
const APP: &str = "amis/rhel7/baseos/vars.json";
const APP_AWS: &str = "amis/rhel7/baseos/aws.vars.json";
const APP_REGION: &str = "amis/rhel7/baseos/aws.us-east-1.vars.json";
const OWN: &str = "vars.json";
const VAR: &str = "--var";
/// Files that are not looked up for this image and Region.
const OTHER_OS: &str = "amis/win2012r2/vars.json";
const OTHER_APP: &str = "amis/rhel7/dockerhost/vars.json";
const OTHER_REGION: &str = "amis/rhel7/baseos/aws.us-gov-west-1.vars.json";
const OTHER_PREFIX: &str = "docker-images/rhel7/baseos/vars.json";

/// Where a variable has a value, in any order, and the values that it then has: the one that counts first, and
/// then those that it overrode, the nearest first. A value is the name of its place.
const LAYERS: &[(&[&str], &[&str])] = &[
    (&[ROOT], &[ROOT]),
    (&[ROOT_AWS], &[ROOT_AWS]),
    (&[ROOT_REGION], &[ROOT_REGION]),
    (&[OS], &[OS]),
    (&[APP], &[APP]),
    (&[APP_AWS], &[APP_AWS]),
    (&[APP_REGION], &[APP_REGION]),
    (&[OWN], &[OWN]),
    (&[VAR], &[VAR]),
    (&[], &[]),
    (&[ROOT, ROOT_AWS], &[ROOT_AWS, ROOT]),
    (&[ROOT_AWS, ROOT_REGION], &[ROOT_REGION, ROOT_AWS]),
    (&[ROOT_REGION, ROOT], &[ROOT_REGION, ROOT]),
    (&[OS, ROOT], &[OS, ROOT]),
    (&[ROOT_REGION, OS], &[OS, ROOT_REGION]),
    (&[ROOT_AWS, OS], &[OS, ROOT_AWS]),
    (&[OS_REGION, APP], &[APP, OS_REGION]),
    (&[OS_AWS, APP], &[APP, OS_AWS]),
    (&[APP, OS], &[APP, OS]),
    (&[APP, ROOT], &[APP, ROOT]),
    (&[APP_AWS, APP], &[APP_AWS, APP]),
    (&[APP_REGION, APP_AWS], &[APP_REGION, APP_AWS]),
    (&[APP_REGION, APP], &[APP_REGION, APP]),
    (
        &[OS, APP, APP_AWS, APP_REGION],
        &[APP_REGION, APP_AWS, APP, OS],
    ),
    (&[ROOT, OS, APP], &[APP, OS, ROOT]),
    (&[OWN, ROOT], &[OWN, ROOT]),
    (&[OWN, APP_REGION], &[OWN, APP_REGION]),
    (&[APP, OWN, OS], &[OWN, APP, OS]),
    (&[VAR, OWN], &[VAR, OWN]),
    (&[VAR, APP_REGION], &[VAR, APP_REGION]),
    (&[VAR, ROOT], &[VAR, ROOT]),
    (&[ROOT, OWN, VAR], &[VAR, OWN, ROOT]),
    (
        &[
            ROOT,
            ROOT_AWS,
            ROOT_REGION,
            OS,
            OS_AWS,
            OS_REGION,
            APP,
            APP_AWS,
            APP_REGION,
            OWN,
            VAR,
        ],
        &[
            VAR,
            OWN,
            APP_REGION,
            APP_AWS,
            APP,
            OS_REGION,
            OS_AWS,
            OS,
            ROOT_REGION,
            ROOT_AWS,
            ROOT,
        ],
    ),
    (&[OTHER_OS], &[]),
    (&[OTHER_APP], &[]),
    (&[OTHER_REGION], &[]),
    (&[OTHER_PREFIX], &[]),
    (&[OTHER_REGION, APP], &[APP]),
    (&[OTHER_APP, OS], &[OS]),
    (&[OTHER_OS, OTHER_APP, OWN], &[OWN]),
];

#[test]
fn the_nearer_layer_counts_and_names_what_it_overrode() {
    for (places, expected) in LAYERS {
        let mut project = Project::default().named("baseos-rhel7").region("us-east-1");
        for place in *places {
            if *place == VAR {
                project.arguments = vec![format!("x={VAR}")];
            } else {
                let text = format!("{{\n  \"x\": \"{place}\"\n}}");
                project.files.insert((*place).to_owned(), text);
            }
        }
        let variables = project.variables();
        let variable = variables.get("x");
        let overrode = variable.iter().flat_map(|variable| &variable.overrode);
        let origins = variable.iter().map(|variable| &variable.origin);
        let origins = origins.chain(overrode.map(|overridden| &overridden.origin));
        let found: Vec<String> = origins.map(ToString::to_string).collect();
        let at = |place: &&str| match *place {
            VAR => VAR.to_owned(),
            place => format!("{place}:2:8"),
        };
        let wanted: Vec<String> = expected.iter().map(at).collect();
        assert_eq!(found, wanted, "{places:?}");
        let value = shown(&variables, "x").map(|(value, _)| value);
        assert_eq!(value.as_deref(), expected.first().copied(), "{places:?}");
    }
}

/// What the environment sets, what vars.json says, the variable, and its value.
type Environment = (
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
    Option<&'static str>,
);

/// What the environment sets, with what `vars.json` says beside it; and the value that a variable has then.
const ENVIRONMENT: &[Environment] = &[
    (&[], "{}", "environment", Some("dev")),
    (
        &[("PIPELINE_ENV", "prod")],
        "{}",
        "environment",
        Some("prod"),
    ),
    (&[("PIPELINE_ENV", "")], "{}", "environment", Some("dev")),
    (&[], r#"{"environment": "qa"}"#, "environment", Some("qa")),
    (
        &[("PIPELINE_ENV", "prod")],
        r#"{"environment": "qa"}"#,
        "environment",
        Some("prod"),
    ),
    (
        &[("SOURCE_AMI", "ami-a")],
        "{}",
        "source_ami",
        Some("ami-a"),
    ),
    (
        &[("SOURCE_IMAGE", "ami-b")],
        "{}",
        "source_ami",
        Some("ami-b"),
    ),
    (
        &[("SOURCE_IMAGE_FILE", r#"{"ami_id": "ami-c"}"#)],
        "{}",
        "source_ami",
        Some("ami-c"),
    ),
    (
        &[
            ("SOURCE_IMAGE", "ami-b"),
            ("SOURCE_IMAGE_FILE", r#"{"ami_id": "ami-c"}"#),
        ],
        "{}",
        "source_ami",
        Some("ami-b"),
    ),
    (
        &[("SOURCE_IMAGE", "ami-b"), ("SOURCE_AMI", "ami-a")],
        "{}",
        "source_ami",
        Some("ami-a"),
    ),
    (
        &[("SOURCE_AMI", "ami-a")],
        r#"{"source_ami": "ami-d"}"#,
        "source_ami",
        Some("ami-a"),
    ),
    (
        &[("SOURCE_IMAGE_FILE", r#"{"ami_id": "ami-c"}"#)],
        r#"{"source_ami": "ami-d"}"#,
        "source_ami",
        Some("ami-c"),
    ),
    (
        &[],
        r#"{"source_ami": "ami-d"}"#,
        "source_ami",
        Some("ami-d"),
    ),
    (
        &[("AWS_DEFAULT_REGION", "eu-west-1")],
        "{}",
        "aws_region",
        Some("eu-west-1"),
    ),
    (
        &[
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
        ],
        "{}",
        "aws_region",
        Some("us-east-1"),
    ),
    (
        &[("AWS_REGION", "us-east-1")],
        r#"{"aws_region": "eu-west-1"}"#,
        "aws_region",
        Some("us-east-1"),
    ),
    (
        &[],
        r#"{"aws_region": "eu-west-1"}"#,
        "aws_region",
        Some("eu-west-1"),
    ),
    (
        &[("AMI_NAME", "baseos-rhel8")],
        r#"{"name": "baseos-rhel7"}"#,
        "name",
        Some("baseos-rhel8"),
    ),
    (
        &[("BUILD_URL", "https://ci/1")],
        "{}",
        "build_url",
        Some("https://ci/1"),
    ),
    (&[], "{}", "build_url", None),
    (&[("VERSION", "9")], "{}", "version", None),
    (&[], "{}", "source_ami", None),
];

#[test]
fn the_environment_counts_more_than_files_and_an_empty_variable_is_none() {
    for (environment, own, name, expected) in ENVIRONMENT {
        let project = project(&[("vars.json", own)]).environment(environment);
        let found = shown(&project.variables(), name);
        let value = found.map(|(value, _)| value);
        assert_eq!(value.as_deref(), *expected, "{environment:?} {own} {name}");
    }
}

#[test]
fn an_argument_counts_more_than_the_environment() {
    let project = project(&[]).environment(&[("SOURCE_AMI", "ami-a")]);
    let found = project.arguments(&["source_ami=ami-z"]).variables();
    let variable = &found["source_ami"];
    assert_eq!(variable.origin.to_string(), "--var");
    let before = variable.overrode[0].origin.to_string();
    assert_eq!(before, "the environment variable SOURCE_AMI");
}

#[test]
fn the_last_of_several_arguments_counts_and_values_stay_as_written() {
    let value = |arguments: &[&str]| {
        let found = project(&[]).arguments(arguments).variables();
        shown(&found, "x").map(|(value, _)| value)
    };
    let cases: [(&[&str], Option<&str>); 9] = [
        (&["x=1", "x=2"], Some("2")),
        (&["x=1.10"], Some("1.10")),
        (&["x="], Some("")),
        (&["x=a=b"], Some("a=b")),
        (&["x=[\"a\",\"b\"]"], Some("[\"a\",\"b\"]")),
        (&["x=[a"], Some("[a")),
        (&["x={\"a\":1},\"y\":{}"], Some("{\"a\":1},\"y\":{}")),
        (&["x=null"], None),
        (&["x=true"], Some("true")),
    ];
    for (arguments, expected) in cases {
        assert_eq!(value(arguments).as_deref(), expected, "{arguments:?}");
    }
    for wrong in ["x", "=1", "", "a\nb=1"] {
        assert!(read::argument(wrong).is_err(), "{wrong:?}");
    }
    let error = read::argument("no-equals-sign").expect_err("no value");
    assert_eq!(
        error.to_string(),
        "found `no-equals-sign`, expected NAME=VALUE"
    );
}

/// "Any values defined as null in the variables section are auto-generated by the framework."
#[test]
fn null_gives_no_value_and_overrides_none() {
    let named = |files: &[(&str, &str)]| {
        let found = project(files).named("baseos-rhel7").variables();
        shown(&found, "source_ami").map(|(value, _)| value)
    };
    let null = r#"{"source_ami": null}"#;
    let own = r#"{"source_ami": "ami-d"}"#;
    assert_eq!(named(&[("vars.json", null)]), None);
    assert_eq!(
        named(&[("amis/vars.json", own), ("vars.json", null)]).as_deref(),
        Some("ami-d")
    );
    assert_eq!(
        named(&[("amis/vars.json", null), ("vars.json", own)]).as_deref(),
        Some("ami-d")
    );
    let between = [("amis/vars.json", own), ("amis/rhel7/vars.json", null)];
    assert_eq!(named(&between).as_deref(), Some("ami-d"));
}

#[test]
fn the_version_file_is_the_projects_version() {
    let of = |files: &[(&str, &str)]| shown(&project(files).variables(), "version");
    let found = of(&[("VERSION", "1.4.0\n")]).expect("a version");
    assert_eq!(found, ("1.4.0".to_owned(), "VERSION:1:1".to_owned()));
    // The manual puts it into image-inputs.json, which is loaded after vars.json.
    let both = of(&[
        ("VERSION", "1.4.0"),
        ("vars.json", r#"{"version": "1.3.0"}"#),
    ]);
    assert_eq!(both.map(|(value, _)| value).as_deref(), Some("1.4.0"));
}

/// The documents are between the configuration and the project's own variables.
#[test]
fn documents_override_the_configuration_and_the_project_overrides_documents() {
    let versions = r#"{ "ami-version": [ { "aminame": "ami-doc", "recipename": "baseos-rhel7" } ], "ami-scheduled": [] }"#;
    let value = |more: &[(&str, &str)]| {
        let mut files = vec![("ami-versions.json", versions)];
        files.extend(more);
        let variables = project(&files).named("baseos-rhel7").variables();
        shown(&variables, "source_ami")
    };
    let shared = ("amis/vars.json", r#"{"source_ami": "ami-shared"}"#);
    let own = ("vars.json", r#"{"source_ami": "ami-own"}"#);
    let (found, origin) = value(&[shared]).expect("a value");
    assert_eq!(
        (found.as_str(), origin.as_str()),
        ("ami-doc", "ami-versions.json:1:33")
    );
    let (found, _) = value(&[shared, own]).expect("a value");
    assert_eq!(found, "ami-own");
}
