"""What infra/template.yaml reports, when it does and how often.

Run it with the Python of target/venv/stack: `make template` does.
"""

import pathlib
import unittest

from judge import ACCOUNT, Deployed, Judge
from template_test import processed

ROOT = pathlib.Path(__file__).parents[1]
FUNCTIONS = ("reconcile", "scheduled-build", "image-events")
RULES = ("hourly", "build", "image-events", "key-changes")
COMPARES = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}


def states(alarm, points):
    """The states that an alarm has after each period, for one datapoint a period; None is a missing one.

    As CloudWatch evaluates M out of N (CloudWatch user guide, "Configuring how CloudWatch alarms treat
    missing data"), without its longer evaluation range for points that come late.
    """
    periods = alarm["EvaluationPeriods"]
    needed = alarm.get("DatapointsToAlarm", periods)
    compare, missing = COMPARES[alarm["ComparisonOperator"]], alarm["TreatMissingData"]
    state = "OK"

    def breaches(point):
        return missing == "breaching" if point is None else compare(point, threshold(alarm))

    for end in range(periods, len(points) + 1):
        seen = points[end - periods:end]
        if missing != "ignore" or any(point is not None for point in seen):
            state = "ALARM" if sum(map(breaches, seen)) >= needed else "OK"
        yield state


def threshold(alarm):
    return float(alarm["Threshold"])


def alarms(resolved):
    """The alarms by the metric and its dimension that each looks at."""
    found = {}
    for each in resolved.resources.values():
        if each["Type"] == "AWS::CloudWatch::Alarm":
            alarm = each["Properties"]
            (dimension,) = alarm["Dimensions"]
            found[alarm["Namespace"], alarm["MetricName"], str(dimension["Value"])] = alarm
    return found


class Alarms(unittest.TestCase):
    def setUp(self):
        self.resolved = Deployed("template.yaml")
        self.alarms = alarms(self.resolved)

    def queue(self, name):
        return self.alarms["AWS/SQS", "NumberOfMessagesSent", f"<{name}.QueueName>"]

    def test_each_new_failure_rings_though_an_older_one_still_lies_in_the_queue(self):
        # A message lies there for fourteen days: what is visible never falls to nothing in between.
        for name in ("Failures", "Undelivered", "KeyChanges"):
            self.assertEqual(list(states(self.queue(name), [1, 0, 0, 2, None, 1])),
                             ["ALARM", "OK", "OK", "ALARM", "OK", "ALARM"], name)
        for alarm in self.alarms.values():
            self.assertNotIn("Visible", alarm["MetricName"])

    def test_each_functions_errors_throttles_and_lost_events_ring(self):
        for function in FUNCTIONS:
            for metric in ("Errors", "Throttles", "DestinationDeliveryFailures", "AsyncEventsDropped"):
                alarm = self.alarms["AWS/Lambda", metric, f"goldsmith-nonprod-{function}"]
                self.assertEqual(list(states(alarm, [0, None, 1, 0])), ["OK", "OK", "ALARM", "OK"], metric)

    def test_a_function_that_comes_near_its_timeout_rings_before_it_is_cut_off(self):
        timeout = self.resolved.template["Globals"]["Function"]["Timeout"] * 1000
        for function in FUNCTIONS:
            alarm = self.alarms["AWS/Lambda", "Duration", f"goldsmith-nonprod-{function}"]
            # One run of many is enough, so that it is the longest that counts.
            self.assertEqual(alarm["Statistic"], "Maximum")
            self.assertEqual(list(states(alarm, [2000, None, 0.85 * timeout, 0.7 * timeout])), ["OK", "OK", "ALARM", "OK"])

    def test_two_hours_without_a_reconcile_ring_and_one_does_not(self):
        for alarm in (self.alarms["AWS/Lambda", "Invocations", "goldsmith-nonprod-reconcile"],
                      self.alarms["AWS/Events", "Invocations", "goldsmith-nonprod-hourly"]):
            self.assertEqual(alarm["Period"], 3600)
            # A rule that is disabled, deleted or without its target has no datapoints at all.
            self.assertEqual(list(states(alarm, [1, None, 1, None, None, 3])), ["OK", "OK", "OK", "ALARM", "OK"])

    def test_each_rule_that_fails_to_invoke_rings(self):
        for rule in RULES:
            alarm = self.alarms["AWS/Events", "FailedInvocations", f"goldsmith-nonprod-{rule}"]
            self.assertEqual(list(states(alarm, [None, 1, None])), ["OK", "ALARM", "OK"], rule)

    def gauge(self, metric):
        return self.alarms["Goldsmith", metric, "nonprod"]

    def test_what_reconcile_measures_rings_until_an_hour_measures_less(self):
        for metric, points in {"FailuresInARow": [2, 3, None, 0], "PolicyPercent": [80, 81, None, 79],
                               "DaysWithoutBuild": [35, 36, None, 0]}.items():
            alarm = self.gauge(metric)
            self.assertEqual((alarm["Period"], alarm["Statistic"]), (3600, "Maximum"))
            self.assertEqual(list(states(alarm, points)), ["OK", "ALARM", "ALARM", "OK"], metric)

    def test_the_days_without_a_build_are_a_parameter(self):
        found = alarms(Deployed("template.yaml", MaxDaysWithoutBuild="8"))
        alarm = found["Goldsmith", "DaysWithoutBuild", "nonprod"]
        self.assertEqual(list(states(alarm, [8, 9])), ["OK", "ALARM"])

    def test_the_metrics_of_alarms_are_those_that_the_functions_write(self):
        written = (ROOT / "crates/function/src/metrics.rs").read_text()
        for (namespace, metric, _) in self.alarms:
            if namespace == "Goldsmith":
                self.assertIn(f'"{metric}"', written)

    def test_every_alarm_notifies_and_says_what_it_means(self):
        topic = self.resolved.arn("Topic")
        for key, alarm in self.alarms.items():
            self.assertEqual(alarm["AlarmActions"], [topic], key)
            self.assertNotEqual(alarm.get("ActionsEnabled"), False, key)
            self.assertTrue(alarm["AlarmName"].startswith("goldsmith-nonprod-"), key)
            self.assertGreater(len(alarm["AlarmDescription"]), 30, key)
            self.assertIn(alarm["TreatMissingData"], ("breaching", "notBreaching", "ignore"), key)
        names = [alarm["AlarmName"] for alarm in self.alarms.values()]
        self.assertEqual(len(names), len(set(names)))


class DeadLetters(unittest.TestCase):
    def setUp(self):
        self.resolved = Deployed("template.yaml")

    def sends(self, queue, source, account=ACCOUNT, service="events.amazonaws.com"):
        policy = self.resolved.resources[f"{queue}Policy"]["Properties"]["PolicyDocument"]
        (statement,) = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
        allowed = statement["Condition"]
        return (
            statement["Principal"] == {"Service": service}
            and statement["Action"] == "sqs:SendMessage"
            and source in allowed["ArnEquals"]["aws:SourceArn"]
            and allowed["StringEquals"]["aws:SourceAccount"] == account
        )

    def test_every_target_of_every_rule_has_a_queue_that_takes_what_it_missed(self):
        rules = {name: each["Properties"] for name, each in self.resolved.resources.items()
                 if each["Type"] == "AWS::Events::Rule"}
        self.assertEqual({each["Name"] for each in rules.values()}, {f"goldsmith-nonprod-{rule}" for rule in RULES})
        for name, rule in rules.items():
            for target in rule["Targets"]:
                self.assertEqual(target["DeadLetterConfig"]["Arn"], self.resolved.arn("Undelivered"), name)
            self.assertTrue(self.sends("Undelivered", self.resolved.arn(name)), name)

    def test_no_other_rule_and_no_other_account_sends_there(self):
        for queue, rule in ("Undelivered", "HourlyRule"), ("KeyChanges", "KeyRule"):
            own = self.resolved.arn(rule)
            self.assertTrue(self.sends(queue, own))
            self.assertFalse(self.sends(queue, f"arn:aws:events:us-east-1:{ACCOUNT}:rule/other"))
            self.assertFalse(self.sends(queue, own, account="222222222222"))
            self.assertFalse(self.sends(queue, own, service="sns.amazonaws.com"))


class Keys(unittest.TestCase):
    """CloudTrail's events of KMS, matched as EventBridge matches them."""

    def matches(self, pattern, event):
        if isinstance(pattern, list):
            return (event if not isinstance(event, list) else None) in pattern
        if isinstance(event, list):
            return any(self.matches(pattern, each) for each in event)
        return isinstance(event, dict) and all(self.matches(each, event.get(name)) for name, each in pattern.items())

    def event(self, call, key):
        return {
            "source": "aws.kms", "detail-type": "AWS API Call via CloudTrail",
            "detail": {"eventSource": "kms.amazonaws.com", "eventName": call,
                       "resources": [{"ARN": "arn:aws:s3:::x"}, {"ARN": key, "type": "AWS::KMS::Key"}]},
        }

    def test_what_makes_a_key_unusable_rings_for_each_key_of_the_stack(self):
        resolved = Deployed("template.yaml")
        pattern = resolved.resources["KeyRule"]["Properties"]["EventPattern"]
        keys = [resolved.arn(name) for name in ("ImageKey", "SigningKey", "TopicKey")]
        for key in keys:
            for call in ("DisableKey", "ScheduleKeyDeletion", "DisableKeyRotation", "DeleteImportedKeyMaterial"):
                self.assertTrue(self.matches(pattern, self.event(call, key)), (call, key))
            for call in ("Decrypt", "EnableKey", "CancelKeyDeletion", "DescribeKey"):
                self.assertFalse(self.matches(pattern, self.event(call, key)), call)
        other = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/other"
        self.assertFalse(self.matches(pattern, self.event("DisableKey", other)))

    def test_keys_that_were_there_ring_as_well(self):
        given = {name: f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890a{number}"
                 for number, name in enumerate(("ExistingKeyArn", "ExistingSigningKeyArn"))}
        pattern = Deployed("template.yaml", **given).resources["KeyRule"]["Properties"]["EventPattern"]
        for key in given.values():
            self.assertTrue(self.matches(pattern, self.event("DisableKey", key)), key)


class Topic(unittest.TestCase):
    def setUp(self):
        self.resolved = Deployed("template.yaml")

    def test_it_does_not_depend_on_the_key_that_consumers_use(self):
        topic = self.resolved.resources["Topic"]["Properties"]
        self.assertEqual(topic["KmsMasterKeyId"], self.resolved.arn("TopicKey"))
        image_key = self.resolved.resources["ImageKey"]["Properties"]["KeyPolicy"]["Statement"]
        self.assertEqual([each["Sid"] for each in image_key],
                         ["AccountAdministers", "ImageBuilderUses", "ImageBuilderGrants"])

    def test_alarms_of_this_account_publish_under_its_key_and_no_other_service(self):
        policy = self.resolved.resources["TopicKey"]["Properties"]["KeyPolicy"]
        services = [each for each in policy["Statement"] if "Service" in each["Principal"]]
        self.assertEqual(services, [{
            "Sid": "AlarmsNotify", "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }])

    def test_the_functions_publish_under_it_and_use_the_image_key_for_nothing(self):
        judge = Judge(self.resolved)
        via = {"kms:ViaService": "sns.us-east-1.amazonaws.com"}
        for role in ("ReconcileRole", "ImageEventsRole"):
            for key, decision in ("TopicKey", "Allow"), ("ImageKey", "ImplicitDeny"):
                for action in ("kms:Decrypt", "kms:GenerateDataKey"):
                    self.assertEqual(judge.by_role(role, action, self.resolved.arn(key), **via), decision, (role, key))
            self.assertNotEqual(judge.by_role(role, "kms:Decrypt", self.resolved.arn("TopicKey")), "Allow", role)

    def test_only_this_account_and_its_alarms_publish_and_over_tls(self):
        policy = self.resolved.resources["TopicPolicy"]["Properties"]["PolicyDocument"]
        judge, arn = Judge(self.resolved), self.resolved.arn("Topic")
        for principal, decision in ((f"arn:aws:iam::{ACCOUNT}:root", "Allow"), ("arn:aws:iam::222222222222:root", "ImplicitDeny")):
            self.assertEqual(judge.by_resource(policy, principal, "sns:Publish", arn), decision)
        (alarms,) = [each for each in policy["Statement"] if "Service" in each["Principal"]]
        self.assertEqual(alarms["Principal"], {"Service": "cloudwatch.amazonaws.com"})
        self.assertEqual(alarms["Condition"]["StringEquals"], {"aws:SourceAccount": ACCOUNT})


class Processed(unittest.TestCase):
    def test_a_functions_failed_events_go_to_the_queue_whose_messages_ring(self):
        configured = [each["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]
                      for each in processed().values() if each["Type"] == "AWS::Lambda::EventInvokeConfig"]
        self.assertEqual(configured, [{"Fn::GetAtt": ["Failures", "Arn"]}] * len(FUNCTIONS))


if __name__ == "__main__":
    unittest.main()
