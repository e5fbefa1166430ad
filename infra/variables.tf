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
