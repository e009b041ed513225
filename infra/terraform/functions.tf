# All functions share one binary; GOLDSMITH_FUNCTION says which of them it is.

locals {
  zip = coalesce(var.zip, "${path.module}/../../target/lambda/bootstrap/bootstrap.zip")

  functions = {
    reconcile = {
      description = "Compares the documents with what exists, and takes the next safe step"
      role        = aws_iam_role.reconcile.arn
    }
    scheduled-build = {
      description = "Starts the pipelines that the document lists as scheduled"
      role        = aws_iam_role.scheduled_build.arn
    }
    image-events = {
      description = "Publishes an image that became available, and tells of one that failed"
      role        = aws_iam_role.image_events.arn
    }
  }

  # Who may invoke which function, and from where.
  invokers = {
    DocumentsInvokeReconcile          = ["reconcile", "s3.amazonaws.com", local.documents_arn]
    HourlyRuleInvokesReconcile        = ["reconcile", "events.amazonaws.com", aws_cloudwatch_event_rule.hourly.arn]
    BuildRuleInvokesScheduledBuild    = ["scheduled-build", "events.amazonaws.com", aws_cloudwatch_event_rule.build.arn]
    ImageEventsRuleInvokesReconcile   = ["reconcile", "events.amazonaws.com", aws_cloudwatch_event_rule.image_events.arn]
    ImageEventsRuleInvokesImageEvents = ["image-events", "events.amazonaws.com", aws_cloudwatch_event_rule.image_events.arn]
  }
}

resource "aws_lambda_function" "function" {
  # checkov:skip=CKV_AWS_50:X-Ray would be one more cost for each run; the reports say what a run did
  # checkov:skip=CKV_AWS_115:reserved concurrency would be taken from the account's pool; an alarm reports throttles
  # checkov:skip=CKV_AWS_116:the event invoke configuration sends what it failed on to the queue of failures
  # checkov:skip=CKV_AWS_117:it calls nothing but AWS's own endpoints
  # checkov:skip=CKV_AWS_173:its variables are names and ARNs, which this module shows
  # checkov:skip=CKV_AWS_272:the release is proved by its attestation before it is deployed
  for_each = local.functions

  function_name = "${local.stack}-${each.key}"
  description   = each.value.description
  role          = each.value.role

  filename         = local.zip
  source_code_hash = filebase64sha256(local.zip)
  runtime          = "provided.al2023"
  architectures    = [var.architecture]
  handler          = "bootstrap"
  memory_size      = 256
  timeout          = 300

  environment {
    variables = {
      GOLDSMITH_FUNCTION = each.key
      ENVIRONMENT        = var.environment
      ACCOUNT_ID         = local.account
      DOCUMENT_BUCKET    = local.document_bucket
      OUTPUT_BUCKET      = local.output_bucket
      KEY_ARN            = local.key_arn
      SIGNING_KEY        = local.signing_key_arn
      PARAMETER_PREFIX   = var.parameter_prefix
      TOPIC_ARN          = local.topic_arn
      # The name is composed: the rule's target is a function, so that neither can wait for the other.
      BUILD_RULE       = "${local.stack}-build"
      INSTANCE_PROFILE = local.instance_profile
      INSTANCE_ROLES   = join(",", var.instance_role_arns)
      INSTANCE_ROLE    = local.instance_role_arn
      EXECUTION_ROLE   = aws_iam_role.distribution.arn
    }
  }

  logging_config {
    log_format = "JSON"
    # Lambda gives it to the function as AWS_LAMBDA_LOG_LEVEL.
    application_log_level = var.log_level
    log_group             = aws_cloudwatch_log_group.function[each.key].name
  }
}

resource "aws_cloudwatch_log_group" "function" {
  # checkov:skip=CKV_AWS_158:CloudWatch encrypts it; a log must outlive a key that is disabled
  # checkov:skip=CKV_AWS_338:log_retention_days is a variable; the reports stay for a year
  for_each = local.functions

  name              = "/aws/lambda/${local.stack}-${each.key}"
  retention_in_days = var.log_retention_days
}

# Lambda tries an event three times in six hours. What it gives up on, people find in the queue.
resource "aws_lambda_function_event_invoke_config" "function" {
  for_each = local.functions

  function_name                = aws_lambda_function.function[each.key].function_name
  qualifier                    = "$LATEST"
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 21600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failures.arn
    }
  }

  # Lambda asks whether the role may send to the queue (Lambda developer guide, "Adding a destination").
  depends_on = [aws_iam_role_policy_attachment.shared]
}

resource "aws_lambda_permission" "invoker" {
  for_each = local.invokers

  statement_id   = each.key
  function_name  = aws_lambda_function.function[each.value[0]].function_name
  action         = "lambda:InvokeFunction"
  principal      = each.value[1]
  source_arn     = each.value[2]
  source_account = local.account
}
