//! The dispatch table: all 77 operations of the service, whether they behave or not.

use http::Method;

use crate::{
    request::Request,
    resources::{
        Answer, component, distribution, image, image_lists, infrastructure, pipeline, recipe, start, tags,
    },
};

/// Carries out an operation.
pub(crate) type Handler = fn(&mut Request<'_>) -> Answer;

/// An operation of Image Builder.
#[derive(Debug)]
pub(crate) struct Operation {
    /// As in the service model; the path is `/<name>`, but for the three on tags.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// Absent if it is not emulated.
    pub handler: Option<Handler>,
    /// Whether the body of the answer has a `requestId`.
    pub has_request_id: bool,
}

impl Operation {
    /// Whether it is emulated.
    #[cfg(test)]
    pub fn behaves(&self) -> bool {
        self.handler.is_some()
    }

    /// Whether its path is `/tags/{resourceArn}`.
    fn is_on_tags(&self) -> bool {
        matches!(self.name, "TagResource" | "UntagResource" | "ListTagsForResource")
    }
}

/// An operation that behaves, with `requestId` in its answer.
const fn full(name: &'static str, method: Method, handler: Handler) -> Operation {
    Operation { name, method, handler: Some(handler), has_request_id: true }
}

/// An operation that behaves, without `requestId`.
const fn plain(name: &'static str, method: Method, handler: Handler) -> Operation {
    Operation { name, method, handler: Some(handler), has_request_id: false }
}

/// An operation that answers `NotEmulatedException`.
const fn gap(name: &'static str, method: Method) -> Operation {
    Operation { name, method, handler: None, has_request_id: false }
}

static OPERATIONS: [Operation; 77] = [
    full("CancelImageCreation", Method::PUT, image::cancel),
    gap("CancelLifecycleExecution", Method::PUT),
    full("CreateComponent", Method::PUT, component::create),
    gap("CreateContainerRecipe", Method::PUT),
    full("CreateDistributionConfiguration", Method::PUT, distribution::create),
    full("CreateImage", Method::PUT, start::create_image),
    full("CreateImagePipeline", Method::PUT, pipeline::create),
    full("CreateImageRecipe", Method::PUT, recipe::create),
    full("CreateInfrastructureConfiguration", Method::PUT, infrastructure::create),
    gap("CreateLifecyclePolicy", Method::PUT),
    gap("CreateWorkflow", Method::PUT),
    full("DeleteComponent", Method::DELETE, component::delete),
    gap("DeleteContainerRecipe", Method::DELETE),
    full("DeleteDistributionConfiguration", Method::DELETE, distribution::delete),
    full("DeleteImage", Method::DELETE, image::delete),
    full("DeleteImagePipeline", Method::DELETE, pipeline::delete),
    full("DeleteImageRecipe", Method::DELETE, recipe::delete),
    full("DeleteInfrastructureConfiguration", Method::DELETE, infrastructure::delete),
    gap("DeleteLifecyclePolicy", Method::DELETE),
    gap("DeleteWorkflow", Method::DELETE),
    gap("DistributeImage", Method::PUT),
    full("GetComponent", Method::GET, component::get),
    gap("GetComponentPolicy", Method::GET),
    gap("GetContainerRecipe", Method::GET),
    gap("GetContainerRecipePolicy", Method::GET),
    full("GetDistributionConfiguration", Method::GET, distribution::get),
    full("GetImage", Method::GET, image::get),
    full("GetImagePipeline", Method::GET, pipeline::get),
    gap("GetImagePolicy", Method::GET),
    full("GetImageRecipe", Method::GET, recipe::get),
    gap("GetImageRecipePolicy", Method::GET),
    full("GetInfrastructureConfiguration", Method::GET, infrastructure::get),
    gap("GetLifecycleExecution", Method::GET),
    gap("GetLifecyclePolicy", Method::GET),
    gap("GetMarketplaceResource", Method::POST),
    gap("GetWorkflow", Method::GET),
    gap("GetWorkflowExecution", Method::GET),
    gap("GetWorkflowStepExecution", Method::GET),
    gap("ImportComponent", Method::PUT),
    gap("ImportDiskImage", Method::PUT),
    gap("ImportVmImage", Method::PUT),
    full("ListComponentBuildVersions", Method::POST, component::list_builds),
    full("ListComponents", Method::POST, component::list),
    gap("ListContainerRecipes", Method::POST),
    full("ListDistributionConfigurations", Method::POST, distribution::list),
    full("ListImageBuildVersions", Method::POST, image_lists::list_builds),
    gap("ListImagePackages", Method::POST),
    full("ListImagePipelineImages", Method::POST, image_lists::list_of_pipeline),
    full("ListImagePipelines", Method::POST, pipeline::list),
    full("ListImageRecipes", Method::POST, recipe::list),
    gap("ListImageScanFindingAggregations", Method::POST),
    gap("ListImageScanFindings", Method::POST),
    full("ListImages", Method::POST, image_lists::list),
    full("ListInfrastructureConfigurations", Method::POST, infrastructure::list),
    gap("ListLifecycleExecutionResources", Method::POST),
    gap("ListLifecycleExecutions", Method::POST),
    gap("ListLifecyclePolicies", Method::POST),
    plain("ListTagsForResource", Method::GET, tags::list),
    gap("ListWaitingWorkflowSteps", Method::POST),
    gap("ListWorkflowBuildVersions", Method::POST),
    gap("ListWorkflowExecutions", Method::POST),
    gap("ListWorkflowStepExecutions", Method::POST),
    gap("ListWorkflows", Method::POST),
    gap("PutComponentPolicy", Method::PUT),
    gap("PutContainerRecipePolicy", Method::PUT),
    gap("PutImagePolicy", Method::PUT),
    gap("PutImageRecipePolicy", Method::PUT),
    gap("RetryImage", Method::PUT),
    gap("SendWorkflowStepAction", Method::PUT),
    full("StartImagePipelineExecution", Method::PUT, start::start_pipeline),
    gap("StartResourceStateUpdate", Method::PUT),
    plain("TagResource", Method::POST, tags::tag),
    plain("UntagResource", Method::DELETE, tags::untag),
    full("UpdateDistributionConfiguration", Method::PUT, distribution::update),
    full("UpdateImagePipeline", Method::PUT, pipeline::update),
    full("UpdateInfrastructureConfiguration", Method::PUT, infrastructure::update),
    gap("UpdateLifecyclePolicy", Method::PUT),
];

/// The whole table.
#[cfg(test)]
pub(crate) fn all() -> &'static [Operation] {
    &OPERATIONS
}

/// The operation at a route; the path as it was sent, undecoded.
pub(crate) fn find(method: &Method, path: &str) -> Option<&'static Operation> {
    let name = path.strip_prefix('/')?;
    let on_tags = name.strip_prefix("tags/").is_some_and(|arn| !arn.is_empty());
    OPERATIONS.iter().find(|operation| {
        let routed = if operation.is_on_tags() { on_tags } else { operation.name == name };
        routed && operation.method == *method
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_operations_share_a_path() {
        let path = "/tags/arn%3Aaws%3Aimagebuilder%3Aus-east-1%3A111122223333%3Aimage%2Fa%2F1.0.0%2F1";
        assert_eq!(find(&Method::POST, path).unwrap().name, "TagResource");
        assert_eq!(find(&Method::GET, path).unwrap().name, "ListTagsForResource");
        assert_eq!(find(&Method::DELETE, path).unwrap().name, "UntagResource");
        assert!(find(&Method::GET, "/tags/").is_none());
    }

    #[test]
    fn names_and_methods_route() {
        assert_eq!(find(&Method::PUT, "/CreateImage").unwrap().name, "CreateImage");
        assert!(find(&Method::POST, "/CreateImage").is_none());
        assert!(find(&Method::GET, "/Nonsense").is_none());
        assert!(find(&Method::POST, "/TagResource").is_none());
    }
}
