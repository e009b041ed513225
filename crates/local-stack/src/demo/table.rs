//! The table that ends the demo.

use super::summary::{RecipeRow, Results};

/// How many columns there are.
const COLUMNS: usize = 9;

const HEADINGS: [&str; COLUMNS] = [
    "recipe",
    "version",
    "base AMI",
    "state",
    "AMI",
    "key",
    "shared with",
    "copied to",
    "results",
];

/// The recipes, one a row.
pub fn render(recipes: &[RecipeRow]) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(recipes.iter().map(cells));
    let widths: Vec<_> = (0..HEADINGS.len())
        .map(|column| width(&rows, column))
        .collect();
    rows.iter()
        .map(|row| line(row, &widths))
        .collect::<Vec<_>>()
        .join("\n")
}

fn cells(recipe: &RecipeRow) -> [String; COLUMNS] {
    let amis = recipe
        .amis
        .iter()
        .map(|(region, ami)| format!("{region} {ami}"));
    let key = if recipe.encrypted {
        keys(recipe)
    } else {
        "not encrypted".to_owned()
    };
    [
        recipe.recipename.clone(),
        recipe.version.clone(),
        recipe.base_ami.clone(),
        recipe.state.clone(),
        amis.collect::<Vec<_>>().join(", "),
        key,
        recipe.shared_with.join(", "),
        recipe
            .copied_to
            .iter()
            .map(|(account, ami)| format!("{account} {ami}"))
            .collect::<Vec<_>>()
            .join(", "),
        results(&recipe.results),
    ]
}

/// What the tests found, without what there is none of.
fn results(results: &Results) -> String {
    let Results {
        passed,
        failed,
        waived,
    } = results;
    let counts = [(passed, "passed"), (failed, "failed"), (waived, "waived")];
    let there = counts.iter().filter(|(count, _)| **count > 0);
    let words: Vec<_> = there
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    words.join(", ")
}

/// The start of the keys' ids, which is enough to tell them apart.
fn keys(recipe: &RecipeRow) -> String {
    let short = |arn: &String| {
        arn.rsplit('/')
            .next()
            .unwrap_or(arn)
            .chars()
            .take(8)
            .collect::<String>()
    };
    recipe
        .kms_key
        .values()
        .map(short)
        .collect::<Vec<_>>()
        .join(", ")
}

fn width(rows: &[[String; COLUMNS]], column: usize) -> usize {
    rows.iter()
        .map(|row| row[column].chars().count())
        .max()
        .unwrap_or_default()
}

fn line(row: &[String; COLUMNS], widths: &[usize]) -> String {
    let cells = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell:width$}"));
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a", "b", "c", "d", "e", "f", "g", "h", "i"].map(str::to_owned)];
        assert_eq!(
            line(&rows[0], &[3, 1, 1, 1, 1, 1, 1, 1, 9]),
            "a    b  c  d  e  f  g  h  i"
        );
        assert_eq!(width(&rows, 0), 1);
    }

    #[test]
    fn results_name_only_what_there_is() {
        let of = |passed, failed, waived| {
            results(&Results {
                passed,
                failed,
                waived,
            })
        };
        assert_eq!(of(0, 0, 0), "");
        assert_eq!(of(2, 0, 1), "2 passed, 1 waived");
        assert_eq!(of(0, 3, 0), "3 failed");
    }
}
