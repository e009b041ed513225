//! The dispatch table: all operations of the service, with a handler where they are emulated.
//!
//! The model says which operations there are. Each module says which of them it handles.

use std::{collections::HashMap, sync::LazyLock};

use http::Method;

use crate::{
    api::imagebuilder::{
        component, distribute, distribution, execution, image, image_lists, import, infrastructure,
        lifecycle_execution, lifecycle_policy, lifecycle_update, pipeline, recipe,
        request::{Handler, Handlers},
        scan, scan_aggregation, start, tags, workflow, workflow_lists,
    },
    common::error::ApiError,
    wire::model::{self, notation::OperationModel},
};

/// An operation of Image Builder.
#[derive(Debug)]
pub(crate) struct Operation {
    /// What the model says about it.
    pub model: &'static OperationModel,
    /// Absent if it is not emulated.
    pub handler: Option<Handler>,
}

static OPERATIONS: LazyLock<HashMap<&'static str, Operation>> = LazyLock::new(|| {
    let handlers: HashMap<_, _> = HANDLERS.iter().copied().flatten().copied().collect();
    let operation = |model: &'static OperationModel| Operation {
        model,
        handler: handlers.get(model.name).copied(),
    };
    model::operations()
        .iter()
        .map(|model| (model.name, operation(model)))
        .collect()
});

/// The operation at a route; the path as it was sent, undecoded.
pub(crate) fn find(method: &Method, path: &str) -> Option<&'static Operation> {
    let name = path.strip_prefix('/')?;
    let routed = match name.strip_prefix("tags/") {
        Some("") => None,
        Some(_) => OPERATIONS
            .values()
            .find(|one| one.model.is_on_tags() && one.model.method == *method),
        None => OPERATIONS.get(name).filter(|one| !one.model.is_on_tags()),
    };
    routed.filter(|operation| operation.model.method == *method)
}

/// What the resources carry out between them.
pub(crate) const HANDLERS: &[Handlers] = &[
    component::OPERATIONS,
    distribute::OPERATIONS,
    distribution::OPERATIONS,
    execution::OPERATIONS,
    image::OPERATIONS,
    image_lists::OPERATIONS,
    import::OPERATIONS,
    infrastructure::OPERATIONS,
    lifecycle_execution::OPERATIONS,
    lifecycle_policy::OPERATIONS,
    lifecycle_update::OPERATIONS,
    pipeline::OPERATIONS,
    recipe::OPERATIONS,
    scan::OPERATIONS,
    scan_aggregation::OPERATIONS,
    start::OPERATIONS,
    tags::OPERATIONS,
    workflow::OPERATIONS,
    workflow_lists::OPERATIONS,
];

/// Finds the operation of a request.
pub(crate) fn route(parts: &http::request::Parts) -> Result<&'static Operation, ApiError> {
    find(&parts.method, parts.uri.path()).ok_or_else(|| {
        let text = format!("Unknown operation: {} {}", parts.method, parts.uri.path());
        ApiError::new(404, "UnknownOperationException", text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Containers, imports of disks, sharing and the marketplace: not what a golden image needs.
    const GAPS: [&str; 15] = [
        "CreateContainerRecipe",
        "DeleteContainerRecipe",
        "GetComponentPolicy",
        "GetContainerRecipe",
        "GetContainerRecipePolicy",
        "GetImagePolicy",
        "GetImageRecipePolicy",
        "GetMarketplaceResource",
        "ImportDiskImage",
        "ImportVmImage",
        "ListContainerRecipes",
        "PutComponentPolicy",
        "PutContainerRecipePolicy",
        "PutImagePolicy",
        "PutImageRecipePolicy",
    ];

    #[test]
    fn all_operations_are_known_and_all_but_fifteen_behave() {
        let mut gaps: Vec<_> = OPERATIONS
            .values()
            .filter(|one| one.handler.is_none())
            .collect();
        gaps.sort_by_key(|operation| operation.model.name);
        assert_eq!(
            gaps.iter().map(|one| one.model.name).collect::<Vec<_>>(),
            GAPS
        );
        assert_eq!(OPERATIONS.len(), 77);
    }

    #[test]
    fn every_handler_is_one_of_an_operation() {
        let handlers: Vec<_> = HANDLERS.iter().copied().flatten().collect();
        for (name, _) in &handlers {
            assert!(OPERATIONS.contains_key(name), "{name}");
        }
        assert_eq!(
            handlers.len(),
            OPERATIONS
                .values()
                .filter(|one| one.handler.is_some())
                .count()
        );
    }

    #[test]
    fn the_tag_operations_share_a_path() {
        let path =
            "/tags/arn%3Aaws%3Aimagebuilder%3Aus-east-1%3A111122223333%3Aimage%2Fa%2F1.0.0%2F1";
        assert_eq!(find(&Method::POST, path).unwrap().model.name, "TagResource");
        assert_eq!(
            find(&Method::GET, path).unwrap().model.name,
            "ListTagsForResource"
        );
        assert_eq!(
            find(&Method::DELETE, path).unwrap().model.name,
            "UntagResource"
        );
        assert!(find(&Method::GET, "/tags/").is_none());
    }

    #[test]
    fn names_and_methods_route() {
        assert_eq!(
            find(&Method::PUT, "/CreateImage").unwrap().model.name,
            "CreateImage"
        );
        assert!(find(&Method::POST, "/CreateImage").is_none());
        assert!(find(&Method::GET, "/Nonsense").is_none());
        assert!(find(&Method::POST, "/TagResource").is_none());
    }
}
