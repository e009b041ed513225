# What wakes the functions. A rule that cannot hand an event to its target leaves it in the queue `undelivered`.

# Events are best effort: this repairs what one of them missed.
resource "aws_cloudwatch_event_rule" "hourly" {
  name                = "${local.stack}-hourly"
  description         = "Looks again"
  schedule_expression = "rate(1 hour)"
}

resource "aws_cloudwatch_event_rule" "build" {
  name                = "${local.stack}-build"
  description         = "Rebuilds the scheduled recipes, so that patches reach the AMIs"
  schedule_expression = "cron(0 6 ? * SUN *)"

  # These are initial values. The document sets the schedule, and reconcile enables a rule that a hand
  # disabled. An apply that put them back would rebuild images at another hour.
  lifecycle {
    ignore_changes = [schedule_expression, state]
  }
}

resource "aws_cloudwatch_event_rule" "image_events" {
  name        = "${local.stack}-image-events"
  description = "Image Builder finished a build"
  event_pattern = jsonencode({
    source      = ["aws.imagebuilder"]
    detail-type = ["EC2 Image Builder Image State Change"]
    detail      = { state = { status = ["AVAILABLE", "FAILED", "CANCELLED"] } }
  })
}

# Calls that make a key of the stack unusable, from CloudTrail: the account needs a trail of management events.
# They go to a queue whose alarm notifies. EventBridge could publish to the topic itself, but only if the
# topic's policy lets in all of EventBridge: it takes no condition there (EventBridge user guide,
# "Troubleshooting").
resource "aws_cloudwatch_event_rule" "key_changes" {
  name        = "${local.stack}-key-changes"
  description = "Somebody made a key of the stack unusable"
  event_pattern = jsonencode({
    source      = ["aws.kms"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail = {
      eventSource = ["kms.amazonaws.com"]
      eventName   = ["DeleteImportedKeyMaterial", "DisableKey", "DisableKeyRotation", "ScheduleKeyDeletion"]
      resources   = { ARN = compact([local.key_arn, local.signing_key_arn, local.topic_key_arn]) }
    }
  })
}

locals {
  # Reconcile hears of images too: it makes the copies of what became available, distributes again what failed,
  # and publishes what has copies when they are there.
  targets = {
    hourly-reconcile          = [aws_cloudwatch_event_rule.hourly.name, "reconcile", aws_lambda_function.function["reconcile"].arn]
    build-scheduled-build     = [aws_cloudwatch_event_rule.build.name, "scheduled-build", aws_lambda_function.function["scheduled-build"].arn]
    image-events-image-events = [aws_cloudwatch_event_rule.image_events.name, "image-events", aws_lambda_function.function["image-events"].arn]
    image-events-reconcile    = [aws_cloudwatch_event_rule.image_events.name, "reconcile", aws_lambda_function.function["reconcile"].arn]
    key-changes-key-changes   = [aws_cloudwatch_event_rule.key_changes.name, "key-changes", aws_sqs_queue.key_changes.arn]
  }
}

resource "aws_cloudwatch_event_target" "target" {
  for_each = local.targets

  rule      = each.value[0]
  target_id = each.value[1]
  arn       = each.value[2]

  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }
}
