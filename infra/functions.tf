locals {
  # Everything that a function reads from its environment, but for secrets.
  settings = {
    BUNDLECHAIN_PROJECT          = var.project_id
    BUNDLECHAIN_UPLOADS_BUCKET   = google_storage_bucket.uploads.name
    BUNDLECHAIN_ARTEFACTS_BUCKET = google_storage_bucket.artefacts.name
    BUNDLECHAIN_S3_BUCKET        = var.s3.bucket
    BUNDLECHAIN_S3_ENDPOINT      = var.s3.endpoint
    BUNDLECHAIN_S3_REGION        = var.s3.region
    LOG_LEVEL                    = var.runs.log_level
    QUICK_START_ENABLED          = tostring(var.runs.quick_start_enabled)
    QUICK_START_MAX_PRODUCTS     = tostring(var.runs.quick_start_max_products)
    QUICK_START_MAX_BUNDLES      = tostring(var.runs.quick_start_max_bundles)
    QUICK_START_TIMEOUT_SECONDS  = tostring(var.runs.quick_start_timeout_seconds)
    QUICK_INSTALL_COOLDOWN_DAYS  = tostring(var.runs.quick_install_cooldown_days)
    PROCESSING_TIMEOUT_MINUTES   = tostring(var.runs.processing_timeout_minutes)
  }

  # What else one reads that anybody may call.
  public_settings = {
    BUNDLECHAIN_SHOPIFY_CLIENT_ID = var.shopify_client_id
    BUNDLECHAIN_CORS_ORIGINS      = join(",", var.allowed_origins)
    BUNDLECHAIN_TRUSTED_HOSTS     = join(",", var.public_hosts)
    BUNDLECHAIN_CLOCK_ACCOUNT     = google_service_account.clock.email
    BUNDLECHAIN_CLOCK_AUDIENCE    = "https://${var.public_hosts[0]}"
    FUNCTION_USE_ASGI             = "true" # answers on an event loop: a listener holds no thread
  }

  # Flags that nobody may change while it runs: the one that begins runs pins them into each.
  fixed_flags = { for name, on in var.fixed_flags : name => tostring(on) }

  environment = {
    for name in keys(module.topology.phases) : name => merge(
      local.settings,
      { for setting, value in merge(local.public_settings, local.fixed_flags) : setting => value if contains(keys(module.topology.public), name) },
    )
  }

  bundles = { for name in keys(module.topology.phases) : name => "${var.bundles_folder}/${name}.zip" }
}

# Named by content: equal sources change nothing, and an older commit's bundle is the older object.
resource "google_storage_bucket_object" "bundle" {
  for_each = local.bundles

  bucket = google_storage_bucket.sources.name
  name   = "${each.key}/${filesha256(each.value)}.zip"
  source = each.value
}

resource "google_cloudfunctions2_function" "phase" {
  for_each = module.topology.phases

  project     = var.project_id
  location    = var.region
  name        = each.value.id
  description = each.value.does

  build_config {
    runtime           = "python313"
    entry_point       = "main"
    service_account   = google_service_account.build.id
    docker_repository = google_artifact_registry_repository.functions.id

    source {
      storage_source {
        bucket = google_storage_bucket.sources.name
        object = google_storage_bucket_object.bundle[each.key].name
      }
    }
  }

  service_config {
    service_account_email = google_service_account.phase[each.key].email
    # Pub/Sub and Scheduler count as internal.
    ingress_settings                 = contains(keys(module.topology.public), each.key) ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"
    available_memory                 = "${each.value.memory_mb}Mi"
    timeout_seconds                  = each.value.timeout_s
    max_instance_request_concurrency = each.value.concurrency
    max_instance_count               = each.value.max_instances
    min_instance_count               = 0
    all_traffic_on_latest_revision   = true
    environment_variables            = local.environment[each.key]

    dynamic "secret_environment_variables" {
      for_each = toset(each.value.secrets)

      content {
        project_id = var.project_id
        key        = secret_environment_variables.key
        secret     = google_secret_manager_secret.secret[secret_environment_variables.key].secret_id
        version    = lookup(var.secret_versions, secret_environment_variables.key, "1")
      }
    }
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.build_pushes,
    google_project_iam_member.build_logs,
    google_project_iam_member.documents,
    google_secret_manager_secret_iam_member.reads,
    google_storage_bucket_iam_member.build_reads,
  ]
}
