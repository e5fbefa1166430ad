output "uploads_bucket" {
  description = "Where a shop's files land."
  value       = google_storage_bucket.uploads.name
}

output "artefacts_bucket" {
  description = "Where phases leave what the next one reads."
  value       = google_storage_bucket.artefacts.name
}

output "functions" {
  description = "Each function's URL, by phase."
  value       = { for name, function in google_cloudfunctions2_function.phase : name => function.service_config[0].uri }
}

output "dashboard" {
  description = "The dashboard's name."
  value       = google_monitoring_dashboard.chain.id
}

output "interface" {
  description = "Where the shop app finds the interface."
  value       = "https://${var.public_hosts[0]}"
}
