# What people look at: one dashboard, and queries for CloudWatch Logs Insights.

# infra/template.yaml has the same body; tests/dashboard_test.py compares them. Dashboards hold for all Regions of an
# account, so that the Region is in the name.
resource "aws_cloudwatch_dashboard" "stack" {
  dashboard_name = "${local.stack}-${local.region}"
  dashboard_body = templatefile("${path.module}/dashboard.json.tftpl", {
    environment = var.environment, partition = local.partition, region = local.region, account = local.account
  })
}

# Insights knows the members of a JSON line by their path. A report is a text in it, so that members are cut out.
locals {
  queries = {
    what-a-run-did = <<-QUERY
      fields @timestamp, `fields.function` as function, `span.requestId` as run
      | filter `fields.message` = "report"
      | parse `fields.report` '"changes":[*],"waiting":[*],"refused":[*],"failed":[*],' as changes, waiting, refused, failed
      | sort @timestamp desc
      | limit 100
    QUERY
    errors         = <<-QUERY
      fields @timestamp, level, `fields.message` as message, `fields.error` as error, coalesce(`span.requestId`, `record.requestId`) as run, @log
      | filter level in ["ERROR", "WARN"] or `record.status` in ["error", "failure", "timeout"] or @message like "panicked at"
      | sort @timestamp desc
      | limit 200
    QUERY
    calls-by-run   = <<-QUERY
      fields @timestamp, `fields.function` as function, `span.requestId` as run
      | filter `fields.message` = "report"
      | parse `fields.report` '"calls":{*}' as calls
      | parse `fields.report` '"writes":*}' as writes
      | sort @timestamp desc
      | limit 100
    QUERY
  }
}

resource "aws_cloudwatch_query_definition" "query" {
  for_each = local.queries

  name            = "${local.stack}/${each.key}"
  log_group_names = [for each in ["reconcile", "scheduled-build", "image-events"] : aws_cloudwatch_log_group.function[each].name]
  query_string    = chomp(each.value)
}
