# One project, one chain. Everything is in ./infra; this file says for whom.
terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.7"
    }
  }

  backend "gcs" {
    prefix = "bundlechain"
  }
}

provider "google" {
  project = var.project_id
  region  = var.region

  # The budgets' API wants to know which project pays for the call.
  user_project_override = true
  billing_project       = var.project_id

  default_labels = {
    app = "bundlechain"
  }
}

variable "project_id" {
  description = "The project that everything is made in."
  type        = string
}

variable "region" {
  description = "Where functions, buckets and documents are."
  type        = string
  default     = "us-central1"
}

variable "allowed_origins" {
  description = "The shop app's origins, which may PUT files from a browser."
  type        = list(string)
}

variable "public_hosts" {
  description = "The hosts that the interface is served at, the one that Scheduler names first."
  type        = list(string)
}

variable "shopify_client_id" {
  description = "The app's client id, for which Shopify makes session tokens."
  type        = string
}

variable "alert_email" {
  description = "Who is told when something needs a person."
  type        = string
}

variable "bundles_folder" {
  description = "Where `make bundles` left one zip a function."
  type        = string
  default     = "build/bundles"
}

variable "secret_versions" {
  description = "The version of each secret that functions read, by its name; 1 where none is given."
  type        = map(string)
  default     = {}
}

variable "s3" {
  description = "The S3-compatible bucket that an upload may name a file in; an empty name allows none."
  type = object({
    bucket   = string
    endpoint = string
    region   = string
  })
  default = { bucket = "", endpoint = "", region = "" }
}

variable "runs" {
  description = "How runs are made and logged; docs/settings.md says what each is."
  type = object({
    log_level                   = optional(string, "INFO")
    quick_start_enabled         = optional(bool, true)
    quick_start_max_products    = optional(number, 50)
    quick_start_max_bundles     = optional(number, 10)
    quick_start_timeout_seconds = optional(number, 120)
    quick_install_cooldown_days = optional(number, 30)
    processing_timeout_minutes  = optional(number, 10)
  })
  default = {}
}

variable "fixed_flags" {
  description = "Flags that the environment fixes, by the variable's name."
  type        = map(bool)
  default     = {}
}

variable "budget" {
  description = "What a month may cost, in whole units; null where the billing account is another's business."
  type = object({
    billing_account = string
    currency        = string
    amount          = number
  })
  default = null
}

variable "delivery" {
  description = "The repository that Cloud Build watches, and who it deploys as; null to deploy by hand."
  type = object({
    repository   = string
    branch       = string
    deployer     = string
    state_bucket = string
  })
  default = null
}

module "bundlechain" {
  source = "./infra"

  project_id        = var.project_id
  region            = var.region
  allowed_origins   = var.allowed_origins
  alert_email       = var.alert_email
  public_hosts      = var.public_hosts
  shopify_client_id = var.shopify_client_id
  bundles_folder    = abspath(var.bundles_folder)
  secret_versions   = var.secret_versions
  s3                = var.s3
  runs              = var.runs
  fixed_flags       = var.fixed_flags
  budget            = var.budget
  delivery          = var.delivery
}

output "uploads_bucket" {
  description = "Where a shop's files land."
  value       = module.bundlechain.uploads_bucket
}

output "artefacts_bucket" {
  description = "Where phases leave what the next one reads."
  value       = module.bundlechain.artefacts_bucket
}

output "functions" {
  description = "Each function's URL, by phase."
  value       = module.bundlechain.functions
}

output "interface" {
  description = "Where the shop app finds the interface."
  value       = module.bundlechain.interface
}

output "dashboard" {
  description = "The dashboard's name."
  value       = module.bundlechain.dashboard
}
