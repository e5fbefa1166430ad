# The same rows that Python reads: no file here names a phase or a topic.
module "topology" {
  source    = "./topology"
  document  = jsondecode(file("${path.module}/../pipeline_lib/topology.json"))
  elsewhere = var.s3.bucket != ""
}
