//! Names of what a distributed image goes by: its AMI's name, and the launch templates that point at it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{NameError, RecipeName, is_hex};

name!(
    /// What an AMI is called before its build date: a text with `{recipename}` in it, without which
    /// the AMIs of two recipes that are built in the same second would have one name.
    ///
    /// Beside the recipe name (60) and ` {{ imagebuilder:buildDate }}` (29) Image Builder's 127
    /// characters leave 38.
    AmiName,
    "an AMI name with `{recipename}` in it once and at most 38 letters, digits, spaces or `._-` around it, \
     starting and ending with one of them but a space or `.`",
    is_ami_name
);
name!(
    /// The id of an EC2 launch template (EC2 API reference, `LaunchTemplate`).
    LaunchTemplateId,
    "a launch template id: `lt-` and 17 lower-case hexadecimal digits",
    |text| text.strip_prefix("lt-").is_some_and(|id| id.len() == 17 && is_hex(id))
);

/// What means the recipe name in an [`AmiName`] and a
/// [`ParameterPattern`](super::ParameterPattern).
pub(super) const RECIPENAME: &str = "{recipename}";

impl AmiName {
    /// The AMI name of a recipe, to which the build date is still to be added.
    pub fn of(&self, recipe: &RecipeName) -> String {
        self.0.replace(RECIPENAME, recipe.as_str())
    }
}

fn is_ami_name(text: &str) -> bool {
    let Some((before, after)) = text.split_once(RECIPENAME) else {
        return false;
    };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b" ._-".contains(&b);
    before.len() + after.len() <= 38
        && before.bytes().chain(after.bytes()).all(allowed)
        && !before.starts_with([' ', '.'])
        && !after.ends_with([' ', '.'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is<T: FromStr>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }

    #[test]
    fn an_ami_name_has_its_recipe_in_it_once() {
        assert!(is::<AmiName>("MSTR {recipename} gold") && is::<AmiName>("{recipename}"));
        assert!(!is::<AmiName>("MSTR") && !is::<AmiName>("{recipename}{recipename}"));
        assert!(!is::<AmiName>(" {recipename}") && !is::<AmiName>("{recipename}: {version}"));
        assert!(is::<AmiName>(&format!("{}{{recipename}}", "x".repeat(38))));
        assert!(!is::<AmiName>(&format!("{}{{recipename}}", "x".repeat(39))));
    }

    #[test]
    fn the_longest_ami_name_is_image_builders() {
        let name: AmiName = format!("{{recipename}}{}", "x".repeat(38))
            .parse()
            .expect("an AMI name");
        let recipe: RecipeName = "r".repeat(60).parse().expect("a recipe name");
        assert_eq!(
            name.of(&recipe).len() + " {{ imagebuilder:buildDate }}".len(),
            127
        );
    }

    #[test]
    fn launch_templates_have_17_digits() {
        assert!(is::<LaunchTemplateId>("lt-0123456789abcdef0"));
        assert!(
            !is::<LaunchTemplateId>("lt-01234567")
                && !is::<LaunchTemplateId>("lt-0123456789ABCDEF0")
        );
        assert!(
            !is::<LaunchTemplateId>("0123456789abcdef0") && !is::<LaunchTemplateId>("my-template")
        );
    }
}
