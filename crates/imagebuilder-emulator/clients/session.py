"""A session with the aws command through the whole flow, from a component to the deletion of the
AMIs it led to, in two accounts."""

import json
import os
import pathlib
import subprocess
import sys

import emulator as emulators
from world import BASE, COMPONENT, ROLE, WAITING

CONSUMER = "222222222222"
BUILD_SECONDS = 1300
AWS = pathlib.Path(sys.executable).parent / "aws"


class Session:
    def __init__(self, emulator, account=emulators.ACCOUNT):
        self.emulator = emulator
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": emulator.url,
        }
        self.commands = 0

    def aws(self, service, operation, *arguments, fails_with=None):
        self.commands += 1
        command = [AWS, service, operation, "--output", "json", *map(text, arguments)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if fails_with:
            assert done.returncode and fails_with in done.stderr, (command, done)
            return None
        assert done.returncode == 0, (command, done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def ib(self, operation, *arguments, **expected):
        return self.aws("imagebuilder", operation, *arguments, **expected)

    def image(self, arn):
        return self.ib("get-image", "--image-build-version-arn", arn)["image"]

    def status(self, arn):
        return self.image(arn)["state"]["status"]

    def advance(self, seconds=BUILD_SECONDS):
        self.emulator.control("POST", "advance", {"seconds": seconds})

    def own_images(self):
        return self.aws("ec2", "describe-images", "--owners", "self")["Images"]


def text(argument):
    return argument if isinstance(argument, str) else json.dumps(argument)


def prepare(session):
    """Component, recipe, configurations and pipeline."""
    component = session.ib(
        "create-component", "--name", "Hardening", "--semantic-version", "1.0.0", "--platform", "Linux",
        "--data", COMPONENT,
    )["componentBuildVersionArn"]
    assert component.endswith(":component/hardening/1.0.0/1"), component
    recipe = session.ib(
        "create-image-recipe", "--name", "web", "--semantic-version", "1.0.x", "--parent-image", BASE,
        "--components", [{"componentArn": component}],
        "--block-device-mappings",
        [{"deviceName": "/dev/xvda", "ebs": {"encrypted": True, "kmsKeyId": "alias/golden"}}],
    )["imageRecipeArn"]
    infrastructure = session.ib(
        "create-infrastructure-configuration", "--name", "web", "--instance-profile-name", "builder",
    )["infrastructureConfigurationArn"]
    distribution = session.ib(
        "create-distribution-configuration", "--name", "web", "--distributions",
        [{"region": "us-east-1", "amiDistributionConfiguration": {"launchPermission": {"userIds": [CONSUMER]}}}],
    )["distributionConfigurationArn"]
    references = (
        "--image-recipe-arn", recipe, "--infrastructure-configuration-arn", infrastructure,
        "--distribution-configuration-arn", distribution,
    )
    pipeline = session.ib("create-image-pipeline", "--name", "web", *references)["imagePipelineArn"]
    return component, references, pipeline


def build(session, pipeline):
    """One build, looked at from all sides."""
    start = ("start-image-pipeline-execution", "--image-pipeline-arn", pipeline)
    image = session.ib(*start, "--client-token", "first")["imageBuildVersionArn"]
    assert session.ib(*start, "--client-token", "first")["imageBuildVersionArn"] == image
    session.ib("get-image", "--image-build-version-arn", image.rsplit("/", 1)[0], fails_with="ResourceNotFound")
    session.advance(100)
    assert session.status(image) == "BUILDING"
    session.ib("delete-image", "--image-build-version-arn", image, fails_with="ResourceDependencyException")
    session.advance()
    assert session.status(image) == "AVAILABLE"
    assert look_at_workflows(session, image) == ["BUILD", "TEST"]
    listed = session.ib("list-image-pipeline-images", "--image-pipeline-arn", pipeline)["imageSummaryList"]
    assert [one["arn"] for one in listed] == [image]
    [ami] = session.image(image)["outputResources"]["amis"]
    return image, ami["image"]


def look_at_workflows(session, image):
    """The types of the workflows that an image has run, after a look at each step."""
    executions = session.ib("list-workflow-executions", "--image-build-version-arn", image)["workflowExecutions"]
    assert {one["status"] for one in executions} == {"COMPLETED"}, executions
    for execution in executions:
        steps = session.ib(
            "list-workflow-step-executions", "--workflow-execution-id", execution["workflowExecutionId"]
        )["steps"]
        assert {one["status"] for one in steps} <= {"COMPLETED", "SKIPPED"}, steps
        session.ib("get-workflow-step-execution", "--step-execution-id", steps[0]["stepExecutionId"])
    return sorted(one["type"] for one in executions)


def build_by_workflows(session, references):
    """Amazon's own workflows by name, that of the distribution among them."""
    amazon = "arn:aws:imagebuilder:us-east-1:aws:workflow"
    names = ("build/build-image", "test/test-image", "distribution/distribute-image")
    workflows = [{"workflowArn": f"{amazon}/{name}/x.x.x"} for name in names]
    image = session.ib("create-image", *references, "--execution-role", ROLE, "--workflows", workflows)
    session.advance()
    assert session.status(image["imageBuildVersionArn"]) == "AVAILABLE"
    kinds = look_at_workflows(session, image["imageBuildVersionArn"])
    assert kinds == ["BUILD", "DISTRIBUTION", "TEST"], kinds


def share(session, consumer, ami):
    """The consumer sees the AMI, and may not touch it."""
    [seen] = consumer.aws("ec2", "describe-images", "--image-ids", ami)["Images"]
    assert seen["OwnerId"] == emulators.ACCOUNT, seen
    assert all(device["Ebs"]["Encrypted"] for device in seen["BlockDeviceMappings"]), seen
    consumer.aws("ec2", "deregister-image", "--image-id", ami, fails_with="AuthFailure")


def launch(session, consumer, ami):
    """The consumer tries a launch, launches, and ends what it launched; a stranger may not."""
    asked = ("ec2", "run-instances", "--image-id", ami, "--instance-type", "t3.micro")
    consumer.aws(*asked, "--dry-run", fails_with="DryRunOperation")
    [instance] = consumer.aws(*asked)["Instances"]
    assert instance["State"]["Name"] == "pending", instance
    session.advance(10)
    [reservation] = consumer.aws("ec2", "describe-instances", "--instance-ids", instance["InstanceId"])["Reservations"]
    [running] = reservation["Instances"]
    assert (running["State"]["Name"], running["ImageId"]) == ("running", ami), running
    [ended] = consumer.aws("ec2", "terminate-instances", "--instance-ids", running["InstanceId"])["TerminatingInstances"]
    assert ended["CurrentState"]["Name"] == "shutting-down", ended
    stranger = Session(session.emulator, "999988887777")
    stranger.aws(*asked, fails_with="InvalidAMIID.NotFound")


def hold(session, references):
    """A workflow that waits for somebody, and somebody who sends it on."""
    workflow = session.ib(
        "create-workflow", "--name", "waiting", "--semantic-version", "1.0.0", "--type", "BUILD", "--data", WAITING,
    )["workflowBuildVersionArn"]
    image = session.ib(
        "create-image", *references, "--execution-role", ROLE, "--workflows", [{"workflowArn": workflow}],
    )["imageBuildVersionArn"]
    session.advance(3600)
    [step] = session.ib("list-waiting-workflow-steps")["steps"]
    assert step["imageBuildVersionArn"] == image, step
    action = ("send-workflow-step-action", "--step-execution-id", step["stepExecutionId"])
    session.ib(*action, "--image-build-version-arn", image, "--action", "STOP")
    session.advance(60)
    assert session.status(image) == "FAILED"
    session.ib("delete-workflow", "--workflow-build-version-arn", workflow)


def fail_and_retry(session, pipeline):
    """A failed test leaves an AMI that nobody else may launch; a retry finishes the image."""
    session.emulator.control("POST", "faults", {"faults": [{"fail-build": {"state": "TESTING"}}]})
    image = session.ib("start-image-pipeline-execution", "--image-pipeline-arn", pipeline)["imageBuildVersionArn"]
    session.advance()
    assert session.status(image) == "FAILED"
    executions = session.ib("list-workflow-executions", "--image-build-version-arn", image)["workflowExecutions"]
    outcomes = {one["type"]: one["status"] for one in executions}
    assert outcomes == {"BUILD": "COMPLETED", "TEST": "ROLLBACK_COMPLETED"}, executions
    tag = f"Name=tag:Ec2ImageBuilderArn,Values={image}"
    [left] = session.aws("ec2", "describe-images", "--owners", "self", "--filters", tag)["Images"]
    permissions = session.aws(
        "ec2", "describe-image-attribute", "--image-id", left["ImageId"], "--attribute", "launchPermission",
    )
    assert permissions["LaunchPermissions"] == [], permissions
    session.ib("retry-image", "--image-build-version-arn", image)
    session.advance()
    assert session.status(image) == "AVAILABLE"
    return image


def cancel(session, pipeline):
    image = session.ib("start-image-pipeline-execution", "--image-pipeline-arn", pipeline)["imageBuildVersionArn"]
    session.advance(100)
    session.ib("cancel-image-creation", "--image-build-version-arn", image)
    session.advance(60)
    assert session.status(image) == "CANCELLED"
    return image


def distribute(session, ami, references):
    """A finished AMI goes out again, as an image resource of its own."""
    image = session.ib(
        "distribute-image", "--source-image", ami, "--execution-role", ROLE,
        "--distribution-configuration-arn", references[-1],
    )["imageBuildVersionArn"]
    session.advance()
    assert session.status(image) == "AVAILABLE"


def retire(session, images):
    """What was made is deprecated, then deleted, AMIs and snapshots too."""
    for image in images:
        update = ("start-resource-state-update", "--resource-arn", image, "--execution-role", ROLE)
        execution = session.ib(
            *update, "--state", {"status": "DELETED"}, "--include-resources", {"amis": True, "snapshots": True},
        )["lifecycleExecutionId"]
        session.advance(120)
        execution = session.ib("get-lifecycle-execution", "--lifecycle-execution-id", execution)
        assert execution["lifecycleExecution"]["state"]["status"] == "SUCCESS", execution
        assert session.status(image) == "DELETED"


def tear_down(session, component, references, pipeline):
    """In the only order that is allowed."""
    recipe, infrastructure, distribution = references[1::2]
    kinds = {
        "image-recipe": recipe,
        "infrastructure-configuration": infrastructure,
        "distribution-configuration": distribution,
    }
    delete = lambda kind, arn, **expected: session.ib(f"delete-{kind}", f"--{kind}-arn", arn, **expected)
    for kind, arn in kinds.items():
        delete(kind, arn, fails_with="ResourceDependencyException")
    delete("image-pipeline", pipeline)
    for kind, arn in kinds.items():
        delete(kind, arn)
    session.ib("delete-component", "--component-build-version-arn", component)


def main():
    with emulators.running() as emulator:
        session, consumer = Session(emulator), Session(emulator, CONSUMER)
        component, references, pipeline = prepare(session)
        image, ami = build(session, pipeline)
        share(session, consumer, ami)
        launch(session, consumer, ami)
        build_by_workflows(session, references)
        hold(session, references)
        retried = fail_and_retry(session, pipeline)
        cancelled = cancel(session, pipeline)
        distribute(session, ami, references)
        retire(session, [image, retried, cancelled])
        consumer.aws("ec2", "describe-images", "--image-ids", ami, fails_with="InvalidAMIID.NotFound")
        tear_down(session, component, references, pipeline)
    print(f"{session.commands + consumer.commands} commands of the aws command line")


if __name__ == "__main__":
    main()
