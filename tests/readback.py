"""What a deployment made, as the services tell it: one dictionary, equal for equal deployments.

Names that a deployment draws are replaced by what they stand for: `<ReconcileRole>`, `<key alias/goldsmith-nonprod>`.
Times, ids of requests and addresses of the embedded AWS are left out.
"""

import json
import re

from botocore.exceptions import ClientError

ACCOUNT = "111122223333"
STACK = "goldsmith-nonprod"

# What says when or where something was made, not what it is.
FLEETING = {
    "ResponseMetadata", "CodeSize", "CreateDate", "CreatedTimestamp", "CreationDate", "FunctionArn", "LastModified",
    "LastModifiedTimestamp", "RevisionId", "RoleId", "creationTime", "storedBytes", "AlarmConfigurationUpdatedTimestamp",
    "StateUpdatedTimestamp", "StateReason", "StateReasonData", "StateTransitionedTimestamp", "StateValue", "PolicyId",
    "InstanceProfileId", "RoleLastUsed", "UpdateDate", "DefaultVersionId", "AttachmentCount", "KeyId", "AWSAccountId",
    "NextRotationDate", "CreatedBy", "CurrentKeyMaterialId",
}
ABSENT = {
    "NoSuchBucketPolicy", "NoSuchCORSConfiguration", "NoSuchLifecycleConfiguration", "NoSuchTagSet",
    "NoSuchWebsiteConfiguration", "ObjectLockConfigurationNotFoundError", "OwnershipControlsNotFoundError",
    "ReplicationConfigurationNotFoundError", "ServerSideEncryptionConfigurationNotFoundError",
    "NoSuchPublicAccessBlockConfiguration", "ResourceNotFoundException",
}


def read(aws, account=ACCOUNT):
    """Everything of the stack, or of a consumer's, in an account that `aws` serves."""
    clients = {name: aws.client(name, account) for name in (
        "cloudwatch", "events", "iam", "kms", "lambda", "logs", "s3", "sns", "sqs",
    )}
    world = {
        "functions": functions(clients["lambda"]),
        "roles": roles(clients["iam"]),
        "managed policies": managed_policies(clients["iam"]),
        "instance profiles": instance_profiles(clients["iam"]),
        "buckets": buckets(clients["s3"]),
        "keys": keys(clients["kms"]),
        "rules": rules(clients["events"]),
        "alarms": alarms(clients["cloudwatch"]),
        "queues": queues(clients["sqs"]),
        "topics": topics(clients["sns"]),
        "log groups": log_groups(clients["logs"]),
        "dashboards": dashboards(clients["cloudwatch"]),
        "saved queries": saved_queries(clients["logs"]),
    }
    return named(world, drawn_names(clients), aws.url)


def paged(client, operation, key, **given):
    return [each for page in client.get_paginator(operation).paginate(**given) for each in page.get(key, [])]


def asked(call, *members, **given):
    """The answer without what is fleeting; None if the service says that there is nothing."""
    try:
        answer = call(**given)
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return None
        raise
    for member in members:
        answer = answer.get(member)
    return answer


def lasting(value):
    if isinstance(value, dict):
        return {name: lasting(each) for name, each in value.items() if name not in FLEETING}
    if isinstance(value, list):
        return [lasting(each) for each in value]
    return value


def tags(listed):
    return {each.get("Key", each.get("TagKey")): each.get("Value", each.get("TagValue")) for each in listed or []}


# ---------------------------------------------------------------------------- policies


def statements(document):
    """A policy's statements in one form: lists, in one order, without what is left out."""
    if isinstance(document, str):
        document = json.loads(document)
    return sorted((statement(each) for each in document["Statement"]), key=lambda each: json.dumps(each, sort_keys=True))


def statement(given):
    one = dict(given)
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in one:
            one[name] = sorted(one[name] if isinstance(one[name], list) else [one[name]])
    one["Condition"] = {
        operator: {key: sorted(value if isinstance(value, list) else [value]) for key, value in keys.items()}
        for operator, keys in one.get("Condition", {}).items()
    }
    return one


# ---------------------------------------------------------------------------- services


def functions(client):
    return {each["FunctionName"]: function(client, each["FunctionName"])
            for each in paged(client, "list_functions", "Functions") if each["FunctionName"].startswith(STACK)}


def function(client, name):
    arn = client.get_function_configuration(FunctionName=name)["FunctionArn"]
    policy = statements(client.get_policy(FunctionName=name)["Policy"])
    return {
        "configuration": lasting(client.get_function_configuration(FunctionName=name)),
        "concurrency": asked(client.get_function_concurrency, "ReservedConcurrentExecutions", FunctionName=name),
        "invoked after failures": lasting(client.get_function_event_invoke_config(FunctionName=name, Qualifier="$LATEST")),
        # Who deploys draws the Sids.
        "permissions": sorted(({k: v for k, v in each.items() if k != "Sid"} for each in policy), key=str),
        "tags": client.list_tags(Resource=arn)["Tags"],
    }


def roles(client):
    found = {}
    for each in paged(client, "list_roles", "Roles"):
        name = each["RoleName"]
        role = lasting(client.get_role(RoleName=name)["Role"])
        role["trusts"] = statements(role.pop("AssumeRolePolicyDocument"))
        role["tags"] = tags(role.pop("Tags", None))
        boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        bounds = attached(client, boundary) if boundary else None
        found[name] = role | {"may": role_statements(client, name), "at most": bounds}
    return found


def role_statements(client, role):
    """What all its policies say, its own and those that are attached, by their names."""
    own = {name: statements(client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
           for name in paged(client, "list_role_policies", "PolicyNames", RoleName=role)}
    return own | {each["PolicyName"]: attached(client, each["PolicyArn"])
                  for each in paged(client, "list_attached_role_policies", "AttachedPolicies", RoleName=role)}


def attached(client, arn):
    """What a managed policy says; the embedded AWS has none of Amazon's own, so that their names must do."""
    if ":iam::aws:" in arn:
        return arn
    version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return statements(client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def managed_policies(client):
    return {
        each["PolicyName"]: lasting(client.get_policy(PolicyArn=each["Arn"])["Policy"])
        for each in paged(client, "list_policies", "Policies", Scope="Local")
    }


def instance_profiles(client):
    return {
        each["InstanceProfileName"]: {"path": each["Path"], "roles": [role["RoleName"] for role in each["Roles"]]}
        for each in paged(client, "list_instance_profiles", "InstanceProfiles")
    }


def buckets(client):
    names = [each["Name"] for each in client.list_buckets()["Buckets"] if each["Name"].startswith(STACK)]
    return {name: bucket(client, name) for name in names}


def bucket(client, name):
    def get(operation, *members):
        return lasting(asked(getattr(client, f"get_bucket_{operation}"), *members, Bucket=name))

    policy = get("policy", "Policy")
    announced = get("notification_configuration") or {}
    return {
        "versioning": get("versioning"),
        "encryption": get("encryption", "ServerSideEncryptionConfiguration"),
        "public access": lasting(asked(client.get_public_access_block, "PublicAccessBlockConfiguration", Bucket=name)),
        "ownership": get("ownership_controls", "OwnershipControls"),
        "lifecycle": [lifecycle_rule(each) for each in get("lifecycle_configuration", "Rules") or []],
        "policy": policy and statements(policy),
        # Who deploys draws the ids.
        "announces": sorted((str({k: v for k, v in each.items() if k != "Id"}) for kind in announced.values()
                             if isinstance(kind, list) for each in kind)),
        "logging": get("logging"), "cors": get("cors"), "website": get("website"), "tags": tags(get("tagging", "TagSet")),
        "replication": get("replication"), "payer": get("request_payment"), "accelerate": get("accelerate_configuration"),
        "object lock": asked(client.get_object_lock_configuration, Bucket=name),
    }


def lifecycle_rule(rule):
    """S3 takes a prefix by itself, or as the only member of a filter."""
    prefix = rule.pop("Prefix", None)
    return rule | {"Filter": {"Prefix": prefix} if prefix is not None else rule.get("Filter")}


def keys(client):
    found = {}
    for each in paged(client, "list_keys", "Keys"):
        key = client.describe_key(KeyId=each["KeyId"])["KeyMetadata"]
        if key.get("KeyManager") == "AWS" or key["KeyState"] != "Enabled":
            continue
        symmetric = key["KeySpec"] == "SYMMETRIC_DEFAULT"
        found[f"<key {each['KeyId']}>"] = lasting(key) | {
            "policy": statements(client.get_key_policy(KeyId=each["KeyId"], PolicyName="default")["Policy"]),
            "rotates": symmetric and client.get_key_rotation_status(KeyId=each["KeyId"])["KeyRotationEnabled"],
            "tags": tags(client.list_resource_tags(KeyId=each["KeyId"])["Tags"]),
            "aliases": [one["AliasName"] for one in client.list_aliases(KeyId=each["KeyId"])["Aliases"]],
        }
    return found


def rules(client):
    return {each["Name"]: rule(client, each["Name"]) for each in client.list_rules()["Rules"] if each["Name"].startswith(STACK)}


def rule(client, name):
    answer = lasting(client.describe_rule(Name=name))
    if "EventPattern" in answer:
        answer["EventPattern"] = json.loads(answer["EventPattern"])
    targets = client.list_targets_by_rule(Rule=name)["Targets"]
    return answer | {"targets": sorted(targets, key=lambda each: each["Id"])}


def alarms(client):
    return {each["AlarmName"]: lasting(each) for each in paged(client, "describe_alarms", "MetricAlarms")}


def queues(client):
    urls = client.list_queues(QueueNamePrefix=STACK).get("QueueUrls", [])
    return {url.split("/")[-1]: queue(client, url) for url in urls}


def queue(client, url):
    attributes = lasting(client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])
    if "Policy" in attributes:
        attributes["Policy"] = statements(attributes["Policy"])
    return attributes | {"tags": client.list_queue_tags(QueueUrl=url).get("Tags", {})}


def topics(client):
    found = {}
    for arn in [each["TopicArn"] for each in client.list_topics()["Topics"]]:
        attributes = client.get_topic_attributes(TopicArn=arn)["Attributes"]
        attributes["Policy"] = statements(attributes["Policy"])
        attributes["tags"] = tags(client.list_tags_for_resource(ResourceArn=arn)["Tags"])
        found[arn] = attributes
    return found


def log_groups(client):
    groups = paged(client, "describe_log_groups", "logGroups", logGroupNamePrefix=f"/aws/lambda/{STACK}")
    return {each["logGroupName"]: lasting(each) for each in groups}


def dashboards(client):
    names = [each["DashboardName"] for each in client.list_dashboards()["DashboardEntries"]]
    return {name: json.loads(client.get_dashboard(DashboardName=name)["DashboardBody"]) for name in names}


def saved_queries(client):
    return {
        each["name"]: {"asks": each["queryString"], "of": each["logGroupNames"]}
        for each in client.describe_query_definitions()["queryDefinitions"]
    }


# ---------------------------------------------------------------------------- names


def drawn_names(clients):
    """Patterns of what a deployment draws, and what it stands for."""
    # Templates for consumers are deployed as goldsmith-nonprod-consumer-rebuild and so on.
    patterns = [(rf"{STACK}-(?:[a-z]+-)*([A-Z][A-Za-z]+)-[A-Za-z0-9-]+", r"<\1>")]
    for each in paged(clients["kms"], "list_keys", "Keys"):
        aliases = clients["kms"].list_aliases(KeyId=each["KeyId"])["Aliases"]
        description = clients["kms"].describe_key(KeyId=each["KeyId"])["KeyMetadata"]["Description"]
        patterns.append((re.escape(each["KeyId"]), aliases[0]["AliasName"] if aliases else description))
    return patterns


def named(world, patterns, url):
    text = json.dumps(world, sort_keys=True, default=str).replace(url, "<endpoint>")
    for pattern, name in patterns:
        text = re.sub(pattern, name, text)
    return json.loads(text)
