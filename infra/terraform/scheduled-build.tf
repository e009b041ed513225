# What the function scheduled-build may do.

resource "aws_iam_role" "scheduled_build" {
  name                 = local.named["ScheduledBuildRole"]
  assume_role_policy   = local.trusts["lambda"]
  permissions_boundary = local.boundary_arn
}

resource "aws_iam_role_policy" "scheduled_build_report" {
  name = "report"
  role = aws_iam_role.scheduled_build.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "${local.output_arn}/reports/*" }]
  })
}

resource "aws_iam_role_policy" "start_builds" {
  name = "start-builds"
  role = aws_iam_role.scheduled_build.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # Lists take no resource.
      {
        Effect    = "Allow"
        Action    = ["imagebuilder:ListImagePipelines", "imagebuilder:ListImageBuildVersions"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:RequestedRegion" = local.region } }
      },
      # Starting reads the pipeline (service authorization reference, dependent actions) and tags the image
      # that it makes.
      {
        Effect    = "Allow"
        Action    = ["imagebuilder:StartImagePipelineExecution", "imagebuilder:GetImagePipeline"]
        Resource  = "arn:${local.partition}:imagebuilder:${local.region}:${local.account}:image-pipeline/*"
        Condition = { StringEquals = { "aws:ResourceTag/goldsmith:environment" = var.environment } }
      },
      {
        Effect   = "Allow"
        Action   = "imagebuilder:TagResource"
        Resource = "arn:${local.partition}:imagebuilder:${local.region}:${local.account}:image/*"
        Condition = {
          StringEquals         = { "aws:RequestTag/goldsmith:environment" = var.environment }
          StringEqualsIfExists = { "aws:ResourceTag/goldsmith:environment" = var.environment }
        }
      },
      # A build that finds no room is marked on its pipeline, for reconcile to start it later.
      {
        Effect   = "Allow"
        Action   = "imagebuilder:TagResource"
        Resource = "arn:${local.partition}:imagebuilder:${local.region}:${local.account}:image-pipeline/*"
        Condition = {
          StringEquals                = { "aws:ResourceTag/goldsmith:environment" = var.environment }
          StringEqualsIfExists        = { "aws:RequestTag/goldsmith:environment" = var.environment }
          "ForAllValues:StringEquals" = { "aws:TagKeys" = ["goldsmith:owed-build"] }
        }
      },
      {
        Effect    = "Allow"
        Action    = "iam:CreateServiceLinkedRole"
        Resource  = local.service_linked_role
        Condition = { StringEquals = { "iam:AWSServiceName" = "imagebuilder.amazonaws.com" } }
      },
    ]
  })
}
