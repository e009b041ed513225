# Named as the outputs of infra/consumer-account.yaml; null where nothing was asked for.

output "ParametersRole" {
  description = "parameter-role of this account in the building side's documents"
  value       = one(aws_iam_role.parameters[*].arn)
}

output "VerifyRole" {
  description = "The role that goldsmith verify looks with; its name is fixed"
  value       = one(aws_iam_role.verify[*].arn)
}
