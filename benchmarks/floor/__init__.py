"""The floor: the least a page can cost with the same web server, framework, database and templates."""
