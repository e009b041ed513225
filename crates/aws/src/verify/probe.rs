//! Starts an instance, sees whether it runs, and ends it whatever was seen.

use std::time::Duration;

use goldsmith_domain::verify::{Attempt, LaunchQuestion};
use tokio::time::sleep;

use super::keys::attempted;
use crate::Aws;
use crate::ec2::{Client, Instance};
use crate::fault::{CallError, chain};

/// How long is waited between two looks: an instance takes some ten seconds to run.
const PAUSE: Duration = Duration::from_secs(3);

/// How often is looked: five minutes in all, after which something is wrong that is not ours to wait for.
const LOOKS: usize = 100;

/// What came of the launch.
pub(super) async fn launch(ec2: &Client, aws: &Aws, launch: &LaunchQuestion) -> Attempt {
    let name = format!("goldsmith-{}-launch-probe", aws.stack.environment);
    let id = match ec2.run(launch, &name).await {
        Ok(id) => id,
        Err(error) => return attempted::<()>(Err(error)),
    };
    let seen = watch(ec2, &id).await;
    match ec2.terminate(&id).await {
        Ok(()) => seen.unwrap_or_else(|error| Attempt::NotMade(chain(&error))),
        Err(error) => Attempt::Refused {
            code: "NotTerminated".to_owned(),
            message: format!(
                "the instance {id} in {} was started and still runs: {}",
                launch.region,
                chain(&error)
            ),
        },
    }
}

async fn watch(ec2: &Client, id: &str) -> Result<Attempt, CallError> {
    for _ in 0..LOOKS {
        // EC2 is eventually consistent: a new instance may not be there at once.
        if let Some(attempt) = ec2.instance(id).await?.as_ref().and_then(outcome) {
            return Ok(attempt);
        }
        sleep(PAUSE).await;
    }
    Ok(Attempt::NotMade(format!(
        "the instance {id} was neither running nor ended after five minutes"
    )))
}

/// What a state says; none while that is open.
fn outcome(instance: &Instance) -> Option<Attempt> {
    match instance.state.as_str() {
        "running" => Some(Attempt::Succeeds),
        "shutting-down" | "terminated" | "stopping" | "stopped" => {
            let (code, message) = instance.reason.clone();
            Some(Attempt::Refused { code, message })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(state: &str, code: &str, message: &str) -> Instance {
        Instance {
            state: state.to_owned(),
            reason: (code.to_owned(), message.to_owned()),
        }
    }

    #[test]
    fn an_instance_that_ends_by_itself_was_refused_for_its_reason() {
        assert_eq!(outcome(&instance("pending", "", "")), None);
        let running = instance("running", "", "");
        assert_eq!(outcome(&running), Some(Attempt::Succeeds));
        let ended = instance(
            "terminated",
            "Client.InternalError",
            "Client error on launch",
        );
        let refused = Attempt::Refused {
            code: "Client.InternalError".to_owned(),
            message: "Client error on launch".to_owned(),
        };
        assert_eq!(outcome(&ended), Some(refused));
    }
}
