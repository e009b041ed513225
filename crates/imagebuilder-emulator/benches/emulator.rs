//! What the emulator costs: its start, its calls, its memory. Prints ratios and counts, asserts
//! nothing: a figure is for a person to read.
//!
//! Calls are counted per second of the server's own processor time, so that the client's share and
//! whatever else the machine does are left out: that is what one core would answer.
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Client, Method};
use serde_json::{Value, json};

const RECIPES: usize = 1_000;
const BUILDS_OF_EACH: usize = 10;
const CALLS: usize = 4_000;
const STARTS: usize = 10;

/// The kernel's clock ticks in a second, the unit of the times in /proc.
const TICKS: f64 = 100.0;

struct Server {
    process: Child,
    url: String,
    client: Client,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_imagebuilder-emulator"))
            .args(["--listen", "127.0.0.1:0", "--clock", "manual"])
            .args(["--max-pipelines", "1000", "--max-concurrent-builds", "1000"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap()
            .to_owned();
        Self {
            process,
            url,
            client: Client::builder().no_proxy().build().unwrap(),
        }
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Value {
        let scope = "Credential=111122223333/20260101/us-east-1/imagebuilder/aws4_request";
        let request = self.client.request(method, format!("{}/{path}", self.url));
        let request = request.header("authorization", format!("AWS4-HMAC-SHA256 {scope}"));
        let answer = request.body(body.to_string()).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{path} {body}: {}",
            answer.text().await.unwrap()
        );
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    async fn put(&self, operation: &str, body: Value, member: &str) -> String {
        self.call(Method::PUT, operation, &body).await[member]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Processor time so far, user and system.
    fn processor_time(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let fields: Vec<_> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / TICKS
    }

    /// A line of the process's status, in MB.
    fn memory(&self, name: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<f64>()
            .unwrap()
            / 1e3
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Recipes with a pipeline each, and their finished builds. Returns an image.
async fn fill(server: &Server) -> String {
    let input = json!({"name": "bench", "instanceProfileName": "builder", "clientToken": "i"});
    let infrastructure = server
        .put(
            "CreateInfrastructureConfiguration",
            input,
            "infrastructureConfigurationArn",
        )
        .await;
    let mut pipelines = Vec::new();
    for number in 0..RECIPES {
        let name = format!("bench {number}");
        let recipe = json!({
            "name": name, "semanticVersion": "1.0.0", "parentImage": "ami-08bd941ae380bd3cd",
            "components": [{"componentArn": "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x"}],
            "clientToken": name,
        });
        let recipe = server
            .put("CreateImageRecipe", recipe, "imageRecipeArn")
            .await;
        let pipeline = json!({
            "name": name, "imageRecipeArn": recipe, "infrastructureConfigurationArn": infrastructure,
            "clientToken": name,
        });
        pipelines.push(
            server
                .put("CreateImagePipeline", pipeline, "imagePipelineArn")
                .await,
        );
    }
    let mut image = String::new();
    for round in 0..BUILDS_OF_EACH {
        for pipeline in &pipelines {
            let input = json!({"imagePipelineArn": pipeline, "clientToken": format!("{pipeline}{round}")[50..]});
            image = server
                .put("StartImagePipelineExecution", input, "imageBuildVersionArn")
                .await;
        }
        server
            .call(Method::POST, "_emulator/advance", &json!({"seconds": 1300}))
            .await;
    }
    image
}

async fn rate(server: &Server, name: &str, method: Method, path: &str, body: Value) {
    let before = server.processor_time();
    for _ in 0..CALLS {
        server.call(method.clone(), path, &body).await;
    }
    let spent = server.processor_time() - before;
    #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
    let rate = CALLS as f64 / spent;
    println!("{name:<22} {rate:>8.0} calls per processor second (at least 2000)");
}

fn starts() -> Duration {
    let start = || {
        let began = Instant::now();
        drop(Server::start());
        began.elapsed()
    };
    let mut took: Vec<_> = (0..STARTS).map(|_| start()).collect();
    took.sort();
    took[STARTS / 2]
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!(
        "start                  {:>8.1} ms, median of {STARTS} (under 50)",
        starts().as_secs_f64() * 1e3
    );
    let server = Server::start();
    println!("memory, empty          {:>8.1} MB", server.memory("VmRSS"));
    let image = fill(&server).await;
    let images = RECIPES * BUILDS_OF_EACH;
    println!(
        "memory, filled         {:>8.1} MB with {RECIPES} recipes and {images} images (under 50)",
        server.memory("VmRSS")
    );
    let encoded = percent_encoding::utf8_percent_encode(&image, percent_encoding::NON_ALPHANUMERIC);
    let path = format!("GetImage?imageBuildVersionArn={encoded}");
    rate(&server, "GetImage", Method::GET, &path, json!({})).await;
    rate(
        &server,
        "ListImagePipelines",
        Method::POST,
        "ListImagePipelines",
        json!({}),
    )
    .await;
    println!("memory, peak           {:>8.1} MB", server.memory("VmHWM"));
}
