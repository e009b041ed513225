//! Which of several values counts: tables written from the manual's rules, "External Configuration" and "Build and
//! test from your workstation".

use goldsmith_layers::{Key, Prefix, lookup};

use crate::support::{Project, shown};

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
