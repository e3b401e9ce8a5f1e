"""Who reviews what: exact, with a certificate. numpy, scipy and OR-Tools: for jobs alone."""
