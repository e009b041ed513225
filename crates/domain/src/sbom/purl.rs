//! Package URLs: what other tools find a package by (package-url specification, types `rpm` and `deb`).

use std::fmt::Write as _;

use super::Package;

/// The beginning of an operating system as Image Builder names it, with type and namespace of its packages. Windows has
/// no package manager whose packages have a URL.
const SYSTEMS: [(&str, &str, &str); 8] = [
    ("amazon linux", "rpm", "amzn"),
    ("red hat", "rpm", "redhat"),
    ("rhel", "rpm", "redhat"),
    ("centos", "rpm", "centos"),
    ("suse", "rpm", "suse"),
    ("sles", "rpm", "suse"),
    ("ubuntu", "deb", "ubuntu"),
    ("debian", "deb", "debian"),
];

/// The URL of a package of an operating system; none if the system says too little.
pub(super) fn of(os: &str, package: &Package) -> Option<String> {
    let os = os.trim().to_lowercase();
    let mut known = SYSTEMS.iter();
    let (_, kind, namespace) = known.find(|(name, ..)| os.starts_with(name))?;
    // Names of Debian's packages are in small letters; those of RPM are as they are.
    let name = if *kind == "deb" {
        package.name.to_lowercase()
    } else {
        package.name.clone()
    };
    let mut purl = format!("pkg:{kind}/{namespace}/{}", encoded(&name));
    if !package.version.is_empty() {
        purl = purl + "@" + &encoded(&package.version);
    }
    Some(purl)
}

/// Percent-encoded, but for what a URL of a package has as it is.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}")
                .unwrap_or_else(|_| unreachable!("a string takes any text"));
        }
    }
    encoded
}
