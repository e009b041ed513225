"""What must hold for infra/github-oidc.yaml: who may assume its roles, and what they may do.

Run it with the Python of target/venv/stack: `make template` does.
"""

import unittest

from resolved import Resolved

GITHUB = "token.actions.githubusercontent.com"
REPOSITORY = {"Owner": "octo", "Repository": "images"}


def resolved(**given):
    return Resolved("github-oidc.yaml", **REPOSITORY, **given)


class Trust(unittest.TestCase):
    def subject(self, role, **given):
        return resolved(**given).trust(role)["Condition"]["StringEquals"][f"{GITHUB}:sub"]

    def test_the_token_must_be_for_aws_of_one_subject_and_one_branch(self):
        for role, subject in (("PlanRole", "nonprod-plan"), ("UploadRole", "nonprod")):
            trust = resolved().trust(role)
            self.assertEqual(trust["Action"], "sts:AssumeRoleWithWebIdentity")
            self.assertEqual(trust["Principal"], {"Federated": "<Provider>"})
            self.assertEqual(trust["Condition"], {"StringEquals": {
                f"{GITHUB}:aud": "sts.amazonaws.com",
                f"{GITHUB}:sub": f"repo:octo/images:environment:{subject}",
                f"{GITHUB}:ref": "refs/heads/main",
            }})

    def test_a_repository_with_an_immutable_subject_is_named_with_its_numbers(self):
        numbers = {"OwnerId": "583231", "RepositoryId": "1296269"}
        self.assertEqual(self.subject("PlanRole", **numbers), "repo:octo@583231/images@1296269:environment:nonprod-plan")
        self.assertEqual(self.subject("UploadRole", **numbers), "repo:octo@583231/images@1296269:environment:nonprod")

    def test_a_branch_may_be_trusted_instead_of_an_environment(self):
        main = "ref:refs/heads/main"
        self.assertEqual(self.subject("UploadRole", UploadSubject=main), f"repo:octo/images:{main}")
        self.assertEqual(self.subject("PlanRole", PlanSubject=main), f"repo:octo/images:{main}")

    def test_no_subject_can_be_a_pattern(self):
        for name in ("PlanSubject", "UploadSubject"):
            for value in ("*", "ref:refs/heads/*", "pull_request", "environment:*", "ref:refs/tags/v1"):
                with self.assertRaises(AssertionError, msg=value):
                    resolved(**{name: value})

    def test_the_branch_is_not_asked_for_where_iam_does_not_know_it(self):
        conditions = resolved(Branch="").trust("UploadRole")["Condition"]["StringEquals"]
        self.assertEqual(conditions.keys(), {f"{GITHUB}:aud", f"{GITHUB}:sub"})

    def test_a_provider_that_is_there_is_used(self):
        arn = f"arn:aws-us-gov:iam::111122223333:oidc-provider/{GITHUB}"
        given = resolved(ProviderArn=arn)
        self.assertNotIn("Provider", given.resources)
        for role in ("PlanRole", "UploadRole"):
            self.assertEqual(given.trust(role)["Principal"], {"Federated": arn})
        self.assertEqual(resolved().resources["Provider"]["DeletionPolicy"], "Retain")


class Rights(unittest.TestCase):
    def setUp(self):
        self.resolved = resolved(Environment="prod")

    def test_who_uploads_can_do_these_two_things_and_nothing_else(self):
        self.assertEqual(list(self.resolved.statements("UploadRole")), [
            {
                "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": "arn:aws:s3:::goldsmith-prod-documents-111122223333-us-east-1/*",
            },
            {
                "Effect": "Allow", "Action": "lambda:InvokeFunction",
                "Resource": "arn:aws:lambda:us-east-1:111122223333:function:goldsmith-prod-reconcile",
            },
        ])
        self.assertNotIn("ManagedPolicyArns", self.resolved.resources["UploadRole"]["Properties"])

    def test_who_plans_only_reads(self):
        reads = ("Get", "List", "Describe", "Verify")
        changes = [each for each in self.resolved.actions("PlanRole") if not each.split(":")[1].startswith(reads)]
        self.assertEqual(changes, [])
        self.assertNotIn("ManagedPolicyArns", self.resolved.resources["PlanRole"]["Properties"])

    def test_a_plan_reads_what_is_published_and_no_other_environment(self):
        objects = [each for each in self.resolved.resources_of("PlanRole") if ":s3:::" in each and "/" in each]
        self.assertEqual(objects, [
            "arn:aws:s3:::goldsmith-prod-documents-111122223333-us-east-1/*",
            "arn:aws:s3:::goldsmith-prod-output-111122223333-us-east-1/reports/*",
            "arn:aws:s3:::goldsmith-prod-output-111122223333-us-east-1/images/*",
            "arn:aws:s3:::goldsmith-prod-output-111122223333-us-east-1/results/*",
            "arn:aws:s3:::goldsmith-prod-output-111122223333-us-east-1/sboms/*",
            "arn:aws:s3:::goldsmith-prod-output-111122223333-us-east-1/quarantine.json",
        ])

    def test_everything_is_in_the_partition_of_the_region(self):
        elsewhere = resolved(partition="aws-us-gov")
        for role in ("PlanRole", "UploadRole"):
            for resource in elsewhere.resources_of(role):
                self.assertTrue(resource == "*" or resource.startswith("arn:aws-us-gov:"), resource)

    def test_only_what_takes_no_resource_has_none(self):
        anywhere = ("ec2:Describe", "imagebuilder:List", "servicequotas:")
        for role in ("PlanRole", "UploadRole"):
            for statement in self.resolved.allowed(role):
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                if statement["Resource"] == "*":
                    self.assertTrue(all(each.startswith(anywhere) for each in actions), actions)


if __name__ == "__main__":
    unittest.main()
