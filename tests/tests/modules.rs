//! The order of the modules inside each crate: no import loops, and layers that only look down.

use std::path::Path;

use goldsmith_tests::import_graph::{ImportGraph, Loop};

/// What holds for the modules of one crate.
struct Rules {
    /// The crate's folder in `crates`.
    name: &'static str,
    /// Its layers, the lowest first; none if the crate has no order yet.
    layers: &'static [&'static [&'static str]],
    /// Loops that are still there. They may shrink, and are removed from here when they are gone.
    known_loops: &'static [&'static [&'static str]],
    /// Modules whose own floors are printed.
    parents: &'static [&'static str],
}

const CRATES: [Rules; 7] = [
    Rules {
        name: "domain",
        layers: &[],
        known_loops: &[],
        parents: &["plan"],
    },
    Rules {
        name: "aws",
        layers: &[],
        known_loops: &[],
        parents: &[],
    },
    Rules {
        name: "cli",
        layers: &[],
        known_loops: &[],
        parents: &[],
    },
    Rules {
        name: "import",
        layers: &[],
        known_loops: &[],
        parents: &["packer"],
    },
    Rules {
        name: "layers",
        layers: &[],
        known_loops: &[],
        parents: &[],
    },
    Rules {
        name: "imagebuilder-emulator",
        layers: &[
            &["common"],
            &["document"],
            &["records"],
            &["state"],
            &["engine"],
            &["wire"],
            &["api"],
            &["calls", "fault", "outbound", "snapshot"],
            &["world"],
            &["emulator"],
            &["server", "state_file"],
        ],
        known_loops: &[],
        parents: &["engine", "api::imagebuilder"],
    },
    Rules {
        name: "local-stack",
        layers: &[],
        known_loops: &[],
        parents: &["kms"],
    },
];

#[test]
#[expect(clippy::print_stdout, reason = "it prints the figures of each crate")]
fn no_modules_import_each_other_and_layers_only_look_down() {
    let mut wrong = Vec::new();
    for rules in &CRATES {
        let graph = graph(rules.name);
        println!("{}", figures(rules, &graph));
        let found = rules.problems(&graph).into_iter();
        wrong.extend(found.map(|problem| format!("{}: {problem}", rules.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Rules {
    fn problems(&self, graph: &ImportGraph) -> Vec<String> {
        let loops = graph.loops().into_iter();
        let new = loops.filter(|found| !self.is_known(found));
        let mut problems: Vec<_> = new.map(|found| found.to_string()).collect();
        if !self.layers.is_empty() {
            problems.extend(graph.against(self.layers));
        }
        problems
    }

    fn is_known(&self, found: &Loop) -> bool {
        let within = |known: &&[&str]| {
            let mut modules = found.modules.iter();
            modules.all(|module| known.contains(&module.as_str()))
        };
        self.known_loops.iter().any(within)
    }
}

fn figures(rules: &Rules, graph: &ImportGraph) -> String {
    let floors = rules.parents.iter().map(|parent| {
        let count = graph.floors(parent);
        format!(", {count} in {parent}")
    });
    format!(
        "{}: {} modules, {} loops, {} floors{}",
        rules.name,
        graph.modules().len(),
        graph.loops().len(),
        graph.floors(""),
        floors.collect::<String>()
    )
}

fn graph(name: &str) -> ImportGraph {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    ImportGraph::of_crate(&crates.join(name).join("src")).expect("the sources can be read")
}
