//! The form of a software list, and what two of them differ in.

use super::*;

const IMAGE: &str = "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.3/2";

fn packages(all: &[(&str, &str)]) -> BTreeSet<Package> {
    let all = all
        .iter()
        .filter_map(|(name, version)| Package::new(name, version));
    all.collect()
}

fn software(os: &str, all: &[(&str, &str)]) -> Software {
    let region = "us-east-1".parse().expect("a Region");
    let ami = "ami-08bd941ae380bd3cd".parse().expect("an AMI");
    Software {
        recipe: "110304".parse().expect("a recipe"),
        image: IMAGE.parse().expect("an image"),
        amis: [(region, ami)].into(),
        os: Some(os.to_owned()),
        built: "2026-11-30T10:00:00Z".parse().ok(),
        packages: packages(all),
        is_whole: true,
    }
}

/// The members that the specification requires, and the forms that it gives them (its version 1.5, JSON).
#[test]
fn a_list_has_the_form_of_cyclonedx() {
    let all = [("openssl", "3.0.8"), ("kernel", "6.1"), ("kernel", "6.2")];
    let document = software("Amazon Linux 2023", &all).cyclonedx();
    assert_eq!(document["bomFormat"], "CycloneDX");
    assert_eq!(document["specVersion"], "1.5");
    assert_eq!(document["version"], 1);
    let serial = document["serialNumber"].as_str().expect("a serial number");
    let uuid = serial.strip_prefix("urn:uuid:").expect("a UUID");
    let groups: Vec<&str> = uuid.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    assert!(
        groups.iter().all(|group| group.chars().all(is_hex)),
        "{uuid}"
    );
    assert!(
        groups[2].starts_with('8') && groups[3].starts_with('8'),
        "RFC 9562: {uuid}"
    );
    assert_eq!(document["metadata"]["timestamp"], "2026-11-30T10:00:00Z");
    let tool = &document["metadata"]["tools"]["components"][0];
    assert_eq!(
        (&tool["type"], &tool["name"]),
        (&json!("application"), &json!("goldsmith"))
    );
    let image = &document["metadata"]["component"];
    assert_eq!(image["type"], "operating-system");
    assert_eq!(
        (&image["name"], &image["version"]),
        (&json!("110304"), &json!("1.0.3/2"))
    );
    let components = document["components"].as_array().expect("components");
    let mut references = BTreeSet::from([image["bom-ref"].as_str().expect("a reference")]);
    for component in components {
        assert_eq!(component["type"], "library");
        assert!(component["name"].is_string() && component["version"].is_string());
        let reference = component["bom-ref"].as_str().expect("a reference");
        assert!(references.insert(reference), "{reference} is there twice");
    }
    assert_eq!(components.len(), 3);
    assert_eq!(
        document["compositions"],
        json!([{ "aggregate": "unknown", "assemblies": [IMAGE] }])
    );
}

#[test]
fn the_same_list_is_the_same_document_and_a_cut_one_says_so() {
    let list = software("Ubuntu 24.04", &[("a", "1")]);
    assert_eq!(list.cyclonedx(), list.cyclonedx());
    let cut = Software {
        is_whole: false,
        ..list.clone()
    };
    assert_eq!(
        cut.cyclonedx()["compositions"][0]["aggregate"],
        "incomplete"
    );
    let other = Software {
        image: IMAGE
            .replace("1.0.3/2", "1.0.3/3")
            .parse()
            .expect("an image"),
        ..list.clone()
    };
    assert_ne!(
        other.cyclonedx()["serialNumber"],
        list.cyclonedx()["serialNumber"]
    );
}

#[test]
fn a_package_has_a_url_where_its_system_has_one() {
    let url = |os: &str, name: &str, version: &str| {
        let document = software(os, &[(name, version)]).cyclonedx();
        document["components"][0]["purl"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let cases = [
        (
            ("Amazon Linux 2", "openssl", "3.0.8"),
            "pkg:rpm/amzn/openssl@3.0.8",
        ),
        (
            ("Ubuntu 22", "LibStdC++6", "1:12+3~a"),
            "pkg:deb/ubuntu/libstdc%2B%2B6@1:12%2B3~a",
        ),
        (
            ("Red Hat Enterprise Linux 9", "GConf2", ""),
            "pkg:rpm/redhat/GConf2",
        ),
        (
            ("Amazon Linux 2023", "a/b?c#d@e", "1"),
            "pkg:rpm/amzn/a%2Fb%3Fc%23d%40e@1",
        ),
        (("Microsoft Windows Server 2022", "Agent", "1"), ""),
    ];
    for ((os, name, version), expected) in cases {
        assert_eq!(url(os, name, version), expected, "{os} {name}");
    }
}

#[test]
fn texts_of_an_instance_are_short_and_printable() {
    let hostile = format!("open\u{1b}[2J\u{202e}ssl{}", "x".repeat(10_000));
    let package = Package::new(&hostile, "\n3\0").expect("a package");
    assert!(package.name.chars().count() <= 2 * LONGEST, "{package:?}");
    for text in [&package.name, &package.version] {
        assert!(
            !text.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{text:?}"
        );
    }
    assert_eq!(Package::new(" \n", "1"), None);
}

#[test]
fn a_stored_list_is_read_back() {
    let list = software("Amazon Linux 2023", &[("openssl", "3.0.8"), ("bare", "")]);
    for is_whole in [true, false] {
        let list = Software {
            is_whole,
            ..list.clone()
        };
        let bytes = list.cyclonedx().to_string().into_bytes();
        assert_eq!(packages_in(&bytes), Ok((list.packages, is_whole)));
    }
    for bad in [
        "",
        "[]",
        r#"{"bomFormat":"SPDX","components":[]}"#,
        r#"{"bomFormat":"CycloneDX"}"#,
    ] {
        assert!(packages_in(bad.as_bytes()).is_err(), "{bad}");
    }
    let large = vec![b' '; LARGEST + 1];
    assert_eq!(
        packages_in(&large),
        Err("it has more than 8 MiB".to_owned())
    );
}

#[test]
fn lists_differ_by_name_and_a_name_may_have_several_versions() {
    let before = packages(&[("gone", "1"), ("kernel", "6.1"), ("same", "1"), ("up", "1")]);
    let after = packages(&[
        ("kernel", "6.1"),
        ("kernel", "6.2"),
        ("new", "3"),
        ("same", "1"),
        ("up", "2"),
    ]);
    let Difference {
        added,
        removed,
        changed,
    } = difference(&before, &after);
    let shown = |all: &[Changed]| {
        let one = |one: &Changed| {
            format!(
                "{} {}>{}",
                one.name,
                one.before.join(","),
                one.after.join(",")
            )
        };
        all.iter().map(one).collect::<Vec<_>>().join(" | ")
    };
    assert_eq!(shown(&added), "new >3");
    assert_eq!(shown(&removed), "gone 1>");
    assert_eq!(shown(&changed), "kernel 6.1>6.1,6.2 | up 1>2");
    assert!(difference(&after, &after).is_empty());
}
