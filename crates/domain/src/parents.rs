//! What an image was made from.

/// What an image was made from, as Image Builder tells it of the image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parents {
    /// The base of its recipe: an AMI, a parameter, or an image.
    pub image: Option<String>,
    /// The components of its recipe, in their order.
    pub components: Vec<String>,
}

impl Parents {
    /// How this differs from what another image was made from, line by line.
    pub fn changes_since(&self, before: &Self) -> Vec<String> {
        let name = |image: &Option<String>| image.clone().unwrap_or_else(|| "unknown".to_owned());
        let base = (self.image != before.image)
            .then(|| format!("base {} -> {}", name(&before.image), name(&self.image)));
        let removed = only_in(before, self).map(|component| format!("without {component}"));
        let added = only_in(self, before).map(|component| format!("with {component}"));
        base.into_iter().chain(removed).chain(added).collect()
    }
}

/// The components of one that the other does not have.
fn only_in<'a>(one: &'a Parents, other: &'a Parents) -> impl Iterator<Item = &'a String> {
    let components = one.components.iter();
    components.filter(|component| !other.components.contains(component))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_and_the_components_that_differ_are_named() {
        let made_from = |image: &str, components: &[&str]| Parents {
            image: Some(image.to_owned()),
            components: components.iter().map(|one| (*one).to_owned()).collect(),
        };
        let good = made_from("ami-a", &["agent/1.0.0/1", "users/1.0.0/1"]);
        assert_eq!(good.changes_since(&good), Vec::<String>::new());
        let failed = made_from("ami-b", &["agent/1.0.1/1", "users/1.0.0/1"]);
        assert_eq!(
            failed.changes_since(&good),
            [
                "base ami-a -> ami-b",
                "without agent/1.0.0/1",
                "with agent/1.0.1/1"
            ]
        );
        let unknown = Parents::default();
        assert_eq!(good.changes_since(&unknown)[0], "base unknown -> ami-a");
    }
}
