"""Removes an environment's stack: what `make undeploy` runs.

    undeploy.py nonprod [--yes] [--keep-promoted]

It needs what deploy.py needs. It ends with 0 when the stack is gone, and with 1 when it is not.
"""

import json
import subprocess
import sys

from stack import Refused, arguments, confirmed, followed, goldsmith, main


# What outlives a stack, and the parameter that gives it to a new one, by the output that names it.
OUTLIVES = {
    "DocumentBucket": "ExistingDocumentBucket", "OutputBucket": "ExistingOutputBucket",
    "KeyArn": "ExistingKeyArn", "SigningKeyArn": "ExistingSigningKeyArn",
}


def undeploy(stack, given):
    """Removes the stack if nobody relies on it, and says what is left."""
    before = stack.described()
    if before is None:
        raise Refused(f"there is no stack {stack.name} in account {stack.account}, {stack.region}")
    refuse_while_promoted(stack, given.keep_promoted)
    retained, goes = removal(stack)
    print(f"{stack.name} in account {stack.account}, {stack.region}: {len(goes)} resources go.")
    if not confirmed(f"Remove {stack.name}?", given.yes):
        raise Refused("nothing was changed")
    last = stack.last_event(before["StackId"])
    stack.client.delete_stack(StackName=stack.name)
    status = followed(stack, before["StackId"], last)
    if status != "DELETE_COMPLETE":
        raise Refused(f"{stack.name} is {status}: what could not be removed is named above. Remove its cause, and run "
                      f"this again")
    remains(stack, retained)
    outputs = {each["OutputKey"]: each["OutputValue"] for each in before.get("Outputs", [])}
    back = " ".join(f"{parameter}={outputs[name]}" for name, parameter in OUTLIVES.items() if name in outputs)
    print(f"To get the stack back: make deploy ENV={stack.environment} PARAMETERS='{back}'")
    return 0


def refuse_while_promoted(stack, is_kept):
    """Images that are promoted are what people launch."""
    command = [goldsmith(), "status", "--against", stack.name, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    # 3: something needs a person.
    if done.returncode not in (0, 3):
        raise Refused(f"whether images are promoted cannot be said, so nothing is removed:\n{done.stderr.strip()}")
    promoted = [f"{each['recipename']} {each['published']['version']}"
                for each in json.loads(done.stdout)["recipes"] if each["published"]]
    if promoted and not is_kept:
        raise Refused(
            f"images are promoted: {', '.join(promoted)}. Without the stack nobody patches them, shares them or takes "
            f"them back. Retire them first, or say that they stay as they are: make undeploy "
            f"ENV={stack.environment} PROMOTED=keep")


def removal(stack):
    """What the deployed template retains, and what goes: names of resources that are there."""
    body = stack.client.get_template(StackName=stack.name, TemplateStage="Processed")["TemplateBody"]
    resources = (json.loads(body) if isinstance(body, str) else body)["Resources"]
    there = {each["LogicalResourceId"]: each for page in stack.client.get_paginator("list_stack_resources").paginate(
        StackName=stack.name) for each in page["StackResourceSummaries"]}
    kept = {name for name, each in resources.items() if str(each.get("DeletionPolicy", "")).startswith("Retain")}
    return [there[name] for name in sorted(there.keys() & kept)], sorted(there.keys() - kept)


def remains(stack, retained):
    """Prints what outlives the stack: what CloudFormation retained, and what goldsmith made beside it."""
    print("what remains, and costs:")
    for each in retained:
        print(f"  {each['LogicalResourceId']}, {each['ResourceType']}: {each['PhysicalResourceId']}")
    tag = "goldsmith:environment"
    ours = {"Name": f"tag:{tag}", "Values": [stack.environment]}
    images = stack.session.client("ec2").describe_images(Owners=["self"], Filters=[ours])["Images"]
    pages = stack.session.client("imagebuilder").get_paginator("list_image_pipelines").paginate()
    pipelines = [each for page in pages for each in page["imagePipelineList"]
                 if each.get("tags", {}).get(tag) == stack.environment]
    print(f"  {len(images)} AMIs with their snapshots in {stack.region}, {len(pipelines)} pipelines of Image Builder")
    print(f"  the bucket goldsmith-artifacts-{stack.account}-{stack.region}, with what was deployed")
    print("docs/deploy.md says in which order to remove them.")


if __name__ == "__main__":
    parser = arguments(undeploy)
    parser.add_argument("--keep-promoted", action="store_true", help="remove it though images are promoted")
    sys.exit(main(undeploy, parser))
