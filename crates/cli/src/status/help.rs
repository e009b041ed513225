//! The command that helps, by the kind of an entry in a report (docs/operations.md).

/// What to type; `recipe` is the recipe that the entry is about, if it is about one.
pub fn command(kind: &str, recipe: Option<&str>) -> Option<String> {
    let of_recipe = |command: &str| recipe.map(|recipe| format!("goldsmith {command} {recipe}"));
    match kind {
        "failed-build" => of_recipe("logs"),
        "approval" => of_recipe("approve"),
        "results" => of_recipe("results"),
        "ami-gone" | "distribution" | "copy-failed" | "rejected" => of_recipe("build"),
        "publish" | "publish-copies" => of_recipe("publish"),
        "document" | "environment" => Some("goldsmith history".to_owned()),
        "drift" => Some("goldsmith reconcile --dry-run".to_owned()),
        "look-again" | "look-back" | "overtaken" | "observation" | "revocation" => {
            Some("goldsmith reconcile".to_owned())
        }
        _ => None,
    }
}

/// What helps with an alarm, by what its name ends with.
pub fn of_alarm(name: &str) -> &'static str {
    match name.rsplit_once('-').map(|(_, end)| end) {
        _ if name.ends_with("-no-reconcile") || name.ends_with("-undelivered") => {
            "goldsmith reconcile"
        }
        Some("failures") => "goldsmith redrive",
        Some("errors" | "throttles") => "goldsmith history",
        _ => "see \"Notifications and alarms\" in docs/operations.md",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_the_recipe_that_it_is_about() {
        assert_eq!(
            command("failed-build", Some("110304")).as_deref(),
            Some("goldsmith logs 110304")
        );
        assert_eq!(command("failed-build", None), None);
        assert_eq!(
            command("approval", Some("110304")).as_deref(),
            Some("goldsmith approve 110304")
        );
        assert_eq!(of_alarm("goldsmith-prod-failures"), "goldsmith redrive");
        assert_eq!(
            of_alarm("goldsmith-prod-no-reconcile"),
            "goldsmith reconcile"
        );
    }
}
