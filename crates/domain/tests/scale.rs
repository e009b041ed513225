//! What planning costs as recipes, builds and consumers double: counted in instructions by callgrind, which
//! gives the same count on every machine and under every load.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the core does no I/O; what measures it runs a program on files"
)]

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT, Parsed, parse};
use goldsmith_domain::observed::{Depth, Image, Observed};
use goldsmith_domain::plan::{
    COPIES_OF_TAG, Index, MANIFEST_TAG, Manifest, PUBLISHED_TAG, Plan, Publisher, Requirements,
    plan, published_tag, requirements,
};
use goldsmith_domain::resources::Wanted;
use serde_json::json;

use crate::world::{World, stack};

/// The variable that names the file with the world to plan for.
const WORLD: &str = "SCALE_WORLD";

/// How large a world is.
#[derive(Clone, Copy)]
struct Size {
    recipes: usize,
    builds: u32,
    consumers: usize,
}

impl Size {
    /// A small world, with so many times the recipes, builds and consumers.
    fn small(recipes: usize, builds: usize, consumers: usize) -> Self {
        Self {
            recipes: 10 * recipes,
            builds: 20 * u32::try_from(builds).expect("a number of builds"),
            consumers: 4 * consumers,
        }
    }
}

/// From twice to four times as many costs twice what it costs from once to twice as many: what a run does in any
/// case is in neither. A quadratic step of some weight makes it more; the tenth is for trees that get deeper.
const MOST_GROWTH: f64 = 2.1;

#[test]
fn twice_the_recipes_builds_or_consumers_cost_at_most_twice_as_much() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("SKIPPED: instructions are counted by valgrind, which is not here");
        return;
    }
    let small = instructions(Size::small(1, 1, 1));
    for (what, size, larger) in [
        ("recipes", Size::small(2, 1, 1), Size::small(4, 1, 1)),
        ("builds", Size::small(1, 2, 1), Size::small(1, 4, 1)),
        ("consumers", Size::small(1, 1, 2), Size::small(1, 1, 4)),
    ] {
        let (twice, four_times) = (instructions(size), instructions(larger));
        let growth = (four_times - twice) / (twice - small);
        println!("twice the {what}: {growth:.2} times the instructions");
        assert!(growth < MOST_GROWTH, "twice the {what}: {growth:.2}");
    }
}

/// What a run in which nothing is to be done executes between the documents' text and the plan.
fn instructions(size: Size) -> f64 {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&folder).expect("a folder");
    let name = format!("scale-{}-{}-{}", size.recipes, size.builds, size.consumers);
    let (world, counts) = (folder.join(&name), folder.join(name + ".callgrind"));
    fs::write(&world, settled(size)).expect("a world");
    let out = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .arg("--toggle-collect=*ordinary_run*")
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(env::current_exe().expect("this binary"))
        .args(["--exact", "scale::one_run_of_a_world", "--ignored"])
        .env(WORLD, &world)
        .output()
        .expect("valgrind runs");
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let counts = fs::read_to_string(counts).expect("counts");
    let total = counts
        .lines()
        .find_map(|line| line.strip_prefix("totals: "));
    total.and_then(|total| total.parse().ok()).expect("a total")
}

/// A world in which everything is done, with the documents that it was made from.
fn settled(size: Size) -> String {
    let texts = texts(size);
    let wanted = desired(&files(&texts));
    let mut world = World::new();
    world.settle(&wanted);
    age(&mut world, size.builds);
    write_manifests(&mut world);
    let observed = world.observe(&wanted);
    json!({ "texts": texts, "observed": observed }).to_string()
}

/// Each image was built some times more, and the newest build is published and copied.
fn age(world: &mut World, builds: u32) {
    let newest = |first: &str| format!("{}{builds}", first.trim_end_matches('1'));
    let copies = |image: &Image| image.tags.contains_key(COPIES_OF_TAG);
    for image in world.images.clone().iter().filter(|image| !copies(image)) {
        let arn = image.arn.to_string();
        let series = arn.trim_end_matches('1');
        world.images.extend((2..=builds).map(|build| {
            let mut later = image.clone();
            later.arn = format!("{series}{build}").parse().expect("an image");
            later
        }));
    }
    let images = world
        .images
        .iter_mut()
        .filter_map(|image| image.tags.get_mut(COPIES_OF_TAG));
    let pipelines = world.pipelines.iter_mut();
    let published = pipelines.filter_map(|pipeline| pipeline.tags.get_mut(PUBLISHED_TAG));
    for tag in images.chain(published) {
        *tag = newest(tag);
    }
}

/// Has each pipeline say that the manifest of what it publishes was written. Settling would do so, and takes a minute.
fn write_manifests(world: &mut World) {
    for pipeline in &mut world.pipelines {
        let published = published_tag(pipeline).expect("something is published");
        let mut images = world.images.iter();
        let image = images
            .find(|image| image.arn == published)
            .expect("it is there");
        let name = pipeline.recipename().expect("a pipeline of ours");
        let manifest = Manifest::of(&stack(), &name, pipeline, image, None, |_| true);
        pipeline
            .tags
            .insert(MANIFEST_TAG.to_owned(), manifest.tag("0"));
    }
}

fn texts(size: Size) -> [String; 2] {
    let (mut consumers, mut recipes) = (String::new(), String::new());
    for n in 0..size.consumers {
        let separator = if n == 0 { "" } else { "," };
        let id = 200_000_000_000_u64 + n as u64;
        let serve = if n % 2 == 0 { "share" } else { "copy" };
        write!(
            consumers,
            r#"{separator}{{"account-id":"{id}","serve":"{serve}","roles":"any"}}"#
        )
        .expect("a text");
    }
    for n in 0..size.recipes {
        let separator = if n == 0 { "" } else { "," };
        // Each tenth recipe is built on the one before it.
        let base = if n % 10 == 9 {
            format!("recipe:r{}", n - 1)
        } else {
            crate::world::AMI_A.to_owned()
        };
        write!(
            recipes,
            r#"{separator}{{"aminame":"{base}","recipename":"r{n}"}}"#
        )
        .expect("a text");
    }
    let environment = format!(
        r#"{{"schema-version":1,"environment":"nonprod","family":"mstr","regions":{{"us-east-1":{{}}}},
        "instance-types":["m6i.large"],"build-components":["arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x"],
        "test-components":[],"volumes":[{{"size-gib":30,"type":"gp3"}}],"consumers":[{consumers}],"tags":{{"Owner":"ccoe"}}}}"#
    );
    [
        environment,
        format!(r#"{{"ami-version":[{recipes}],"ami-scheduled":[]}}"#),
    ]
}

fn files(texts: &[String; 2]) -> [DocumentFile; 2] {
    let file = |key: &str, text: &String| DocumentFile {
        key: key.to_owned(),
        version_id: "1".to_owned(),
        size: text.len() as u64,
        bytes: text.clone().into_bytes(),
    };
    [file(ENVIRONMENT, &texts[0]), file(AMI_VERSIONS, &texts[1])]
}

fn desired(files: &[DocumentFile]) -> Desired {
    match parse(files) {
        Parsed::Desired(desired) => *desired,
        Parsed::Absent(keys) => panic!("absent: {keys:?}"),
        Parsed::Rejected(problems) => panic!("{problems:?}"),
    }
}

/// What runs under callgrind, in a process of its own.
#[test]
#[ignore = "the test above runs it, under callgrind"]
fn one_run_of_a_world() {
    let Ok(file) = env::var(WORLD) else {
        return;
    };
    let text = fs::read(Path::new(&file)).expect("a world");
    let world: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let texts: [String; 2] = serde_json::from_value(world["texts"].clone()).expect("texts");
    let observed = serde_json::from_value(world["observed"].clone()).expect("an observation");
    let (required, planned) = ordinary_run(&files(&texts), &observed);
    assert_eq!(required, Requirements::default(), "nothing more is read");
    assert_eq!(planned.changes, [], "nothing is done");
}

/// A run between its reads, as reconcile does it.
#[inline(never)]
fn ordinary_run(files: &[DocumentFile], observed: &Observed) -> (Requirements, Plan) {
    let (desired, stack) = (desired(files), stack());
    let wanted = Wanted::new(&desired, &stack);
    let index = Index::new(&wanted, observed);
    let required = requirements(index.view(), Depth::Digest);
    (required, plan(index.view(), Publisher::Reconcile))
}
