//! Random sequences of operations keep the invariants: no reference dangles, no AMI is without an
//! owner or a snapshot, a token always answers the same, numbers only go up, running builds and
//! only these have a next step, and a snapshot put back changes nothing.

mod checks;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use self::checks::{check_agenda, check_amis, check_references, state};
use crate::support::{BASE, Client, document};

/// An operation with a client token. Numbers choose among few names, so that calls meet, or among
/// what exists.
#[derive(Debug, Clone)]
enum Call {
    Component {
        name: u8,
        content: u8,
    },
    Recipe {
        name: u8,
        series: bool,
        component: u8,
    },
    Infrastructure {
        name: u8,
    },
    Distribution {
        name: u8,
        everywhere: bool,
    },
    Pipeline {
        name: u8,
        recipe: u8,
        infrastructure: u8,
        distribution: u8,
    },
    Repoint {
        pipeline: u8,
        recipe: u8,
        infrastructure: u8,
    },
    Start {
        pipeline: u8,
    },
    CreateImage {
        recipe: u8,
        infrastructure: u8,
    },
    Cancel {
        image: u8,
    },
    Retry {
        image: u8,
    },
    StateUpdate {
        image: u8,
        deleted: bool,
    },
}

#[derive(Debug, Clone)]
enum Step {
    Call(Call),
    Delete { kind: usize, which: u8 },
    FailNext { state: usize },
    Advance { seconds: u16 },
}

fn call() -> impl Strategy<Value = Call> {
    let (name, some) = (|| 0..3_u8, any::<u8>);
    prop_oneof![
        1 => (name(), name()).prop_map(|(name, content)| Call::Component { name, content }),
        1 => (name(), any::<bool>(), some())
            .prop_map(|(name, series, component)| Call::Recipe { name, series, component }),
        1 => name().prop_map(|name| Call::Infrastructure { name }),
        1 => (name(), any::<bool>()).prop_map(|(name, everywhere)| Call::Distribution { name, everywhere }),
        1 => (name(), some(), some(), some()).prop_map(|(name, recipe, infrastructure, distribution)| {
            Call::Pipeline { name, recipe, infrastructure, distribution }
        }),
        1 => (some(), some(), some()).prop_map(|(pipeline, recipe, infrastructure)| Call::Repoint {
            pipeline,
            recipe,
            infrastructure
        }),
        3 => some().prop_map(|pipeline| Call::Start { pipeline }),
        1 => (some(), some()).prop_map(|(recipe, infrastructure)| Call::CreateImage { recipe, infrastructure }),
        1 => some().prop_map(|image| Call::Cancel { image }),
        1 => some().prop_map(|image| Call::Retry { image }),
        1 => (some(), any::<bool>()).prop_map(|(image, deleted)| Call::StateUpdate { image, deleted }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => call().prop_map(Step::Call),
        2 => (0..KINDS.len(), any::<u8>()).prop_map(|(kind, which)| Step::Delete { kind, which }),
        1 => (0..4_usize).prop_map(|state| Step::FailNext { state }),
        2 => (1..2000_u16).prop_map(|seconds| Step::Advance { seconds }),
    ]
}

/// Where the state keeps each kind, and how it is deleted.
const KINDS: [(&str, &str, &str); 6] = [
    ("components", "DeleteComponent", "componentBuildVersionArn"),
    ("recipes", "DeleteImageRecipe", "imageRecipeArn"),
    (
        "infrastructures",
        "DeleteInfrastructureConfiguration",
        "infrastructureConfigurationArn",
    ),
    (
        "distributions",
        "DeleteDistributionConfiguration",
        "distributionConfigurationArn",
    ),
    ("pipelines", "DeleteImagePipeline", "imagePipelineArn"),
    ("images", "DeleteImage", "imageBuildVersionArn"),
];

const FAILING: [&str; 4] = ["BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING"];

const RUNNING: [&str; 6] = [
    "PENDING",
    "CREATING",
    "BUILDING",
    "TESTING",
    "DISTRIBUTING",
    "INTEGRATING",
];

/// The emulator, and the highest numbers that were ever given.
struct Run {
    client: Client,
    /// As the last step left it.
    state: Value,
    highest: BTreeMap<String, u64>,
}

impl Run {
    fn new() -> Self {
        let client = Client::manual();
        Self {
            state: state(&client),
            client,
            highest: BTreeMap::new(),
        }
    }

    /// Some existing ARN of our own of a kind, or one that does not exist.
    fn some(&self, kind: &str, which: u8) -> String {
        let own = self.state[kind]
            .as_object()
            .unwrap()
            .keys()
            .filter(|arn| arn.contains(crate::support::BUILDER));
        let own: Vec<_> = own.collect();
        let absent = "arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/absent/1.0.0";
        own.get(usize::from(which) % own.len().max(1))
            .map_or(absent.to_owned(), ToString::to_string)
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Call(call) => {
                let (operation, input) = self.request(call);
                self.put(operation, input).await;
            }
            Step::Delete { kind, which } => {
                let (kind, operation, parameter) = KINDS[*kind];
                let arn = self.some(kind, *which);
                self.client.delete(operation, parameter, &arn).await;
            }
            Step::FailNext { state } => {
                let fault = json!({"fail-build": {"state": FAILING[*state]}});
                self.client
                    .emulator
                    .add_faults([serde_json::from_value(fault).unwrap()]);
            }
            Step::Advance { seconds } => self.client.advance(u64::from(*seconds)),
        }
    }

    fn request(&self, call: &Call) -> (&'static str, Value) {
        match call {
            Call::Component { name, content } => ("CreateComponent", component(*name, *content)),
            Call::Recipe {
                name,
                series,
                component,
            } => {
                let version = if *series { "1.0.x" } else { "1.0.0" };
                let component = self.some("components", *component);
                let input = json!({
                    "name": format!("recipe {name}"), "semanticVersion": version, "parentImage": BASE,
                    "components": [{"componentArn": component}],
                });
                ("CreateImageRecipe", input)
            }
            Call::Infrastructure { name } => {
                let input =
                    json!({"name": format!("infra {name}"), "instanceProfileName": "builder"});
                ("CreateInfrastructureConfiguration", input)
            }
            Call::Distribution { name, everywhere } => (
                "CreateDistributionConfiguration",
                distribution(*name, *everywhere),
            ),
            Call::Pipeline {
                name,
                recipe,
                infrastructure,
                distribution,
            } => {
                let mut input = self.references(*recipe, *infrastructure);
                input["name"] = format!("pipeline {name}").into();
                input["distributionConfigurationArn"] =
                    self.some("distributions", *distribution).into();
                ("CreateImagePipeline", input)
            }
            Call::Repoint {
                pipeline,
                recipe,
                infrastructure,
            } => {
                let mut input = self.references(*recipe, *infrastructure);
                input["imagePipelineArn"] = self.some("pipelines", *pipeline).into();
                ("UpdateImagePipeline", input)
            }
            Call::CreateImage {
                recipe,
                infrastructure,
            } => ("CreateImage", self.references(*recipe, *infrastructure)),
            Call::Start { pipeline } => {
                let pipeline = self.some("pipelines", *pipeline);
                (
                    "StartImagePipelineExecution",
                    json!({"imagePipelineArn": pipeline}),
                )
            }
            Call::Cancel { image } => ("CancelImageCreation", self.image(*image)),
            Call::Retry { image } => ("RetryImage", self.image(*image)),
            Call::StateUpdate { image, deleted } => (
                "StartResourceStateUpdate",
                self.state_update(*image, *deleted),
            ),
        }
    }

    fn references(&self, recipe: u8, infrastructure: u8) -> Value {
        let recipe = self.some("recipes", recipe);
        let infrastructure = self.some("infrastructures", infrastructure);
        json!({"imageRecipeArn": recipe, "infrastructureConfigurationArn": infrastructure})
    }

    fn image(&self, image: u8) -> Value {
        json!({"imageBuildVersionArn": self.some("images", image)})
    }

    fn state_update(&self, image: u8, deleted: bool) -> Value {
        let status = if deleted { "DELETED" } else { "DEPRECATED" };
        json!({
            "resourceArn": self.some("images", image), "state": {"status": status},
            "executionRole": "executor", "includeResources": {"amis": true, "snapshots": deleted},
        })
    }

    /// Calls once, and again with the same token: the same answer, and nothing happens twice. With
    /// other parameters the token is refused.
    async fn put(&mut self, operation: &'static str, mut input: Value) {
        input["clientToken"] = uuid::Uuid::new_v4().to_string().into();
        let first = self.client.put(operation, input.clone()).await;
        assert!(
            [200, 400, 402, 404, 501].contains(&first.status),
            "{operation} {input}: {first:?}"
        );
        if first.status != 200 {
            return;
        }
        self.never_again(operation, &first.body);
        let before = state(&self.client);
        assert_eq!(
            self.client.put(operation, input.clone()).await.body,
            first.body,
            "{operation} {input}"
        );
        assert_eq!(state(&self.client), before, "{operation} {input}");
        if input.get("name").is_some() {
            input["name"] = "another name".into();
            self.client
                .put(operation, input)
                .await
                .refused(400, "IdempotentParameterMismatchException");
        }
    }

    /// A new build's number is higher than any that its version ever had, deleted ones included.
    fn never_again(&mut self, operation: &str, answer: &Value) {
        let member = match operation {
            "CreateComponent" => "componentBuildVersionArn",
            "CreateImage" | "StartImagePipelineExecution" => "imageBuildVersionArn",
            _ => return,
        };
        let (version, build) = answer[member].as_str().unwrap().rsplit_once('/').unwrap();
        let build = build.parse().unwrap();
        let before = self
            .highest
            .insert(version.to_owned(), build)
            .unwrap_or_default();
        assert!(
            build > before,
            "{version} had build {before}, now gets {build}"
        );
    }

    fn check(&mut self) {
        self.state = state(&self.client);
        check_references(&self.state);
        check_amis(&self.state);
        check_agenda(&self.state);
    }

    fn check_snapshot(&self) {
        let copy = Client::manual();
        copy.emulator
            .restore(self.client.emulator.state().unwrap().as_bytes())
            .unwrap();
        assert_eq!(state(&copy), self.state);
    }
}

fn component(name: u8, content: u8) -> Value {
    json!({
        "name": format!("component {name}"), "semanticVersion": "1.0.0", "platform": "Linux",
        "data": format!("description: content {content}\n{}", document("build")),
    })
}

fn distribution(name: u8, everywhere: bool) -> Value {
    let at = |region: &str| {
        json!({"region": region, "amiDistributionConfiguration": {
            "launchPermission": {"userIds": [crate::support::CONSUMER]}, "targetAccountIds": [crate::support::CONSUMER],
        }})
    };
    let regions = if everywhere {
        vec![at("us-east-1"), at("eu-west-1")]
    } else {
        vec![at("us-east-1")]
    };
    json!({"name": format!("distribution {name}"), "distributions": regions})
}

proptest! {
    // A case is some fifty calls with a snapshot after each: enough of both to meet on few names.
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_called_the_world_stays_whole(steps in prop::collection::vec(step(), 1..50)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut run = Run::new();
            for step in &steps {
                run.take(step).await;
                run.check();
            }
            run.check_snapshot();
        });
    }
}
