"""Any OpenStack with Keystone v3, and its object store where it has one."""
