"""That the dashboard shows what there is, without one widget on another, and the same in template and module.

Run it with the Python of target/venv/stack: `make template` does.
"""

import itertools
import json
import re
import unittest
import xml.etree.ElementTree

import dashboard
from alarms_test import alarms
from deployed import ACCOUNT, Deployed
from resolved import INFRA

# The metrics of services that AWS documents: Lambda developer guide, "Types of metrics for Lambda functions";
# EventBridge user guide, "Monitoring Amazon EventBridge"; SQS developer guide, "Available CloudWatch metrics".
DOCUMENTED = {
    "AWS/Lambda": {"AsyncEventAge", "AsyncEventsDropped", "AsyncEventsReceived", "ConcurrentExecutions",
                   "DestinationDeliveryFailures", "Duration", "Errors", "Invocations", "Throttles"},
    "AWS/Events": {"FailedInvocations", "Invocations", "InvocationsSentToDlq", "MatchedEvents", "ThrottledRules",
                   "TriggeredRules"},
    "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"},
}
# What the functions emit, each with the dimension Environment; BuildsFailed with Class as well.
EMITTED = {"BuildsStarted", "BuildsSucceeded", "BuildsFailed", "SecondsToStart", "SecondsToPromotion",
           "ImagesAwaitingApproval", "WaiversEnding", "LeakedGiB", "RunsFailed", "FailuresInARow", "DaysWithoutBuild",
           "PolicyPercent"}
PLACE = {"environment": "prod", "partition": "aws", "region": "us-east-1", "account": ACCOUNT}


def emitted():
    """The names of the metrics that the functions emit."""
    text = (INFRA.parent / "crates/function/src/metrics.rs").read_text()
    return set(re.findall(r'^pub const [A-Z_]+: &str = "(\w+)";$', text, re.MULTILINE)) - {"Goldsmith"}


class Dashboard(unittest.TestCase):
    def setUp(self):
        self.body = dashboard.of_template(Environment="prod")
        self.widgets = self.body["widgets"]
        self.metrics = [each for widget in self.widgets for each in dashboard.metrics(widget)]

    def test_template_and_module_have_the_same(self):
        self.assertEqual(self.body, dashboard.of_module(**PLACE))
        given = re.search(r'dashboard\.json\.tftpl", \{(.*?)\}', (INFRA / "terraform/dashboard.tf").read_text(), re.DOTALL)
        self.assertEqual(set(re.findall(r"(\w+)\s*=", given[1])), PLACE.keys())

    def test_no_widget_lies_on_another_or_beyond_the_grid(self):
        for left, right in itertools.combinations(self.widgets, 2):
            self.assertFalse(dashboard.overlaps(left, right), (left, right))
        for each in self.widgets:
            self.assertLessEqual(each["x"] + each["width"], dashboard.COLUMNS, each)
        moved = self.widgets[3] | {"x": self.widgets[3]["x"] - 1}
        self.assertTrue(dashboard.overlaps(self.widgets[2], moved))

    def test_no_row_has_a_hole(self):
        height = max(each["y"] + each["height"] for each in self.widgets)
        covered = sum(each["width"] * each["height"] for each in self.widgets)
        self.assertEqual(covered, height * dashboard.COLUMNS)

    def test_each_metric_is_one_that_aws_documents_or_the_functions_emit(self):
        for namespace, name, dimensions in self.metrics:
            if namespace == "Goldsmith":
                self.assertIn(name, EMITTED)
                self.assertEqual(dimensions, {"Environment": "prod"}, name)
            else:
                self.assertIn(name, DOCUMENTED[namespace])
        shown = {name for namespace, name, _ in self.metrics if namespace == "Goldsmith"}
        self.assertEqual(shown, EMITTED)

    def test_the_functions_emit_what_is_shown_of_them(self):
        self.assertEqual(emitted(), EMITTED)

    def test_every_metric_that_an_alarm_watches_is_shown_and_every_alarm(self):
        resolved = Deployed("template.yaml", Environment="prod")
        watched = alarms(resolved)
        shown = {(namespace, name, value) for namespace, name, dimensions in self.metrics for value in dimensions.values()}
        queues = {"<Failures.QueueName>": "failures", "<Undelivered.QueueName>": "undelivered", "<KeyChanges.QueueName>": "key-changes"}
        for namespace, name, value in watched:
            value = f"goldsmith-prod-{queues[value]}" if value in queues else value
            self.assertIn((namespace, name, value), shown)
        (widget,) = [each for each in self.widgets if each["type"] == "alarm"]
        arn = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:"
        self.assertEqual(sorted(widget["properties"]["alarms"]), sorted(arn + each["AlarmName"] for each in watched.values()))

    def test_failed_builds_are_searched_by_class_of_this_environment_alone(self):
        (search,) = [each[0]["expression"] for widget in self.widgets for each in widget["properties"].get("metrics", [])
                     if "expression" in each[0]]
        self.assertIn("{Goldsmith,Class,Environment}", search)
        self.assertIn('MetricName="BuildsFailed" Environment="prod"', search)

    def test_the_drawing_has_each_widget_with_its_title(self):
        drawn = xml.etree.ElementTree.fromstring(dashboard.svg(self.body))
        texts = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
        for each in self.widgets:
            title = each["properties"].get("title") or each["properties"]["markdown"].splitlines()[0]
            self.assertIn(title, texts)

    def test_the_region_of_each_metric_is_the_stacks(self):
        regions = {each["properties"]["region"] for each in self.widgets if each["type"] == "metric"}
        self.assertEqual(regions, {"us-east-1"})


class Queries(unittest.TestCase):
    """The saved queries cut members out of a report's line."""

    def setUp(self):
        resources = Deployed("template.yaml", Environment="prod").resources.values()
        self.queries = {each["Properties"]["Name"]: each["Properties"] for each in resources
                        if each["Type"] == "AWS::Logs::QueryDefinition"}

    def test_each_asks_all_functions_of_the_environment(self):
        names = {"goldsmith-prod/what-a-run-did", "goldsmith-prod/errors", "goldsmith-prod/calls-by-run"}
        self.assertEqual(self.queries.keys(), names)
        for each in self.queries.values():
            self.assertEqual(each["LogGroupNames"], ["<ReconcileLogs>", "<ScheduledBuildLogs>", "<ImageEventsLogs>"])

    def test_a_pattern_finds_its_members_in_a_report(self):
        change = {"kind": "component", "target": "a/b", "inputs": [1, [2]]}
        report = json.dumps({
            "time": "2026-01-01T00:00:00Z", "documents": {}, "dry-run": False, "changes": [change, change],
            "waiting": [], "refused": [{"why": "no \"base\""}], "failed": [], "not-attempted": [], "problems": [],
            "calls": {"s3:GetObject": 2, "kms:GetKeyPolicy": 1}, "drift-calls": 0, "writes": 4,
        }, separators=(",", ":"))
        did = self.cut("what-a-run-did", report)
        self.assertEqual(did["changes"], json.dumps([change, change], separators=(",", ":"))[1:-1])
        self.assertEqual((did["waiting"], did["failed"]), ("", ""))
        self.assertEqual(json.loads(f"[{did['refused']}]"), [{"why": "no \"base\""}])
        self.assertEqual(self.cut("calls-by-run", report), {"calls": '"s3:GetObject":2,"kms:GetKeyPolicy":1', "writes": "4"})

    def cut(self, query, text):
        """What the `parse` commands of a query find, each `*` being as short as it can."""
        found = {}
        for pattern, names in re.findall(r"^\| parse `[\w.]+` '(.*)' as (.*)$", self.queries[f"goldsmith-prod/{query}"]["QueryString"], re.MULTILINE):
            match = re.search("(.*?)".join(re.escape(part) for part in pattern.split("*")), text)
            found |= dict(zip(names.split(", "), match.groups()))
        return found


if __name__ == "__main__":
    unittest.main()
