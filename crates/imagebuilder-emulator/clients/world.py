"""A small world with one resource of each kind, and for each operation what its smallest valid call
needs beyond the model."""

BASE = "ami-08bd941ae380bd3cd"
ROLE = "arn:aws:iam::111122223333:role/executor"

COMPONENT = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - {name: Run, action: ExecuteBash, inputs: {commands: ["true"]}}
"""

WAITING = """\
name: waiting
schemaVersion: 1.0
steps:
  - {name: Wait, action: WaitForAction, onFailure: Abort}
outputs:
  - {name: ImageId, value: ami-00000000000000000}
"""

ALL_YEAR = {
    "policyDetails": [
        {"action": {"type": "DEPRECATE"}, "filter": {"type": "AGE", "value": 1, "unit": "YEARS"}},
    ],
    "resourceSelection": {"tagMap": {"family": "golden"}},
}

# A build of the default workflows takes twenty minutes.
BUILD_SECONDS = 1300


class World:
    """Made through the API as anybody would, then told apart by what it is good for."""

    def __init__(self, emulator):
        self.emulator, self.client = emulator, emulator.client()
        self.make()

    def made(self, operation, result, **parameters):
        return getattr(self.client, operation)(clientToken=f"{operation} {parameters}"[:64], **parameters)[result]

    def make(self):
        self.component = self.new_component("used")
        self.unused_component = self.new_component("unused")
        self.recipe = self.new_recipe("used", components=[{"componentArn": self.component}])
        self.unused_recipe = self.new_recipe("unused")
        self.infrastructure = self.new_infrastructure("used")
        self.unused_infrastructure = self.new_infrastructure("unused")
        self.distribution = self.new_distribution("used")
        self.unused_distribution = self.new_distribution("unused")
        self.workflow = self.new_workflow("waiting")
        self.unused_workflow = self.new_workflow("unused")
        self.pipeline = self.made(
            "create_image_pipeline",
            "imagePipelineArn",
            name="pipeline",
            imageRecipeArn=self.recipe,
            infrastructureConfigurationArn=self.infrastructure,
            distributionConfigurationArn=self.distribution,
        )
        self.policy = self.made(
            "create_lifecycle_policy",
            "lifecyclePolicyArn",
            name="policy",
            executionRole=ROLE,
            resourceType="AMI_IMAGE",
            **ALL_YEAR,
        )
        self.images()

    def images(self):
        self.available = self.started("first")
        self.emulator.control("POST", "advance", {"seconds": BUILD_SECONDS})
        self.emulator.control("POST", "faults", {"faults": [{"fail-build": {"state": "TESTING"}}]})
        self.failed = self.started("second")
        self.emulator.control("POST", "advance", {"seconds": BUILD_SECONDS})
        update = self.client.start_resource_state_update(
            resourceArn=self.available,
            state={"status": "DEPRECATED"},
            executionRole=ROLE,
            includeResources={"amis": True},
            clientToken="update",
        )
        self.lifecycle_execution = update["lifecycleExecutionId"]
        self.waiting = self.made(
            "create_image",
            "imageBuildVersionArn",
            imageRecipeArn=self.recipe,
            infrastructureConfigurationArn=self.infrastructure,
            executionRole=ROLE,
            workflows=[{"workflowArn": self.workflow}],
        )
        self.emulator.control("POST", "advance", {"seconds": 120})
        [step] = self.client.list_waiting_workflow_steps()["steps"]
        self.step, self.workflow_execution = step["stepExecutionId"], step["workflowExecutionId"]
        # The state update is over by now; the one that can be cancelled has only begun.
        self.client.start_resource_state_update(
            resourceArn=self.available, state={"status": "AVAILABLE"}, clientToken="back"
        )
        update = self.client.start_resource_state_update(
            resourceArn=self.available,
            state={"status": "DISABLED"},
            executionRole=ROLE,
            includeResources={"amis": True},
            clientToken="again",
        )
        self.running_execution = update["lifecycleExecutionId"]
        self.ready = self.started("third")
        self.emulator.control("POST", "advance", {"seconds": 0})

    def started(self, token):
        return self.client.start_image_pipeline_execution(imagePipelineArn=self.pipeline, clientToken=token)[
            "imageBuildVersionArn"
        ]

    def new_component(self, name):
        return self.made(
            "create_component",
            "componentBuildVersionArn",
            name=name,
            semanticVersion="1.0.0",
            platform="Linux",
            data=COMPONENT,
        )

    def new_recipe(self, name, **more):
        return self.made(
            "create_image_recipe",
            "imageRecipeArn",
            name=name,
            semanticVersion="1.0.0",
            parentImage=BASE,
            **more,
        )

    def new_infrastructure(self, name):
        return self.made(
            "create_infrastructure_configuration",
            "infrastructureConfigurationArn",
            name=name,
            instanceProfileName="builder",
        )

    def new_distribution(self, name):
        return self.made(
            "create_distribution_configuration",
            "distributionConfigurationArn",
            name=name,
            distributions=[{"region": "us-east-1", "amiDistributionConfiguration": {}}],
        )

    def new_workflow(self, name):
        return self.made(
            "create_workflow",
            "workflowBuildVersionArn",
            name=name,
            semanticVersion="1.0.0",
            type="BUILD",
            data=WAITING.replace("waiting", name),
        )

    def known(self):
        """Values by the name of a member or a shape, for all operations."""
        version = lambda arn: arn.rsplit("/", 1)[0]
        return {
            "ComponentBuildVersionArn": self.component,
            "ComponentVersionArn": version(self.component),
            "ComponentVersionArnOrBuildVersionArn": self.component,
            "DistributionConfigurationArn": self.distribution,
            "ImageBuildVersionArn": self.available,
            "ImageBuilderArn": self.pipeline,
            "ImagePipelineArn": self.pipeline,
            "ImageRecipeArn": self.recipe,
            "ImageVersionArn": version(self.available),
            "ImageVersionArnOrBuildVersionArn": self.available,
            "InfrastructureConfigurationArn": self.infrastructure,
            "LifecycleExecutionId": self.lifecycle_execution,
            "LifecyclePolicyArn": self.policy,
            "RoleNameOrArn": ROLE,
            "WorkflowBuildVersionArn": self.workflow,
            "WorkflowExecutionId": self.workflow_execution,
            "WorkflowStepExecutionId": self.step,
            "WorkflowVersionArn": version(self.workflow),
            "WorkflowVersionArnOrBuildVersionArn": self.workflow,
            "parentImage": BASE,
            "sourceImage": BASE,
            "tags": {"family": "golden"},
        }

    def needs(self):
        """What a smallest valid call has besides its required members, by operation."""
        distributions = [{"region": "us-east-1", "amiDistributionConfiguration": {}}]
        references = {"imageRecipeArn": self.recipe}
        by_image = [{"name": "imageBuildVersionArn", "values": [self.available]}]
        return {
            "CancelImageCreation": {"imageBuildVersionArn": self.waiting},
            "CancelLifecycleExecution": {"lifecycleExecutionId": self.running_execution},
            "CreateComponent": {"data": COMPONENT, "platform": "Linux"},
            "CreateDistributionConfiguration": {"distributions": distributions},
            "CreateImage": references,
            "CreateImagePipeline": references,
            "CreateLifecyclePolicy": {"name": "new policy", "resourceType": "AMI_IMAGE", **ALL_YEAR},
            "CreateWorkflow": {"data": WAITING, "type": "BUILD"},
            "DeleteComponent": {"componentBuildVersionArn": self.unused_component},
            "DeleteDistributionConfiguration": {"distributionConfigurationArn": self.unused_distribution},
            "DeleteImage": {"imageBuildVersionArn": self.failed},
            "DeleteImageRecipe": {"imageRecipeArn": self.unused_recipe},
            "DeleteInfrastructureConfiguration": {"infrastructureConfigurationArn": self.unused_infrastructure},
            "DeleteWorkflow": {"workflowBuildVersionArn": self.unused_workflow},
            "ImportComponent": {"data": "echo hello", "platform": "Linux"},
            "ListImageScanFindingAggregations": {"filter": by_image[0]},
            "ListImageScanFindings": {"filters": by_image},
            "ListLifecycleExecutions": {"resourceArn": self.policy},
            "RetryImage": {"imageBuildVersionArn": self.failed},
            "SendWorkflowStepAction": {"imageBuildVersionArn": self.waiting, "action": "RESUME"},
            "StartResourceStateUpdate": {
                "resourceArn": self.failed,
                "state": {"status": "DELETED"},
                "executionRole": ROLE,
                "includeResources": {"amis": True},
            },
            "UntagResource": {"tagKeys": ["family"]},
            "UpdateDistributionConfiguration": {"distributions": distributions},
            "UpdateImagePipeline": references,
            "UpdateLifecyclePolicy": {"resourceType": "AMI_IMAGE", **ALL_YEAR},
        }
