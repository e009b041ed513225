"""Who writes into the buckets of infra/template.yaml, and that a lost stack is made again over them.

Run it with the Python of target/venv/stack: `make template` does.
"""

import unittest

from judge import ACCOUNT, Deployed, Judge, role

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
UPLOADER = role("goldsmith-github-nonprod-UploadRole-1ABC")
PEOPLE = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Images_*"
ADMINISTRATOR = role("administrator")
FUNCTIONS = tuple(map(role, ("ReconcileRole", "ScheduledBuildRole", "ImageEventsRole")))
WRITES = ("PutObject", "PutObjectAcl", "PutObjectTagging", "DeleteObject", "DeleteObjectTagging", "ReplicateObject",
          "ReplicateDelete", "ReplicateTags", "RestoreObject")
FORGETS = ("DeleteObjectVersion", "PutBucketVersioning", "PutLifecycleConfiguration")


def stack(**given):
    return Deployed("template.yaml", **given)


class Writers(unittest.TestCase):
    def decide(self, resolved, name, principal, action, key="", **keys):
        policy = resolved.resources[f"{name}Policy"]["Properties"]["PolicyDocument"]
        arn = resolved.arn(name) + key
        return Judge(resolved).by_resource(policy, principal, f"s3:{action}", arn, **keys)

    def test_what_consumers_read_is_written_by_the_roles_that_publish_alone(self):
        resolved = stack()
        others = (ROOT, ADMINISTRATOR, FUNCTIONS[1], role("ReconcileRole", "222222222222"), role("ReconcileRole2"),
                  role("BuildInstanceRole"))
        for key in ("/images/110304/image.json", "/images/110304/image-eu-west-1.json", "/images/x"):
            for action in WRITES:
                for each in others:
                    self.assertEqual(self.decide(resolved, "OutputBucket", each, action, key), "Deny", (each, action))
                for each in (FUNCTIONS[0], FUNCTIONS[2]):
                    self.assertEqual(self.decide(resolved, "OutputBucket", each, action, key), "ImplicitDeny", each)

    def test_what_the_functions_remember_is_written_by_them_alone_and_removed_by_a_person(self):
        resolved = stack()
        for key in ("/quarantine.json", "/leases/key.json", "/reports/latest.json", "/sboms/ami-1.cdx.json", "/anything"):
            for each, decision in (ADMINISTRATOR, "Deny"), (ROOT, "Deny"), *((one, "ImplicitDeny") for one in FUNCTIONS):
                self.assertEqual(self.decide(resolved, "OutputBucket", each, "PutObject", key), decision, (each, key))
            # docs/operations.md: a quarantine ends when its object is deleted.
            self.assertEqual(self.decide(resolved, "OutputBucket", ADMINISTRATOR, "DeleteObject", key), "ImplicitDeny")

    def test_results_are_written_by_build_instances_alone(self):
        for resolved in (stack(), stack(ExistingOutputBucket="old-output")):
            policy = resolved.resources["OutputBucketPolicy"]["Properties"]
            judge = Judge(resolved)
            bucket = f"arn:aws:s3:::{policy['Bucket'].strip('<>')}"
            bucket = resolved.arn("OutputBucket") if "<" in policy["Bucket"] else bucket
            decide = lambda each, key: judge.by_resource(policy["PolicyDocument"], each, "s3:PutObject", bucket + key)
            instance = role("BuildInstanceRole")
            self.assertEqual(decide(instance, "/results/ami-1/openscap/results.json"), "ImplicitDeny")
            for key in ("/results", "/results.json", "/x/results/y", "/images/110304/image.json", "/reports/latest.json",
                        "/leases/key.json", "/quarantine.json", "/components/a.yml", "/sboms/ami-1.cdx.json"):
                self.assertEqual(decide(instance, key), "Deny", key)
            for each in (ROOT, ADMINISTRATOR, *FUNCTIONS, role("BuildInstanceRole2"),
                         role("BuildInstanceRole", "222222222222")):
                self.assertEqual(decide(each, "/results/ami-1/openscap/results.json"), "Deny", each)

    def test_no_version_is_deleted_and_versioning_stays(self):
        resolved = stack()
        for bucket, key in ("DocumentBucket", "/environment.json"), ("OutputBucket", "/images/110304/image.json"):
            for action in FORGETS:
                on = key if action == "DeleteObjectVersion" else ""
                for each in (ROOT, ADMINISTRATOR, *FUNCTIONS, UPLOADER):
                    self.assertEqual(self.decide(resolved, bucket, each, action, on), "Deny", (bucket, each, action))

    def test_reading_is_left_to_the_account_and_to_the_statements_of_reconcile(self):
        for each in (ADMINISTRATOR, role("launch", "222222222222")):
            decision = self.decide(stack(), "OutputBucket", each, "GetObject", "/images/110304/image.json")
            self.assertEqual(decision, "ImplicitDeny", each)

    def test_named_uploaders_write_documents_and_nobody_else(self):
        resolved = stack(UploaderArns=f"{UPLOADER},{PEOPLE}")
        person = PEOPLE.replace("*", "0123456789abcdef")
        for action in WRITES:
            for each, decision in ((UPLOADER, "ImplicitDeny"), (person, "ImplicitDeny"), (ROOT, "Deny"),
                                   (ADMINISTRATOR, "Deny"), (FUNCTIONS[0], "Deny"), (UPLOADER + "2", "Deny"),
                                   (UPLOADER.replace(ACCOUNT, "222222222222"), "Deny")):
                self.assertEqual(self.decide(resolved, "DocumentBucket", each, action, "/x.json"), decision, (each, action))

    def test_a_comma_too_many_opens_nothing(self):
        resolved = stack(UploaderArns=f"{UPLOADER},")
        self.assertEqual(self.decide(resolved, "DocumentBucket", ADMINISTRATOR, "PutObject", "/x.json"), "Deny")

    def test_without_a_name_the_account_decides_who_uploads(self):
        for each in (UPLOADER, ADMINISTRATOR):
            self.assertEqual(self.decide(stack(), "DocumentBucket", each, "PutObject", "/x.json"), "ImplicitDeny")

    def test_an_uploader_is_a_role_or_a_user_and_never_everybody(self):
        for bad in ("*", "arn:aws:iam::*:role/x", f"arn:aws:iam::{ACCOUNT}:role/*", f"arn:aws:iam::{ACCOUNT}:root",
                    ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/", f"{UPLOADER},*", f"{UPLOADER}, {UPLOADER}",
                    f"arn:aws:sts::{ACCOUNT}:assumed-role/x/y", f"arn:aws:iam::{ACCOUNT}:user/?"):
            with self.assertRaises(AssertionError, msg=bad):
                stack(UploaderArns=bad)


class Leftovers(unittest.TestCase):
    def test_what_is_written_for_one_call_or_one_run_is_forgotten(self):
        rules = stack().resources["OutputBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
        kept = {rule["Prefix"]: rule.get("ExpirationInDays") for rule in rules if rule["Status"] == "Enabled"}
        self.assertEqual(kept, {"reports/": 365, "results/": 365, "leases/": None, "components/": 7})
        # A version that was replaced costs as much as the one that stands.
        self.assertTrue(all("NoncurrentVersionExpiration" in rule for rule in rules))

    def test_nothing_that_consumers_read_or_that_is_remembered_expires(self):
        rules = stack().resources["OutputBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
        for key in "images/110304/image.json", "quarantine.json":
            self.assertFalse([rule["Id"] for rule in rules if key.startswith(rule["Prefix"])], key)


class Recovery(unittest.TestCase):
    GIVEN = {
        "ExistingDocumentBucket": "old-documents", "ExistingOutputBucket": "old-output",
        "ExistingKeyArn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "ExistingSigningKeyArn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-1234abcd12ab34cd56ef1234567890ab",
    }
    MADE = {"ExistingDocumentBucket": "DocumentBucket", "ExistingOutputBucket": "OutputBucket",
            "ExistingKeyArn": "ImageKey", "ExistingSigningKeyArn": "SigningKey"}

    def test_what_exists_is_not_made_each_by_itself(self):
        for name, value in self.GIVEN.items():
            resources = stack(**{name: value}).resources
            there = {each for each in self.MADE.values() if each in resources}
            self.assertEqual(there, set(self.MADE.values()) - {self.MADE[name]}, name)

    def test_nothing_names_what_is_not_made(self):
        resolved = stack(**self.GIVEN)
        text = str(resolved.resources) + str(resolved.outputs) + str(resolved.value(resolved.template["Globals"]))
        for name in ("<ImageKey", "<SigningKey", "key/ImageKey", "key/SigningKey", "<DocumentBucket", "<OutputBucket",
                     "goldsmith-nonprod-documents", "goldsmith-nonprod-output"):
            self.assertNotIn(name + ">", text)
            self.assertNotIn(name + "-" if "nonprod" in name else name + "'", text)

    def test_functions_and_outputs_follow(self):
        resolved = stack(**self.GIVEN)
        variables = resolved.value(resolved.template["Globals"])["Function"]["Environment"]["Variables"]
        outputs = {name: each["Value"] for name, each in resolved.outputs.items()}
        for variable, output, parameter in (
            ("DOCUMENT_BUCKET", "DocumentBucket", "ExistingDocumentBucket"),
            ("OUTPUT_BUCKET", "OutputBucket", "ExistingOutputBucket"),
            ("KEY_ARN", "KeyArn", "ExistingKeyArn"),
            ("SIGNING_KEY", "SigningKeyArn", "ExistingSigningKeyArn"),
        ):
            self.assertEqual(variables[variable], self.GIVEN[parameter])
            self.assertEqual(outputs[output], self.GIVEN[parameter])
        self.assertEqual(resolved.resources["ImageKeyAlias"]["Properties"]["TargetKeyId"], self.GIVEN["ExistingKeyArn"])

    def test_the_policies_hold_for_buckets_that_were_there(self):
        resolved = stack(**self.GIVEN)
        for name, bucket in ("DocumentBucketPolicy", "old-documents"), ("OutputBucketPolicy", "old-output"):
            properties = resolved.resources[name]["Properties"]
            self.assertEqual(properties["Bucket"], bucket)
            for statement in properties["PolicyDocument"]["Statement"]:
                arns = statement.get("Resource") or statement["NotResource"]
                for arn in arns if isinstance(arns, list) else [arns]:
                    self.assertTrue(arn.startswith(f"arn:aws:s3:::{bucket}"), arn)

    def test_the_roles_reach_what_was_there_and_nothing_by_the_usual_name(self):
        judge = Judge(stack(**self.GIVEN))
        for name, action, bucket, usual in (
            ("ReconcileRole", "s3:GetObject", "old-documents", "documents"),
            ("ReconcileRole", "s3:PutObject", "old-output", "output"),
            ("ImageEventsRole", "s3:PutObject", "old-output", "output"),
        ):
            usual = f"goldsmith-nonprod-{usual}-{ACCOUNT}-us-east-1"
            self.assertEqual(judge.by_role(name, action, f"arn:aws:s3:::{bucket}/images/x"), "Allow", name)
            self.assertEqual(judge.by_role(name, action, f"arn:aws:s3:::{usual}/images/x"), "ImplicitDeny", name)
        key = self.GIVEN["ExistingKeyArn"]
        self.assertEqual(judge.by_role("ReconcileRole", "kms:PutKeyPolicy", key), "Allow")
        self.assertEqual(judge.by_role("ReconcileRole", "kms:Sign", self.GIVEN["ExistingSigningKeyArn"]), "Allow")

    def test_the_bucket_that_was_there_may_invoke_reconcile(self):
        permission = stack(**self.GIVEN).resources["DocumentsInvokeReconcile"]["Properties"]
        self.assertEqual(permission["SourceArn"], "arn:aws:s3:::old-documents")

    def test_what_is_no_bucket_or_key_is_refused(self):
        for name, bad in (
            ("ExistingDocumentBucket", ("A", "a", "arn:aws:s3:::x", "x/y", "x*")),
            ("ExistingOutputBucket", ("A", "*", "x_y")),
            ("ExistingKeyArn", ("1234abcd-12ab-34cd-56ef-1234567890ab", "alias/x", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/x",
                                f"arn:aws:kms:us-east-1:{ACCOUNT}:key/*")),
        ):
            for value in bad:
                with self.assertRaises(AssertionError, msg=value):
                    stack(**{name: value})


if __name__ == "__main__":
    unittest.main()
