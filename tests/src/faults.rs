//! Faults for the emulator, in a word each.

use local_stack::imagebuilder_emulator::{BuildFailure, Fault, FaultAnswer, Matching};

/// The next call of `operation` is answered with an error.
pub fn answering(operation: &str, status: u16, code: &str) -> Fault {
    let answer = FaultAnswer {
        status,
        code: code.to_owned(),
        message: "an injected fault".to_owned(),
    };
    Fault::Answer {
        matching: Matching::next(operation),
        answer,
    }
}

/// The next call of `operation` is carried out, and its answer is lost.
pub fn dropping(operation: &str) -> Fault {
    Fault::DropResponse {
        matching: Matching::next(operation),
    }
}

/// The next build of `recipe` fails in its tests.
pub fn failing(recipe: &str) -> Fault {
    let recipe = Some(format!("mstr-nonprod-{recipe}"));
    Fault::FailBuild(BuildFailure {
        recipe,
        ..BuildFailure::next("TESTING")
    })
}
