# On the rate: an alarm on what lies in a queue for fourteen days would hide every later failure.

locals {
  queue_alarms = {
    failures    = ["A function has given up on an event; the queue holds it for fourteen days", aws_sqs_queue.failures.name]
    undelivered = ["A rule could not hand an event to its target; the queue holds it for fourteen days", aws_sqs_queue.undelivered.name]
    key-changes = ["Somebody disabled a key of the stack, its rotation, or scheduled its deletion; the message in the queue names who", aws_sqs_queue.key_changes.name]
  }

  function_alarms = merge([
    for function in keys(local.functions) : {
      "${function}-errors"        = ["Errors", function, "The function ${function} ended with an error"]
      "${function}-throttles"     = ["Throttles", function, "The function ${function} was not run, because its concurrency is used up or limited"]
      "${function}-slow"          = ["Duration", function, "The function ${function} ran for four of the five minutes that it may run"]
      "${function}-lost-failures" = ["DestinationDeliveryFailures", function, "The function ${function} failed on an event, and the failure queue did not take it"]
      "${function}-dropped"       = ["AsyncEventsDropped", function, "The function ${function} dropped an event without running for it"]
    }
  ]...)

  rule_alarms = toset(["hourly", "build", "image-events", "key-changes"])

  # Nothing that is not there reports itself: no datapoint counts as a breach.
  silence_alarms = {
    no-reconcile = ["AWS/Lambda", "FunctionName", "${local.stack}-reconcile", "Reconcile has not run for two hours"]
    no-hourly    = ["AWS/Events", "RuleName", "${local.stack}-hourly", "The hourly rule has invoked nothing for two hours: it is disabled, deleted or without its target"]
  }

  # What reconcile measures each hour. An hour without a measurement says nothing: another alarm watches for that.
  gauge_alarms = {
    builds-failing = ["FailuresInARow", 2, "Three builds of one recipe have failed in a row"]
    no-build       = ["DaysWithoutBuild", var.max_days_without_build, "A recipe of the schedule has not been built with success for too many days"]
    policy-size    = ["PolicyPercent", 80, "The policy of a key or of the output bucket has over 80 percent of what AWS takes"]
  }

  alarms = merge(
    { for name, each in local.queue_alarms : name => {
      description = each[0], namespace = "AWS/SQS", metric = "NumberOfMessagesSent"
      dimension   = { QueueName = each[1] }
    } },
    { for name, each in local.function_alarms : name => {
      description = each[2], namespace = "AWS/Lambda", metric = each[0]
      dimension   = { FunctionName = "${local.stack}-${each[1]}" }
    } },
    { for name in local.rule_alarms : "${name}-rule" => {
      description = "The rule ${name} matched and could not invoke its target"
      namespace   = "AWS/Events", metric = "FailedInvocations"
      dimension   = { RuleName = "${local.stack}-${name}" }
    } },
  )
}

resource "aws_cloudwatch_metric_alarm" "happened" {
  for_each = local.alarms

  alarm_name        = "${local.stack}-${each.key}"
  alarm_description = each.value.description
  namespace         = each.value.namespace
  metric_name       = each.value.metric
  dimensions        = each.value.dimension
  # The longest run of many counts, in milliseconds.
  statistic           = each.value.metric == "Duration" ? "Maximum" : "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = each.value.metric == "Duration" ? 240000 : 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "silent" {
  for_each = local.silence_alarms

  alarm_name          = "${local.stack}-${each.key}"
  alarm_description   = each.value[3]
  namespace           = each.value[0]
  metric_name         = "Invocations"
  dimensions          = { (each.value[1]) = each.value[2] }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 2
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = [local.topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "measured" {
  for_each = local.gauge_alarms

  alarm_name          = "${local.stack}-${each.key}"
  alarm_description   = each.value[2]
  namespace           = "Goldsmith"
  metric_name         = each.value[0]
  dimensions          = { Environment = var.environment }
  statistic           = "Maximum"
  period              = 3600
  evaluation_periods  = 1
  threshold           = each.value[1]
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "ignore"
  alarm_actions       = [local.topic_arn]
}
