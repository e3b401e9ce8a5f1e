"""A namespace per sandbox on a Kubernetes cluster, through the official client."""
