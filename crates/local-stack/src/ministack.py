"""Runs ministack for as long as whoever started it holds the other end of standard input.

While a function runs, or an event is on its way to one, a file lies in the directory that RUNNING names:
ministack itself does not tell.
Nor does its STS tell whose session a key is: each session is a file in the directory that SESSIONS names.
Its S3 takes any principal: accounts that do not exist are files in the directory that UNKNOWN_ACCOUNTS names.
Its policies take the ARN of a session for aws:PrincipalArn, which is the role's, and `*` for what GetParameters names.
Its CloudFormation makes no boundary of a role, and neither it nor its CloudWatch Logs knows saved queries.
Its CloudWatch leaves out most of an alarm where the caller speaks the Query protocol, as Terraform's provider does.
It listens on this machine alone, so HTTP stands for HTTPS: the buckets' policies refuse HTTP to whoever deploys them too.
"""

import contextvars
import functools
import json
import os
import signal
import sys
import tempfile
import threading
import types
import uuid
from xml.sax.saxutils import escape


def follow_the_parent():
    """A closed pipe outlives no parent, not even one that was killed; the workers are in our group."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=follow_the_parent, daemon=True).start()

from ministack import app as gateway  # noqa: E402
from ministack.core import iam_actions, iam_evaluator, responses  # noqa: E402
from ministack.services import cloudwatch, cloudwatch_logs, eventbridge, iam, lambda_svc, s3, sts  # noqa: E402
from ministack.services.cloudformation import provisioners  # noqa: E402

delivering = contextvars.ContextVar("delivering", default=False)


def running():
    return tempfile.NamedTemporaryFile(dir=os.environ["RUNNING"])


class SeenThread(threading.Thread):
    """A thread that delivers an event shows from before the call that starts it has returned."""

    mark = None

    def start(self):
        if delivering.get():
            self.mark = running()
        super().start()

    def run(self):
        try:
            super().run()
        finally:
            if self.mark:
                self.mark.close()


def as_delivery(function, is_one=True):
    """The threads that `function` starts deliver an event, or do not."""

    @functools.wraps(function)
    def marked(*arguments, **named):
        before = delivering.set(is_one)
        try:
            return function(*arguments, **named)
        finally:
            delivering.reset(before)

    return marked


for service in (eventbridge, lambda_svc, s3):
    service.threading = types.SimpleNamespace(**vars(threading) | {"Thread": SeenThread})
s3._fire_s3_event_async = as_delivery(s3._fire_s3_event_async)
eventbridge._dispatch_to_lambda = as_delivery(eventbridge._dispatch_to_lambda)
lambda_svc.invoke_async_with_retry = as_delivery(lambda_svc.invoke_async_with_retry)

# What a function's process needs outlives the invocation: those threads deliver nothing.
execute = as_delivery(lambda_svc._execute_function, is_one=False)


def execute_seen(function, event):
    with running():
        return execute(function, event)


lambda_svc._execute_function = execute_seen

register = sts.register_session
TOLD = ("Arn", "UserId", "Expiration", "SessionPolicies")


def register_told(key, session):
    """Written beside it and renamed, so that nobody reads half a file."""
    with tempfile.NamedTemporaryFile("w", dir=os.environ["TMPDIR"], delete=False) as file:
        json.dump({name: session.get(name) for name in TOLD}, file)
    os.replace(file.name, os.path.join(os.environ["SESSIONS"], key))
    return register(key, session)


sts.register_session = register_told

put_bucket_policy = s3._put_bucket_policy


def put_bucket_policy_judged(bucket, body):
    """S3 names no principal either when it refuses one."""
    policy = body.decode("utf-8", errors="replace")
    if any(f"arn:aws:iam::{account}:" in policy for account in os.listdir(os.environ["UNKNOWN_ACCOUNTS"])):
        return s3._error("MalformedPolicy", "Invalid principal in policy", 400, f"/{bucket}")
    return put_bucket_policy(bucket, body)


s3._put_bucket_policy = put_bucket_policy_judged

resolve_condition_key = iam_evaluator._resolve_condition_key


def resolve_condition_key_of_role(key, context):
    """Of a session, aws:PrincipalArn is the role with its path (IAM user guide, "Properties of the principal")."""
    arn = resolve_condition_key(key, context)
    if key.lower() != "aws:principalarn" or ":assumed-role/" not in arn:
        return arn
    name = arn.split("/")[1]
    role = iam._roles.get_scoped(context.principal_account, None, name)
    return role["Arn"] if role else arn


iam_evaluator._resolve_condition_key = resolve_condition_key_of_role

extract_resource_arn = iam_actions.extract_resource_arn
enforce = iam_evaluator.enforce


class Arns(str):
    """The first of several resources that one call names."""

    others = ()


def extract_parameter_arns(service, method, path, headers, body, query_params, region, account_id):
    """GetParameters needs a right for each parameter; Amazon's own have no account in their ARN."""
    arn = extract_resource_arn(service, method, path, headers, body, query_params, region, account_id)
    if service != "ssm" or arn != "*" or not headers.get("x-amz-target", "").endswith(".GetParameters"):
        return arn
    arns = [parameter_arn(name, region, account_id) for name in json.loads(body).get("Names", [])]
    first = Arns(arns[0] if arns else "*")
    first.others = arns[1:]
    return first


def parameter_arn(name, region, account):
    owner = "" if name.startswith("/aws/service/") else account
    return f"arn:aws:ssm:{region}:{owner}:parameter/{name.removeprefix('/')}"


def enforce_each(key, action, service, region, resource_arn="*", **named):
    for arn in (resource_arn, *getattr(resource_arn, "others", ())):
        denied = enforce(key, action, service, region, resource_arn=arn, **named)
        if denied:
            return denied
    return None


iam_actions.extract_resource_arn = extract_parameter_arns
iam_evaluator.enforce = enforce_each

describe_alarms = cloudwatch._describe_alarms


def as_query(value):
    """A value as the Query protocol writes it; what is absent is left out."""
    if isinstance(value, dict):
        return "".join(f"<{name}>{as_query(each)}</{name}>" for name, each in value.items() if each is not None)
    if isinstance(value, list):
        return "".join(f"<member>{as_query(each)}</member>" for each in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


def describe_alarms_whole(params, data, is_cbor, is_json=False):
    """All that was stored but the times of changes, which nobody compares, and which are no texts there."""
    if is_cbor or is_json:
        return describe_alarms(params, data, is_cbor, is_json)
    lists = {name: [params[key][0] for key in params if key.startswith(f"{name}.member.")]
             for name in ("AlarmNames", "AlarmTypes")}
    asked = {name: params[name][0] for name in ("AlarmNamePrefix", "StateValue", "MaxRecords", "NextToken") if name in params}
    status, headers, body = describe_alarms({}, lists | asked, False, True)
    if status != 200:
        return describe_alarms(params, data, is_cbor, is_json)
    answer = json.loads(body)
    for alarm in answer["MetricAlarms"] + answer["CompositeAlarms"]:
        for name in [each for each in alarm if each.endswith("Timestamp")]:
            del alarm[name]
    return cloudwatch._xml(
        200, "DescribeAlarmsResponse", f"<DescribeAlarmsResult>{as_query(answer)}</DescribeAlarmsResult>"
    )


cloudwatch._describe_alarms = describe_alarms_whole



def bounded(provision):
    """A role is made or changed with the boundary that its template gives it; IAM knows no policy that is not there."""

    @functools.wraps(provision)
    def provision_bounded(name, *arguments, **named):
        properties = arguments[1] if provision is update_role else arguments[0]
        boundary = properties.get("PermissionsBoundary")
        if boundary and not iam._policy_exists(boundary):
            raise ValueError(f"Scope ARN: {boundary} does not exist or is not attachable.")
        made = provision(name, *arguments, **named)
        iam._roles[made[0]]["PermissionsBoundary"] = boundary
        return made

    return provision_bounded


role_handlers = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]
update_role = role_handlers["update"]
for each in ("create", "update"):
    role_handlers[each] = bounded(role_handlers[each])

queries = responses.AccountRegionScopedDict()


def put_query(given):
    query = given.get("queryDefinitionId") or str(uuid.uuid4())
    queries[query] = given | {"queryDefinitionId": query}
    return {"queryDefinitionId": query}


def describe_queries(given):
    prefix = given.get("queryDefinitionNamePrefix", "")
    return {"queryDefinitions": [each for each in queries.values() if each["name"].startswith(prefix)]}


def delete_query(given):
    return {"success": queries.pop(given["queryDefinitionId"], None) is not None}


QUERY_CALLS = {
    "PutQueryDefinition": put_query, "DescribeQueryDefinitions": describe_queries, "DeleteQueryDefinition": delete_query,
}
handle_logs = cloudwatch_logs.handle_request


async def handle_logs_and_queries(method, path, headers, body, query_params):
    call = QUERY_CALLS.get(headers.get("x-amz-target", "").split(".")[-1])
    if not call:
        return await handle_logs(method, path, headers, body, query_params)
    return responses.json_response(call(json.loads(body)))


cloudwatch_logs.handle_request = handle_logs_and_queries


def query_of(properties, **known):
    members = {"Name": "name", "QueryString": "queryString", "LogGroupNames": "logGroupNames"}
    return put_query(known | {name: properties[member] for member, name in members.items()})["queryDefinitionId"]


provisioners._RESOURCE_HANDLERS["AWS::Logs::QueryDefinition"] = {
    "create": lambda _logical, properties, _stack: (query_of(properties), {}),
    "update": lambda query, _old, properties, _stack: (query_of(properties, queryDefinitionId=query), {}),
    "delete": lambda query, _properties: delete_query({"queryDefinitionId": query}),
}

serve = gateway.app


async def serve_as_https(scope, receive, send):
    await serve(scope | {"scheme": "https"} if scope["type"] == "http" else scope, receive, send)


gateway.app = serve_as_https

gateway.main()
