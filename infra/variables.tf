variable "project_id" {
  description = "The project that everything is made in."
  type        = string
}

variable "region" {
  description = "Where functions, buckets and documents are."
  type        = string
}

variable "allowed_origins" {
  description = "The shop app's origins, which may PUT files from a browser."
  type        = list(string)

  validation {
    condition     = alltrue([for origin in var.allowed_origins : startswith(origin, "https://")])
    error_message = "An origin is a whole one (https://app.example.com): * would let any page upload."
  }
}

variable "public_hosts" {
  description = "The hosts that the interface is served at, the one that Scheduler names first."
  type        = list(string)

  validation {
    condition     = length(var.public_hosts) > 0 && alltrue([for host in var.public_hosts : can(regex("^[a-z0-9.-]+$", host))])
    error_message = "A host is a name without https:// and without a path; there is one or more."
  }
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
  description = "Where `make bundles` left one zip a function, as an absolute path."
  type        = string
}

variable "secret_versions" {
  description = "The version of each secret that functions read, by its name; 1 where none is given."
  type        = map(string)

  validation {
    # Instances resolve "latest" when they start: two of one run could hash with two keys.
    condition     = alltrue([for version in values(var.secret_versions) : can(regex("^[1-9][0-9]*$", version))])
    error_message = "A secret's version is a number."
  }
}

variable "s3" {
  description = "The S3-compatible bucket that an upload may name a file in; an empty name allows none."
  type = object({
    bucket   = string
    endpoint = string
    region   = string
  })
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

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], var.runs.log_level)
    error_message = "The level is DEBUG, INFO, WARNING, ERROR or CRITICAL."
  }

  validation {
    condition = alltrue([
      for number in [
        [var.runs.quick_start_max_products, 2, 1000],
        [var.runs.quick_start_max_bundles, 1, 100],
        [var.runs.quick_start_timeout_seconds, 5, 540],
        [var.runs.quick_install_cooldown_days, 0, 365],
        [var.runs.processing_timeout_minutes, 1, 1440],
      ] : number[0] == floor(number[0]) && number[0] >= number[1] && number[0] <= number[2]
    ])
    error_message = "A number is whole and within what docs/settings.md allows; functions would not start."
  }
}

variable "fixed_flags" {
  description = "Flags that the environment fixes, by the variable's name."
  type        = map(bool)

  validation {
    condition = length(setsubtract(keys(var.fixed_flags), [
      "ENTERPRISE_OPTIMIZATION_ENABLED",
      "FEATURE_FLAG_BUNDLING_ENABLED",
      "FEATURE_FLAG_PARETO_OPTIMIZATION",
      "FEATURE_FLAG_V2_PIPELINE",
      "STAGED_PUBLISH_ENABLED",
    ])) == 0
    error_message = "docs/settings.md names the flags that the environment can fix."
  }
}

variable "budget" {
  description = "What a month may cost, in whole units; null where the billing account is another's business."
  type = object({
    billing_account = string
    currency        = string
    amount          = number
  })
}

variable "delivery" {
  description = "The repository that Cloud Build watches, and who it deploys as; null to deploy by hand."
  type = object({
    repository   = string
    branch       = string
    deployer     = string
    state_bucket = string
  })
}
