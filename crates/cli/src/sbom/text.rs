//! A software list as text, and what changed in it.

use goldsmith_domain::escape::printable;
use goldsmith_domain::sbom::{Changed, Software};

use super::Comparison;

/// The packages of an image, one a line.
pub(super) fn list(list: &Software) -> String {
    let count = list.packages.len();
    let mut lines = vec![format!("{} has {count} packages", list.image)];
    if !list.is_whole {
        lines.push("these are not all: there are more than are read".to_owned());
    }
    let packages = list.packages.iter();
    lines.extend(packages.map(|package| line("  ", &package.name, &package.version)));
    lines.join("\n") + "\n"
}

/// What was added, removed and changed from one image to another.
pub(super) fn comparison(comparison: &Comparison) -> String {
    let Comparison {
        image,
        before,
        difference,
    } = comparison;
    let mut lines = vec![format!("{image}, compared with {before}")];
    if difference.is_empty() {
        lines.push("  the same packages".to_owned());
    }
    let (added, removed) = (difference.added.iter(), difference.removed.iter());
    lines.extend(added.map(|one| line("  + ", &one.name, &one.after.join(", "))));
    lines.extend(removed.map(|one| line("  - ", &one.name, &one.before.join(", "))));
    lines.extend(difference.changed.iter().map(changed));
    lines.join("\n") + "\n"
}

fn changed(one: &Changed) -> String {
    let versions = format!("{} -> {}", one.before.join(", "), one.after.join(", "));
    line("  ~ ", &one.name, &versions)
}

fn line(sign: &str, name: &str, versions: &str) -> String {
    let text = format!("{sign}{} {}", printable(name), printable(versions));
    text.trim_end().to_owned()
}
