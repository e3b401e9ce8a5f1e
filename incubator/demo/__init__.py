"""The fictional group: its words (words/*.toml) and how it is made, through the services of the product."""
