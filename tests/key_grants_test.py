"""What the function of infra/consumer-account.yaml does that makes Auto Scaling's grants.

Its code is run as it stands in the template, against a key that keeps grants as KMS documents it and a
CloudFormation that listens. Run it with the Python of target/venv/stack: `make template` does.
"""

import http.server
import itertools
import json
import threading
import unittest
from unittest import mock

import boto3
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters

from resolved import Resolved, checked

EAST = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
WEST = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OWN = "arn:aws:kms:us-east-1:222222222222:key/0987dcba-09fe-87dc-65ba-ab0987654321"
GRANTEE = "arn:aws:iam::222222222222:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
ADMIN = "arn:aws:iam::222222222222:role/goldsmith-nonprod-grant-admin"

GIVEN = {"BuildingAccount": "111122223333", "KeyArns": EAST, "AutoScaling": "true"}
TEMPLATE = Resolved("consumer-account.yaml", **GIVEN)
CODE = TEMPLATE.resources["GrantAdmin"]["Properties"]["Code"]["ZipFile"]
MODEL = boto3.client("kms", region_name="us-east-1").meta.service_model


def refusal(code, operation):
    return ClientError({"Error": {"Code": code, "Message": f"{code} of the stand-in"}}, operation)


class Kms:
    """The keys of all Regions: what is granted on them, and what they refuse next."""

    def __init__(self):
        self.grants = {}
        self.calls = []
        self.refusals = []
        self.numbers = itertools.count()

    def client(self, service, region_name):
        assert service == "kms"
        return Region(self, region_name)

    def called(self, operation, region, given):
        validate_parameters(given, MODEL.operation_model(operation).input_shape)
        assert given["KeyId"].split(":")[3] == region, "a key is known in its own Region alone"
        self.calls.append((operation, given["KeyId"]))
        if self.refusals and (code := self.refusals.pop(0)):
            raise refusal(code, operation)


class Region:
    def __init__(self, kms, name):
        self.kms, self.name = kms, name

    def create_grant(self, **given):
        """A named grant that exists with the same parameters is returned (KMS API reference, CreateGrant)."""
        self.kms.called("CreateGrant", self.name, given)
        for grant_id, standing in self.kms.grants.items():
            if standing == given:
                return {"GrantId": grant_id, "GrantToken": "token"}
        grant_id = f"{next(self.kms.numbers):064x}"
        self.kms.grants[grant_id] = given
        return {"GrantId": grant_id, "GrantToken": "token"}

    def retire_grant(self, **given):
        self.kms.called("RetireGrant", self.name, given)
        grant = self.kms.grants.get(given["GrantId"])
        if not grant or grant["KeyId"] != given["KeyId"]:
            raise refusal("NotFoundException", "RetireGrant")
        del self.kms.grants[given["GrantId"]]


class CloudFormation:
    """Listens at the URL that it gives to the function."""

    def __enter__(self):
        answers = self.answers = []

        class Listener(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def event(self, kind, properties, physical_id=None):
        event = {
            "RequestType": kind, "StackId": "stack", "RequestId": "request", "LogicalResourceId": "AutoScalingGrants",
            "ResponseURL": f"http://127.0.0.1:{self.server.server_port}/answer", "ResourceProperties": properties,
        }
        return event | ({"PhysicalResourceId": physical_id} if physical_id else {})


def properties(keys=(EAST,), grantee=GRANTEE):
    return {
        "ServiceToken": "arn", "Name": "goldsmith-nonprod", "Keys": ",".join(keys),
        "Grantee": grantee, "Retiring": ADMIN,
    }


class Grants(unittest.TestCase):
    def setUp(self):
        self.kms = Kms()
        self.waits = []
        self.cloudformation = self.enterContext(CloudFormation())
        self.enterContext(mock.patch("boto3.client", self.kms.client))
        self.enterContext(mock.patch("time.sleep", self.waits.append))
        self.code = {}
        exec(compile(CODE, "index.py", "exec"), self.code)

    def tell(self, kind, given, physical_id=None):
        """The one answer that CloudFormation gets."""
        self.cloudformation.answers.clear()
        self.code["handler"](self.cloudformation.event(kind, given, physical_id), None)
        (answer,) = self.cloudformation.answers
        self.assertEqual(
            (answer["StackId"], answer["RequestId"], answer["LogicalResourceId"]),
            ("stack", "request", "AutoScalingGrants"),
        )
        # "The value can be up to 1 KB" (CloudFormation user guide, custom resource response objects).
        self.assertTrue(0 < len(answer["PhysicalResourceId"]) <= 1024)
        return answer

    def made(self, given):
        answer = self.tell("Create", given)
        self.assertEqual(answer["Status"], "SUCCESS", answer.get("Reason"))
        return answer["PhysicalResourceId"]

    def granted(self):
        return sorted(each["KeyId"] for each in self.kms.grants.values())

    def test_each_region_gets_one_grant_of_these_operations(self):
        self.made(properties([EAST, WEST]))
        self.assertEqual(self.granted(), sorted([EAST, WEST]))
        for grant in self.kms.grants.values():
            self.assertEqual(grant["Operations"], [
                "Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey",
                "GenerateDataKeyWithoutPlaintext", "DescribeKey", "CreateGrant",
            ])
            self.assertEqual((grant["GranteePrincipal"], grant["RetiringPrincipal"]), (GRANTEE, ADMIN))

    def test_a_key_of_ones_own_takes_the_place_of_its_regions(self):
        self.made(properties([EAST, WEST, OWN]))
        self.assertEqual(self.granted(), sorted([OWN, WEST]))

    def test_a_repeated_create_makes_no_second_grant(self):
        first = self.made(properties([EAST, WEST]))
        self.assertEqual(self.made(properties([EAST, WEST])), first)
        self.assertEqual(len(self.kms.grants), 2)

    def test_a_delete_retires_what_was_made_and_nothing_else(self):
        stays = self.made(properties([WEST], grantee=f"{GRANTEE}_other"))
        goes = self.made(properties([EAST, WEST]))
        self.assertEqual(self.tell("Delete", properties([EAST, WEST]), goes)["Status"], "SUCCESS")
        self.assertEqual(list(self.kms.grants), stays.split("/")[1:])

    def test_an_update_grants_before_the_old_grants_go(self):
        old = self.made(properties([EAST]))
        answer = self.tell("Update", properties([EAST, WEST]), old)
        self.assertEqual(answer["Status"], "SUCCESS")
        self.assertNotEqual(answer["PhysicalResourceId"], old)
        self.assertEqual(self.granted(), sorted([EAST, EAST, WEST]))
        # CloudFormation then deletes what has the old id, with the old properties.
        self.tell("Delete", properties([EAST]), old)
        self.assertEqual(self.granted(), sorted([EAST, WEST]))

    def test_an_update_that_changes_nothing_keeps_the_id(self):
        old = self.made(properties([EAST, WEST]))
        answer = self.tell("Update", properties([WEST, EAST]), old)
        self.assertEqual(answer["PhysicalResourceId"], old)
        self.assertEqual(len(self.kms.grants), 2)

    def test_a_create_that_fails_half_way_can_be_taken_back(self):
        self.kms.refusals = [None, "DisabledException"]
        answer = self.tell("Create", properties([EAST, WEST]))
        self.assertEqual(answer["Status"], "FAILED")
        self.assertIn("DisabledException", answer["Reason"])
        self.assertEqual(len(self.kms.grants), 1)
        self.assertEqual(self.tell("Delete", properties([EAST, WEST]), answer["PhysicalResourceId"])["Status"], "SUCCESS")
        self.assertEqual(self.kms.grants, {})

    def test_a_role_that_is_not_known_yet_is_waited_for(self):
        self.kms.refusals = ["AccessDeniedException", "InvalidArnException"]
        self.made(properties())
        self.assertEqual(self.waits, [5, 15])
        self.assertEqual(len(self.kms.grants), 1)

    def test_a_building_side_that_never_allows_it_is_told(self):
        self.kms.refusals = ["AccessDeniedException"] * 9
        answer = self.tell("Create", properties())
        self.assertEqual(answer["Status"], "FAILED")
        self.assertIn("AccessDeniedException", answer["Reason"])
        self.assertLess(sum(self.waits), TEMPLATE.resources["GrantAdmin"]["Properties"]["Timeout"])

    def test_a_grant_that_is_gone_is_no_hindrance(self):
        goes = self.made(properties([EAST, WEST]))
        self.kms.grants.popitem()
        self.assertEqual(self.tell("Delete", properties([EAST, WEST]), goes)["Status"], "SUCCESS")
        self.assertEqual(self.kms.grants, {})

    def test_a_delete_that_fails_is_told(self):
        goes = self.made(properties())
        self.kms.refusals = ["KMSInternalException"]
        answer = self.tell("Delete", properties(), goes)
        self.assertEqual((answer["Status"], answer["PhysicalResourceId"]), ("FAILED", goes))

    def test_what_never_came_to_be_is_deleted_without_a_call(self):
        for unknown in ("none", "goldsmith-AutoScalingGrants-1A2B3C"):
            self.assertEqual(self.tell("Delete", properties(), unknown)["Status"], "SUCCESS")
        self.assertEqual(self.kms.calls, [])

    def test_an_answer_comes_whatever_it_is_asked(self):
        for kind in ("Create", "Update", "Delete"):
            self.assertEqual(self.tell(kind, {}, "x")["Status"], "FAILED")

    def test_as_many_regions_as_an_id_holds(self):
        def regions(count):
            return [EAST.replace("us-east-1", f"us-east-{number}") for number in range(count)]

        self.made(properties(regions(14)))
        answer = self.tell("Create", properties(regions(15)))
        self.assertEqual(answer["Status"], "FAILED")
        self.assertIn("14 Regions, not of 15", answer["Reason"])
        self.assertEqual(len(self.kms.grants), 14)

    def test_an_answer_that_does_not_arrive_fails_the_call_so_that_lambda_repeats_it(self):
        event = self.cloudformation.event("Create", properties()) | {"ResponseURL": "http://127.0.0.1:1/"}
        with self.assertRaises(OSError):
            self.code["handler"](event, None)


class Fit(unittest.TestCase):
    def test_the_properties_are_those_of_the_template(self):
        given = TEMPLATE.resources["AutoScalingGrants"]["Properties"]
        self.assertEqual(given.keys() - {"ServiceTimeout"}, properties().keys())
        self.assertEqual(given["Name"], "goldsmith-nonprod")
        self.assertEqual(given["Keys"], EAST)
        own = Resolved("consumer-account.yaml", **GIVEN | {"OwnKeyArns": OWN}).resources["AutoScalingGrants"]
        self.assertEqual(own["Properties"]["Keys"], f"{EAST},{OWN}")

    def test_the_longest_name_fits_too(self):
        checked("Environment", TEMPLATE.template["Parameters"]["Environment"], "abcdefghijkl")
        self.assertLessEqual(len("goldsmith-abcdefghijkl-") + 16 + 14 * 65, 1024)

    def test_cloudformation_takes_the_code_inline(self):
        # ZipFile took 4,096 characters for years, and may still where a Region is behind.
        self.assertLessEqual(len(CODE), 4096)

    def test_cloudformation_waits_longer_than_the_function_runs(self):
        timeout = TEMPLATE.resources["GrantAdmin"]["Properties"]["Timeout"]
        self.assertGreater(int(TEMPLATE.resources["AutoScalingGrants"]["Properties"]["ServiceTimeout"]), timeout)


if __name__ == "__main__":
    unittest.main()
